"""The trash: DELETE moves a task to it, and `restore` takes it out again."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from conftest import ALICE, client_of, make_task
from tasks.models import Task

TRASH = "/api/tasks?deleted=true"
PREFIXES = ["/api", "/api/v1", f"/api/{ALICE}", f"/api/users/{ALICE}"]


def make_trashed(user: User, title: str = "Thrown away", **fields: Any) -> Task:
    """Returns a new task in the trash of the user."""
    return make_task(user, title, deleted_at=timezone.now(), **fields)


def path_of(task: Task) -> str:
    return f"/api/tasks/{task.pk}"


def titles(client: APIClient, query: str = "deleted=true") -> list[str]:
    response = client.get(f"/api/tasks?{query}")
    assert response.status_code == 200, response.content
    return [task["title"] for task in response.json()]


# --- Life -----------------------------------------------------------------------------------------


def test_a_deleted_task_is_in_the_trash_until_it_is_restored(
    as_alice: APIClient, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    task = make_task(alice, description="Twice", due_date=date(2026, 1, 31), completed=True)
    before = as_alice.get(path_of(task)).json()

    with django_assert_num_queries(1):  # the UPDATE
        deleted = as_alice.delete(path_of(task))
    with django_assert_num_queries(1):  # the page, which is the whole list
        listed = as_alice.get(TRASH)
    with django_assert_num_queries(1):  # the UPDATE returns the task
        restored = as_alice.post(f"{path_of(task)}/restore")

    (trashed,) = listed.json()
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert trashed == {
        **before,
        "updated_at": trashed["updated_at"],
        "deleted_at": trashed["updated_at"],
    }
    assert trashed["updated_at"] > before["updated_at"]
    assert restored.status_code == 200
    assert restored.json() == {**before, "updated_at": restored.json()["updated_at"]}
    assert restored.json()["updated_at"] > trashed["updated_at"]
    assert as_alice.get(path_of(task)).json() == restored.json()
    assert as_alice.get(path_of(task))["ETag"] == restored["ETag"]
    assert titles(as_alice) == []


@pytest.mark.parametrize("trashed", [False, True])
def test_forever_deletes_the_row(
    as_alice: APIClient,
    alice: User,
    trashed: bool,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    task, other = make_trashed(alice) if trashed else make_task(alice), make_task(alice)

    with django_assert_num_queries(1):  # the DELETE
        response = as_alice.delete(f"{path_of(task)}?forever=true")

    assert (response.status_code, response.content) == (204, b"")
    assert Task.objects.get() == other
    assert as_alice.delete(f"{path_of(task)}?forever=true").status_code == 404
    assert as_alice.post(f"{path_of(task)}/restore").status_code == 404


@pytest.mark.parametrize(
    ("query", "ignored"),
    [
        ("forever=false", None),
        ("forever=", None),
        ("forever=yes", "forever"),
        ("forever=1", "forever"),
        ("for_ever=true", "for_ever"),
        ("deleted=true", "deleted"),
    ],
)
def test_without_forever_true_the_task_goes_to_the_trash(
    as_alice: APIClient, alice: User, query: str, ignored: str | None
) -> None:
    task = make_task(alice)

    response = as_alice.delete(f"{path_of(task)}?{query}")

    assert (response.status_code, response.get("Ignored-Fields")) == (204, ignored)
    assert Task.objects.trashed().get() == task


def test_strict_input_returns_400_for_an_unknown_word_in_forever(
    as_alice: APIClient, alice: User, settings: Any
) -> None:
    settings.STRICT_INPUT = True
    task = make_task(alice)

    response = as_alice.delete(f"{path_of(task)}?forever=yes")

    assert response.status_code == 400
    assert response.json()["errors"] == {"forever": ["forever: expected one of: true, false"]}
    assert Task.objects.live().get() == task


def test_forever_twice_returns_400(as_alice: APIClient, alice: User) -> None:
    task = make_task(alice)

    response = as_alice.delete(f"{path_of(task)}?forever=true&forever=false")

    assert response.status_code == 400
    assert response.json()["errors"] == {"forever": ["forever: expected one value, not 2"]}
    assert Task.objects.live().get() == task


def test_forever_false_finds_no_task_in_the_trash(as_alice: APIClient, alice: User) -> None:
    task = make_trashed(alice)

    assert as_alice.delete(f"{path_of(task)}?forever=false").status_code == 404
    assert Task.objects.get() == task


# --- The next task of a series --------------------------------------------------------------------


@pytest.mark.parametrize("body", [None, {"completed": True}])
def test_completing_again_takes_the_next_task_out_of_the_trash(
    as_alice: APIClient, alice: User, body: Any
) -> None:
    repeat = {"rule": "FREQ=DAILY", "from": "due"}
    task = make_task(alice, "Again", repeat=repeat, due_date=date(2099, 12, 24))
    following = as_alice.post(f"{path_of(task)}/complete").json()["next"]
    as_alice.patch(path_of(task), {"completed": False, "title": "Changed"})
    as_alice.delete(f"/api/tasks/{following['id']}")

    again = as_alice.post(f"{path_of(task)}/complete", body).json()["next"]

    assert (again["id"], again["title"], again["deleted_at"]) == (following["id"], "Changed", None)
    assert as_alice.get(f"/api/tasks/{again['id']}").json() == again
    assert Task.objects.count() == 2


# --- A task in the trash is absent elsewhere ------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "below", "body"),
    [
        ("get", "", None),
        ("head", "", None),
        ("put", "", {"title": "Changed"}),
        ("put", "", {}),
        ("patch", "", {"title": "Changed"}),
        ("patch", "", {}),
        ("post", "/complete", None),
        ("patch", "/complete", {"completed": True}),
        ("post", "/toggle", None),
        ("delete", "", None),
    ],
)
def test_a_task_in_the_trash_returns_404(
    as_alice: APIClient, alice: User, method: str, below: str, body: Any
) -> None:
    task = make_trashed(alice)
    before = Task.objects.values().get()

    responses = [
        getattr(as_alice, method)(path_of(task) + below, body, **headers)
        for headers in ({}, {"HTTP_IF_MATCH": "*"}, {"HTTP_IF_MATCH": '"0"'})
    ]

    assert {response.status_code for response in responses} == {404}
    assert Task.objects.values().get() == before


def test_deleted_at_in_a_body_is_ignored(as_alice: APIClient, alice: User) -> None:
    task = make_task(alice)

    changed = as_alice.patch(path_of(task), {"title": "x", "deleted_at": "2026-01-31T00:00:00Z"})

    assert (changed.status_code, changed.json()["deleted_at"]) == (200, None)
    assert "Ignored-Fields" not in changed.headers


@pytest.mark.parametrize(
    "query",
    ["", "deleted=false", "limit=5", "status=pending", "search=away", "priority=medium",
     "sort=title", "due_after=2026-01-01", "limit=1&offset=0"],
)  # fmt: skip
def test_lists_and_their_totals_are_without_the_trash(
    as_alice: APIClient, alice: User, query: str
) -> None:
    for make, title in ((make_task, "Not away"), (make_trashed, "Thrown away")):
        make(alice, title, due_date=date(2026, 1, 31))

    response = as_alice.get(f"/api/tasks?{query}")

    assert [task["title"] for task in response.json()] == ["Not away"]
    assert response["X-Total-Count"] == "1"
    assert "Link" not in response


def test_counts_by_status_are_without_the_trash(
    as_alice: APIClient, alice: User, settings: Any
) -> None:
    settings.API_LIST_SHAPE = "keyed"
    make_task(alice)
    make_trashed(alice)
    make_trashed(alice, completed=True)

    for page in ("", "?limit=1"):
        listed = as_alice.get(f"/api/tasks{page}").json()
        assert (listed["total"], listed["pending_count"], listed["completed_count"]) == (1, 1, 0)


def test_the_list_gets_another_etag_when_a_task_is_deleted(
    as_alice: APIClient, alice: User
) -> None:
    task, _ = make_task(alice), make_task(alice)
    known = as_alice.get("/api/tasks")["ETag"]

    as_alice.delete(path_of(task))

    assert as_alice.get("/api/tasks", HTTP_IF_NONE_MATCH=known).status_code == 200


# --- The list of the trash ------------------------------------------------------------------------


@pytest.fixture
def trash(alice: User, bob: User) -> None:
    """Tasks in Alice's trash, E deleted first and A last; a live one, and one of Bob."""
    now = timezone.now()
    for number, title in enumerate("ABCDE"):
        task = make_task(alice, title, completed=title in "BD", priority=1 + number % 4)
        Task.objects.filter(pk=task.pk).update(deleted_at=now - timedelta(minutes=number))
    make_task(alice, "Live")
    make_trashed(bob, "Not hers")


@pytest.mark.usefixtures("trash")
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", "ABCDE"),
        ("&order=asc", "EDCBA"),
        ("&sort=created_at", "ABCDE"),
        ("&sort=created", "EDCBA"),
        ("&sort=-title", "EDCBA"),
        ("&status=completed", "BD"),
        ("&status=pending", "ACE"),
        ("&priority=low", "AE"),
        ("&search=c", "C"),
        ("&due_after=2026-01-01", ""),
    ],
)
def test_filters_and_sorts_apply_in_the_trash(as_alice: APIClient, query: str, shown: str) -> None:
    response = as_alice.get(TRASH + query)

    assert [task["title"] for task in response.json()] == [*shown]
    assert response["X-Total-Count"] == str(len(shown))


@pytest.mark.usefixtures("trash")
@pytest.mark.parametrize("query", ["", "&order=asc", "&sort=title", "&status=pending"])
def test_all_pages_together_are_the_whole_trash(as_alice: APIClient, query: str) -> None:
    whole = titles(as_alice, f"deleted=true{query}")

    found, url = [], f"{TRASH}{query}&limit=1"
    while url:
        response = as_alice.get(url)
        found += [task["title"] for task in response.json()]
        following = re.search("<http://testserver(.+)>", response.get("Link", ""))
        url = following[1] if following else ""

    assert found == whole


@pytest.mark.usefixtures("trash")
def test_tasks_restored_between_pages_do_not_shift_other_tasks(as_alice: APIClient) -> None:
    first = as_alice.get(f"{TRASH}&limit=2")
    for task in first.json():
        as_alice.post(f"/api/tasks/{task['id']}/restore")
    url = re.search("<http://testserver(.+)>", first["Link"])

    assert url
    assert [task["title"] for task in as_alice.get(url[1]).json()] == ["C", "D"]


@pytest.mark.usefixtures("trash")
def test_a_cursor_of_the_list_is_refused_in_the_trash(as_alice: APIClient, alice: User) -> None:
    make_task(alice, "Live too")
    link = as_alice.get("/api/tasks?limit=1")["Link"]
    cursor = link.partition("cursor=")[2].partition(">")[0]

    response = as_alice.get(f"{TRASH}&cursor={cursor}")

    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["cursor"]


def test_an_unknown_word_in_deleted_is_ignored_and_reported(
    as_alice: APIClient, alice: User
) -> None:
    make_task(alice, "Live")
    make_trashed(alice)

    response = as_alice.get("/api/tasks?deleted=only")

    assert response["Ignored-Fields"] == "deleted"
    assert [task["title"] for task in response.json()] == ["Live"]


# --- Restoring ------------------------------------------------------------------------------------


def test_only_an_own_task_in_the_trash_can_be_restored(
    as_alice: APIClient, alice: User, bob: User
) -> None:
    live, foreign, foreign_trashed = make_task(alice), make_task(bob), make_trashed(bob)
    before = list(Task.objects.order_by("pk").values())

    responses = [
        as_alice.post(f"/api/tasks/{pk}/restore")
        for pk in (live.pk, foreign.pk, foreign_trashed.pk, "1", str(live.pk)[:-1])
    ]

    assert {response.status_code for response in responses} == {404}
    assert {response.json()["detail"] for response in responses} == {"Task not found"}
    assert list(Task.objects.order_by("pk").values()) == before


def test_the_trash_of_another_user_cannot_be_deleted(as_alice: APIClient, bob: User) -> None:
    task = make_trashed(bob)

    assert as_alice.delete(f"{path_of(task)}?forever=true").status_code == 404
    assert Task.objects.get() == task


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_restore_is_a_post(as_alice: APIClient, alice: User, method: str) -> None:
    task = make_trashed(alice)

    response = getattr(as_alice, method)(f"{path_of(task)}/restore")

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert Task.objects.trashed().get() == task


# --- Preconditions --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "below", "in_trash", "status"),
    [
        ("delete", "", False, 204),
        ("delete", "?forever=true", False, 204),
        ("delete", "?forever=true", True, 204),
        ("post", "/restore", True, 200),
    ],
)
def test_if_match_names_the_version_that_may_be_changed(
    as_alice: APIClient, alice: User, method: str, below: str, in_trash: bool, status: int
) -> None:
    task, send = make_task(alice), getattr(as_alice, method)
    tag = as_alice.get(path_of(task))["ETag"]
    if in_trash:
        as_alice.delete(path_of(task))

    refused = send(path_of(task) + below, HTTP_IF_MATCH='"0"')
    current = refused.json()["current"]
    unchanged = send(path_of(task) + below, HTTP_IF_NONE_MATCH=refused["ETag"])
    accepted = send(path_of(task) + below, HTTP_IF_MATCH=refused["ETag"])

    assert (refused.status_code, unchanged.status_code) == (412, 412)
    assert (current["id"], current["deleted_at"] is not None) == (str(task.pk), in_trash)
    assert (refused["ETag"] == tag) == (not in_trash)  # the trash has another version
    assert accepted.status_code == status


def test_if_match_with_the_version_before_the_deletion_does_not_restore(
    as_alice: APIClient, alice: User
) -> None:
    task = make_task(alice)
    tag = as_alice.get(path_of(task))["ETag"]
    as_alice.delete(path_of(task))

    response = as_alice.post(f"{path_of(task)}/restore", HTTP_IF_MATCH=tag)

    assert response.status_code == 412
    assert Task.objects.trashed().exists()


# --- Limits, suspension and paths -----------------------------------------------------------------


def test_the_quota_counts_the_trash(as_alice: APIClient, alice: User, settings: Any) -> None:
    settings.TASKS_PER_USER = 2
    kept, trashed = make_task(alice), make_task(alice)
    as_alice.delete(path_of(trashed))

    refused = as_alice.post("/api/tasks", {"title": "One too many"})
    restored = as_alice.post(f"{path_of(trashed)}/restore")
    as_alice.delete(f"{path_of(kept)}?forever=true")
    created = as_alice.post("/api/tasks", {"title": "Now there is room"})

    assert (refused.status_code, refused.json()["code"]) == (409, "quota_exceeded")
    assert refused.json()["detail"].endswith("delete some for good first")
    assert (restored.status_code, created.status_code) == (200, 201)


@pytest.mark.django_db(transaction=True)
def test_a_suspended_user_neither_sees_nor_changes_the_trash(alice: User) -> None:
    live, trashed, client = make_task(alice), make_trashed(alice), client_of(alice.pk)
    User.objects.update(is_active=False)
    before = list(Task.objects.order_by("pk").values())

    responses = [
        client.get(TRASH),
        client.delete(path_of(live)),
        client.post(f"{path_of(trashed)}/restore"),
        client.delete(f"{path_of(trashed)}?forever=true"),
    ]

    assert {(response.status_code, response.json()["code"]) for response in responses} == {
        (403, "account_suspended")
    }
    assert list(Task.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_trash_is_the_same_at_every_path(
    as_alice: APIClient, alice: User, prefix: str, slash: str
) -> None:
    task = f"{prefix}/tasks/{make_task(alice).pk}"

    responses = [
        as_alice.delete(task + slash),
        as_alice.get(f"{prefix}/tasks{slash}?deleted=true"),
        as_alice.post(f"{task}/restore{slash}"),
        as_alice.delete(f"{task}{slash}?forever=true"),
    ]

    assert [response.status_code for response in responses] == [204, 200, 200, 204]
    assert len(responses[1].json()) == 1
    assert not Task.objects.exists()


@pytest.mark.parametrize(("status", "body"), [(204, b""), (200, b'{"message":"Task deleted"}')])
def test_a_deletion_has_the_same_response_with_and_without_forever(
    as_alice: APIClient, alice: User, settings: Any, status: int, body: bytes
) -> None:
    settings.API_DELETE_STATUS = status

    for query in ("", "?forever=true"):
        response = as_alice.delete(path_of(make_task(alice)) + query)
        assert (response.status_code, response.content) == (status, body)
