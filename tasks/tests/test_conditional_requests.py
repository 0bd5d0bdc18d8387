"""Conditional requests: `ETag`, `If-None-Match` and `If-Match` (RFC 9110 section 13)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.parallel import at_once
from conftest import ALICE, client_of, make_task
from tasks.models import Task

pytestmark = pytest.mark.django_db


def test_every_response_with_a_task_has_a_strong_etag(as_alice: APIClient) -> None:
    created = as_alice.post("/api/tasks", {"title": "Tagged"})
    path = f"/api/tasks/{created.json()['id']}"

    got = as_alice.get(path)
    changed = as_alice.patch(path, {"title": "Again"})
    completed = as_alice.post(f"{path}/complete")

    assert created["ETag"] == got["ETag"]
    assert len({got["ETag"], changed["ETag"], completed["ETag"]}) == 3
    for response in (created, got, changed, completed):
        assert response["ETag"].startswith('"')


def test_if_none_match_with_the_current_version_returns_304(
    alice: User, as_alice: APIClient
) -> None:
    path = f"/api/tasks/{make_task(alice).pk}"
    tag = as_alice.get(path)["ETag"]

    same = as_alice.get(path, HTTP_IF_NONE_MATCH=f'"other", {tag}')
    as_alice.patch(path, {"title": "New"})
    changed = as_alice.get(path, HTTP_IF_NONE_MATCH=tag)

    assert (same.status_code, same.content, same["ETag"]) == (304, b"", tag)
    assert (changed.status_code, changed.json()["title"]) == (200, "New")


def test_head_handles_if_none_match_like_get(alice: User, as_alice: APIClient) -> None:
    for path in ("/api/tasks", f"/api/tasks/{make_task(alice).pk}"):
        got = as_alice.get(path)

        head = as_alice.head(path)
        same = as_alice.head(path, HTTP_IF_NONE_MATCH=got["ETag"])

        assert (head.status_code, head["ETag"]) == (200, got["ETag"])
        assert head["Content-Length"] == str(len(got.content))
        assert same.status_code == 304


def test_a_list_has_an_etag(alice: User, as_alice: APIClient) -> None:
    make_task(alice)
    tag = as_alice.get("/api/tasks")["ETag"]

    same = as_alice.get("/api/tasks", HTTP_IF_NONE_MATCH=tag)
    make_task(alice)
    changed = as_alice.get("/api/tasks", HTTP_IF_NONE_MATCH=tag)

    assert (same.status_code, changed.status_code) == (304, 200)


def test_the_etag_of_a_page_depends_on_x_total_count(alice: User, as_alice: APIClient) -> None:
    make_task(alice, "old")
    newest = make_task(alice, "newest")
    page = "/api/tasks?limit=1"
    before = as_alice.get(page)
    Task.objects.exclude(pk=newest.pk).delete()

    after = as_alice.get(page, HTTP_IF_NONE_MATCH=before["ETag"])

    assert (after.status_code, after["X-Total-Count"]) == (200, "1")


@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [
        ("put", "", {"title": "Mine"}),
        ("patch", "", {"title": "Mine"}),
        ("patch", "", {}),
        ("patch", "/complete", {}),
        ("post", "/complete", {"completed": True}),
        ("post", "/toggle", {}),
        ("delete", "", None),
    ],
)
def test_a_write_with_an_outdated_if_match_returns_412_with_the_current_task(
    alice: User, as_alice: APIClient, method: str, suffix: str, body: object
) -> None:
    path = f"/api/tasks/{make_task(alice).pk}"
    seen = as_alice.get(path)["ETag"]
    as_alice.patch(path, {"title": "Changed"})
    current = as_alice.get(path)

    refused = getattr(as_alice, method)(path + suffix, body, HTTP_IF_MATCH=seen)
    accepted = getattr(as_alice, method)(path + suffix, body, HTTP_IF_MATCH=current["ETag"])

    assert (refused.status_code, refused.json()["code"]) == (412, "precondition_failed")
    assert refused.json()["current"] == current.json()
    assert refused["ETag"] == current["ETag"]
    assert accepted.status_code in {200, 204}


@pytest.mark.parametrize(
    "tag",
    ['"0x65a"', '"nonsense"', 'W/"65a"', '"65a-gzip"', '"' + "f" * 60 + '"', "65a", '""', '"-1"'],
)
def test_an_unknown_tag_in_if_match_returns_412(alice: User, as_alice: APIClient, tag: str) -> None:
    path = f"/api/tasks/{make_task(alice, 'Untouched').pk}"

    assert as_alice.patch(path, {"title": "x"}, HTTP_IF_MATCH=tag).status_code == 412
    assert Task.objects.get().title == "Untouched"


@pytest.mark.parametrize("form", ['W/"{}"', '"{}-gzip"', '"{}--gzip"', 'W/"{}-br"', '"{};zstd"'])
def test_a_tag_changed_by_a_compressing_proxy_names_the_same_version(
    alice: User, as_alice: APIClient, form: str
) -> None:
    path = f"/api/tasks/{make_task(alice).pk}"
    for url in (path, "/api/tasks"):
        tag = form.format(as_alice.get(url)["ETag"].strip('"'))
        assert as_alice.get(url, HTTP_IF_NONE_MATCH=f'"other", {tag}').status_code == 304

    seen = form.format(as_alice.get(path)["ETag"].strip('"'))
    changed = as_alice.patch(path, {"title": "Changed"}, HTTP_IF_MATCH=seen)
    again = as_alice.delete(path, HTTP_IF_MATCH=seen)

    assert (changed.status_code, again.status_code) == (200, 412)


def test_if_match_with_a_star_needs_an_existing_task(alice: User, as_alice: APIClient) -> None:
    task = make_task(alice)
    path = f"/api/tasks/{task.pk}"

    there = as_alice.patch(path, {"title": "x"}, HTTP_IF_MATCH="*")
    task.delete()
    gone = as_alice.patch(path, {"title": "x"}, HTTP_IF_MATCH="*")

    assert (there.status_code, gone.status_code) == (200, 404)


def test_another_users_task_returns_404_with_any_version(
    alice: User, as_alice: APIClient, as_bob: APIClient
) -> None:
    path = f"/api/tasks/{make_task(alice).pk}"
    tag = as_alice.get(path)["ETag"]

    assert as_bob.patch(path, {"title": "x"}, HTTP_IF_MATCH=tag).status_code == 404
    assert as_bob.delete(path, HTTP_IF_MATCH=tag).status_code == 404
    assert as_bob.get(path, HTTP_IF_NONE_MATCH=tag).status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_write_with_the_current_version_in_if_none_match_returns_412(
    alice: User, as_alice: APIClient, method: str
) -> None:
    path = f"/api/tasks/{make_task(alice).pk}"
    tag = as_alice.get(path)["ETag"]

    excluded = [
        getattr(as_alice, method)(path, {"title": "x"}, HTTP_IF_NONE_MATCH=value).status_code
        for value in ("*", tag, f"W/{tag}")
    ]
    other = getattr(as_alice, method)(path, {"title": "x"}, HTTP_IF_NONE_MATCH='"1"')

    assert excluded == [412, 412, 412]
    assert other.status_code in {200, 204}


def test_the_etag_of_a_page_with_a_cursor_does_not_depend_on_the_time(
    alice: User, as_alice: APIClient
) -> None:
    for _ in range(2):
        make_task(alice)
    with time_machine.travel("2030-01-01T00:00:00Z", tick=False):
        before = client_of(ALICE).get("/api/tasks?limit=1")
    with time_machine.travel("2030-01-01T00:01:00Z", tick=False):
        after = client_of(ALICE).get("/api/tasks?limit=1", HTTP_IF_NONE_MATCH=before["ETag"])

    assert after.status_code == 304


def test_get_with_an_outdated_if_match_returns_412(alice: User, as_alice: APIClient) -> None:
    path = f"/api/tasks/{make_task(alice).pk}"

    refused = as_alice.get(path, HTTP_IF_MATCH='"1"')

    assert (refused.status_code, refused.json()["code"]) == (412, "precondition_failed")


@pytest.mark.parametrize("name", ["HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"])
def test_conditions_with_a_date_are_ignored(alice: User, as_alice: APIClient, name: str) -> None:
    path = f"/api/tasks/{make_task(alice).pk}"
    tag = as_alice.get(path)["ETag"]
    dated: dict[str, Any] = {name: "Sat, 29 Oct 1994 19:43:31 GMT"}

    alone = as_alice.get(path, **dated)
    other = as_alice.get(path, HTTP_IF_NONE_MATCH='"1"', **dated)
    same = as_alice.get(path, HTTP_IF_NONE_MATCH=tag, **dated)

    assert (alone.status_code, other.status_code, same.status_code) == (200, 200, 304)


@pytest.mark.django_db(transaction=True)
def test_of_ten_concurrent_writes_with_the_same_if_match_one_succeeds(alice: User) -> None:
    path = f"/api/tasks/{make_task(alice).pk}"
    tag = client_of(ALICE).get(path)["ETag"]

    def write() -> int:
        return client_of(ALICE).patch(path, {"title": "Mine"}, HTTP_IF_MATCH=tag).status_code

    statuses = at_once(*[write] * 10)

    assert sorted(statuses) == [200] + [412] * 9


def test_versions_grow_when_a_servers_clock_is_behind(alice: User, as_alice: APIClient) -> None:
    task = make_task(alice)
    Task.objects.update(updated_at=task.updated_at + timedelta(hours=1))
    before = Task.objects.get().updated_at

    as_alice.patch(f"/api/tasks/{task.pk}", {"title": "Later"})

    assert Task.objects.get().updated_at > before
