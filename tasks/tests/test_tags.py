"""Tags of tasks, and the requests for tags of all tasks."""

import time
import unicodedata
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.parallel import at_once
from conftest import client_of, make_task
from tasks.fields import INVISIBLE
from tasks.models import SyncState, Task

AWKWARD = [
    "a,b",
    'say "hi"',
    "back\\slash",
    "{brace}",
    "100%",
    "🎉",
    "NULL",
    "'",
    "a b",
    "a/b",
    "ÄÖ",
]
# Visible at both ends, so that nothing is trimmed.
VISIBLE = st.characters(codec="utf-8", categories=["L", "N", "P", "S"])
INSIDE = st.characters(codec="utf-8", exclude_characters="\0")
TAGS = st.builds(
    lambda *parts: unicodedata.normalize("NFC", "".join(parts)),
    VISIBLE, st.text(INSIDE, max_size=10), VISIBLE,
).filter(lambda tag: not INVISIBLE.fullmatch(tag))  # fmt: skip


def create(client: APIClient, tags: Any) -> Any:
    return client.post("/api/tasks", {"title": "Water the plants", "tags": tags})


def tagged(client: APIClient, *tags: str) -> list[str]:
    """Returns the titles of the tasks with all of the tags."""
    response = client.get("/api/tasks", {"tag": tags})
    assert response.status_code == 200, response.content
    return sorted(task["title"] for task in response.json())


def tags_of(task: Task) -> list[str]:
    return list(Task.objects.get(pk=task.pk).tags)


def rename(client: APIClient, name: str, new: Any) -> Any:
    return client.patch(f"/api/tags/{quote(name, safe='')}", {"name": new})


def remove(client: APIClient, name: str) -> Any:
    return client.delete(f"/api/tags/{quote(name, safe='')}")


def test_tags_are_kept_as_typed_in_the_order_sent(as_alice: APIClient) -> None:
    response = create(as_alice, [" home ", "Urgent", "cafe\u0301", "a\u200bb"])

    assert response.status_code == 201
    assert response.json()["tags"] == ["home", "Urgent", "café", "a\u200bb"]
    assert Task.objects.get().tags == response.json()["tags"]


@pytest.mark.parametrize("tags", [None, []])
def test_null_is_no_tags(as_alice: APIClient, alice: User, tags: Any) -> None:
    task = make_task(alice, tags=["home"])

    response = as_alice.patch(f"/api/tasks/{task.pk}", {"tags": tags})

    assert response.json()["tags"] == tags_of(task) == []


def test_the_most_and_the_longest_tags_are_accepted(as_alice: APIClient) -> None:
    tags = [f"{number:02}{'🎉' * 48}" for number in range(20)]

    assert create(as_alice, tags).json()["tags"] == tags


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ([str(number) for number in range(21)], "A task must not have more than 20 tags"),
        ([str(number) for number in range(9000)], "A task must not have more than 20 tags"),
        (["x" * 51], "A tag must not exceed 50 characters"),
        (["\u0958" * 26], "A tag must not exceed 50 characters"),  # each is two in form NFC
        ([""], "A tag cannot be empty"),
        ([" \t\n"], "A tag cannot be empty"),
        (["\u200b\ufe0f"], "A tag cannot be empty"),
        (["\0"], "A tag cannot be empty"),
        (["a\0b"], "Null characters are not allowed."),
        (["home", "work", "HOME"], "Two tags are equal: HOME"),
        (["café", "cafe\u0301"], "Two tags are equal: café"),
        (["home", " home"], "Two tags are equal: home"),
        ([7], "Tags must be texts"),
        ([None], "Tags must be texts"),
        ([["home"]], "Tags must be texts"),
        ("home", "Tags must be a list of texts"),
        ({"home": 1}, "Tags must be a list of texts"),
        (7, "Tags must be a list of texts"),
        (True, "Tags must be a list of texts"),
    ],
)
def test_invalid_tags_return_400_and_nothing_is_written(
    as_alice: APIClient, alice: User, tags: Any, message: str
) -> None:
    task = make_task(alice, tags=["before"])

    created = create(as_alice, tags)
    changed = as_alice.patch(f"/api/tasks/{task.pk}", {"title": "Changed", "tags": tags})

    for response in (created, changed):
        assert response.status_code == 400
        assert response.json()["errors"] == {"tags": [message]}
    stored = Task.objects.get()
    assert (stored.title, stored.tags) == ("Water the plants", ["before"])


def test_a_lone_surrogate_returns_400(as_alice: APIClient) -> None:
    body = r'{"title": "x", "tags": ["\ud800"]}'

    assert as_alice.generic("POST", "/api/tasks", body, "application/json").status_code == 400


def test_a_change_of_other_fields_keeps_tags(as_alice: APIClient, alice: User) -> None:
    task = make_task(alice, tags=["home"])

    for method in (as_alice.patch, as_alice.put):
        assert method(f"/api/tasks/{task.pk}", {"priority": "low"}).json()["tags"] == ["home"]


def test_a_list_shows_the_tasks_that_have_all_tags(as_alice: APIClient, alice: User) -> None:
    make_task(alice, "both", tags=["home", "Urgent"])
    make_task(alice, "one", tags=["home"])
    make_task(alice, "longer", tags=["home office"])
    make_task(alice, "none")

    assert tagged(as_alice, "home") == tagged(as_alice, "HOME", " home ") == ["both", "one"]
    assert tagged(as_alice, "urgent", "home") == ["both"]
    assert tagged(as_alice, "urgent", "work") == tagged(as_alice, "hom") == []
    assert tagged(as_alice, "") == ["both", "longer", "none", "one"]


def test_a_tag_is_found_in_any_case_and_normal_form(as_alice: APIClient, alice: User) -> None:
    make_task(alice, "café", tags=["café"])
    make_task(alice, "дом", tags=["Дом"])

    assert tagged(as_alice, "CAFE\u0301") == ["café"]
    assert tagged(as_alice, "ДОМ") == ["дом"]
    assert tagged(as_alice, "cafe") == []  # unlike in a search, accents count


@pytest.mark.parametrize("tag", AWKWARD)
def test_characters_of_array_texts_are_literal(as_alice: APIClient, alice: User, tag: str) -> None:
    make_task(alice, "awkward", tags=["first", tag])
    make_task(alice, "parts", tags=["a", "b", "brace", "hi", "slash"])

    assert tagged(as_alice, tag) == tagged(as_alice, tag, "FIRST") == ["awkward"]


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tags=st.lists(TAGS, min_size=1, max_size=4, unique_by=str.upper))
def test_a_task_is_found_by_each_of_its_tags(
    as_alice: APIClient, alice: User, tags: list[str]
) -> None:
    Task.objects.all().delete()

    response = create(as_alice, tags)

    assert response.json()["tags"] == tags
    for sent in (*([tag] for tag in tags), tags):
        assert tagged(as_alice, *sent) == ["Water the plants"], sent


@pytest.mark.parametrize("tag", ["x" * 51, "\0", "a\0"])
def test_a_tag_that_no_task_can_have_returns_400(as_alice: APIClient, tag: str) -> None:
    response = as_alice.get("/api/tasks", {"tag": ["home", tag]})

    assert response.status_code == 400
    assert response.json()["errors"] == {"tag": ["tag: expected a tag of at most 50 characters"]}


def test_tags_are_counted(
    as_alice: APIClient,
    alice: User,
    bob: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_task(alice, tags=["work", "Home"])
    make_task(alice, tags=["home"], completed=True)
    make_task(alice, tags=["home", "älter"])
    as_alice.delete(f"/api/tasks/{make_task(alice, tags=['work', 'trash']).pk}")
    make_task(alice)
    make_task(bob, tags=["home", "of bob"])

    with django_assert_num_queries(1):  # the counts of each spelling
        response = as_alice.get("/api/tags")

    assert response.status_code == 200
    assert response.json() == [
        {"name": "home", "open": 2, "total": 3},  # as most tasks spell it
        {"name": "work", "open": 1, "total": 1},
        {"name": "älter", "open": 1, "total": 1},
    ]


def test_without_tags_the_list_is_empty(as_alice: APIClient, alice: User) -> None:
    make_task(alice)

    assert as_alice.get("/api/tags").json() == []


def test_a_tag_is_renamed_on_all_tasks(as_alice: APIClient, alice: User) -> None:
    first, last = make_task(alice, tags=["a", "Work", "b"]), make_task(alice, tags=["work"])
    other = make_task(alice, tags=["working"])
    done = make_task(alice, tags=["work"], completed=True)

    with CaptureQueriesContext(connection) as sent:
        response = rename(as_alice, "WORK", " office ")

    # A savepoint and its release, the UPDATE, and the counts.
    assert len(sent) == 4
    assert (response.status_code, response.json()) == (
        200, {"name": "office", "open": 2, "total": 3},
    )  # fmt: skip
    assert tags_of(first) == ["a", "office", "b"]
    assert tags_of(last) == tags_of(done) == ["office"]
    assert tags_of(other) == ["working"]


@pytest.mark.django_db(transaction=True)
def test_renaming_changes_versions_and_gives_one_number(as_alice: APIClient, alice: User) -> None:
    tasks = [make_task(alice, tags=["work"]) for _ in range(3)]
    same = make_task(alice, tags=["home"])
    before = {task["id"]: task for task in as_alice.get("/api/sync").json()["tasks"]}
    checkpoint = as_alice.get("/api/sync").json()["checkpoint"]
    etag = as_alice.get(f"/api/tasks/{tasks[0].pk}").headers["ETag"]

    rename(as_alice, "work", "office")

    changed = as_alice.get("/api/sync", {"since": checkpoint}).json()["tasks"]
    assert {task["id"] for task in changed} == {str(task.pk) for task in tasks}
    assert all(task["updated_at"] > before[task["id"]]["updated_at"] for task in changed)
    assert set(Task.objects.filter(tags=["office"]).values_list("seq", flat=True)) == {
        SyncState.objects.get().seq
    }
    url = f"/api/tasks/{tasks[0].pk}"
    assert as_alice.patch(url, {"title": "x"}, headers={"If-Match": etag}).status_code == 412
    assert as_alice.get(url).headers["ETag"] != etag
    assert Task.objects.get(pk=same.pk).updated_at == same.updated_at


def test_a_tag_is_renamed_to_another_case_of_itself(as_alice: APIClient, alice: User) -> None:
    task = make_task(alice, tags=["a", "home", "b"])

    assert rename(as_alice, "home", "Home").json() == {"name": "Home", "open": 1, "total": 1}
    assert tags_of(task) == ["a", "Home", "b"]


def test_a_task_that_has_both_tags_keeps_one_at_the_first_place(
    as_alice: APIClient, alice: User
) -> None:
    before, after = (
        make_task(alice, tags=["work", "a", "office"]),
        make_task(alice, tags=["office", "a", "work"]),
    )

    response = rename(as_alice, "work", "office")

    assert response.json() == {"name": "office", "open": 2, "total": 2}
    assert tags_of(before) == tags_of(after) == ["office", "a"]


def test_a_tag_is_renamed_and_removed_in_the_trash_too(as_alice: APIClient, alice: User) -> None:
    task = make_task(alice, tags=["work", "home"])
    as_alice.delete(f"/api/tasks/{task.pk}")

    assert rename(as_alice, "work", "office").json() == {"name": "office", "open": 0, "total": 0}
    assert tags_of(task) == ["office", "home"]
    assert remove(as_alice, "home").status_code == 204
    assert tags_of(task) == ["office"]


@pytest.mark.parametrize("name", [*AWKWARD, "?#&=+", "a\nb", "..a", "a//b", "x" * 50])
def test_any_name_is_renamed_and_removed(as_alice: APIClient, alice: User, name: str) -> None:
    task = make_task(alice, tags=["a", name])

    assert rename(as_alice, name, f"{name[:49]}!").status_code == 200
    assert tags_of(task) == ["a", f"{name[:49]}!"]
    assert rename(as_alice, f"{name[:49]}!", name).status_code == 200
    assert tags_of(task) == ["a", name]
    assert remove(as_alice, name).status_code == 204
    assert tags_of(task) == ["a"]


def test_an_unknown_tag_returns_404(as_alice: APIClient, alice: User, bob: User) -> None:
    his = make_task(bob, tags=["home"])

    for response in (rename(as_alice, "home", "x"), remove(as_alice, "home")):
        assert (response.status_code, response.json()["detail"]) == (404, "Tag not found")
    stored = Task.objects.get(pk=his.pk)
    assert (stored.tags, stored.updated_at) == (["home"], his.updated_at)


@pytest.mark.parametrize("path", ["%00", "home%00", "%FF", "%ED%A0%80", "x" * 2000, "%20home"])
def test_a_name_that_no_tag_can_have_returns_400_or_404(
    as_alice: APIClient, alice: User, path: str
) -> None:
    make_task(alice, tags=["home"])

    assert as_alice.patch(f"/api/tags/{path}", {"name": "x"}).status_code in {400, 404}
    assert as_alice.delete(f"/api/tags/{path}").status_code in {400, 404}
    assert Task.objects.get().tags == ["home"]


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("", "A tag cannot be empty"),
        ("\u200b", "A tag cannot be empty"),
        ("x" * 51, "A tag must not exceed 50 characters"),
        ("a\0b", "Null characters are not allowed."),
        (7, "Tags must be texts"),
        (None, "Tags must be texts"),
    ],
)
def test_an_invalid_new_name_returns_400(
    as_alice: APIClient, alice: User, new: Any, message: str
) -> None:
    task = make_task(alice, tags=["home"])

    response = rename(as_alice, "home", new)

    assert (response.status_code, response.json()["errors"]) == (400, {"name": [message]})
    assert tags_of(task) == ["home"]


def test_a_tag_is_removed_from_all_tasks(
    as_alice: APIClient, alice: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tasks = [make_task(alice, tags=["a", "Work", "b"]), make_task(alice, tags=["work"])]
    his = make_task(bob, tags=["work"])

    with django_assert_num_queries(3):  # a savepoint and its release, the UPDATE
        response = remove(as_alice, "WORK")

    assert (response.status_code, response.content) == (204, b"")
    assert [tags_of(task) for task in tasks] == [["a", "b"], []]
    assert tags_of(his) == ["work"]
    assert remove(as_alice, "work").status_code == 404


def test_the_number_of_statements_is_constant(as_alice: APIClient, alice: User) -> None:
    def statements(number: int) -> list[int]:
        for _ in range(number):
            make_task(alice, tags=["work"])
        requests = (
            lambda: as_alice.get("/api/tasks", {"tag": "work"}),
            lambda: as_alice.get("/api/tags"),
            lambda: rename(as_alice, "work", "office"),
            lambda: remove(as_alice, "office"),
        )
        sent = []
        for request in requests:
            with CaptureQueriesContext(connection) as captured:
                assert request().status_code in {200, 204}
            sent.append(len(captured))
        return sent

    assert statements(1) == statements(30) == [1, 1, 4, 3]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_ten_thousand_tasks_stay_fast(as_alice: APIClient, alice: User) -> None:
    Task.objects.bulk_create(
        Task(pk=uuid4(), user=alice, title="x", tags=[f"tag {n % 50}", "all", *map(str, range(18))])
        for n in range(10_000)
    )

    def seconds(request: Any) -> float:
        began = time.monotonic()
        assert request().status_code in {200, 204}
        return time.monotonic() - began

    # Ten times what a machine of 2024 needs.
    assert seconds(lambda: as_alice.get("/api/tasks?tag=all&tag=tag+7&limit=20")) < 2
    assert seconds(lambda: as_alice.get("/api/tags")) < 1
    assert seconds(lambda: rename(as_alice, "tag 7", "seven")) < 1
    assert seconds(lambda: rename(as_alice, "all", "every")) < 5
    assert seconds(lambda: remove(as_alice, "every")) < 5


def test_the_name_in_the_path_is_in_any_normal_form(as_alice: APIClient, alice: User) -> None:
    task = make_task(alice, tags=["café"])

    assert rename(as_alice, "CAFE\u0301", "thé").json() == {"name": "thé", "open": 1, "total": 1}
    assert tags_of(task) == ["thé"]
    assert remove(as_alice, "the\u0301").status_code == 204
    assert tags_of(task) == []


@pytest.mark.django_db(transaction=True)
def test_renaming_does_not_deadlock_with_other_changes(alice: User) -> None:
    Task.objects.bulk_create(Task(user=alice, title="x", tags=["a"]) for _ in range(1_000))
    shuffled = [str(pk) for pk in Task.objects.order_by("?").values_list("pk", flat=True)[:40]]

    def renames() -> list[int]:
        return [rename(client_of(alice.pk), "a", name).status_code for name in "AaAa"]

    def changes() -> list[int]:
        client = client_of(alice.pk)
        return [client.patch(f"/api/tasks/{pk}", {"title": "y"}).status_code for pk in shuffled]

    def batches() -> list[int]:
        client = client_of(alice.pk)
        operations = [{"op": "complete", "id": pk} for pk in shuffled]
        return [client.post("/api/batch", {"operations": operations}).status_code for _ in range(4)]

    responses = at_once(renames, changes, batches)

    assert {status for each in responses for status in each} == {200}


def test_an_sz_is_a_double_s_in_upper_case(as_alice: APIClient, alice: User) -> None:
    first, second = make_task(alice, "1", tags=["Straße"]), make_task(alice, "2", tags=["strasse"])

    assert tagged(as_alice, "straße") == tagged(as_alice, "STRASSE") == ["1", "2"]
    counted = as_alice.get("/api/tags").json()
    assert [(tag["name"].upper(), tag["total"]) for tag in counted] == [("STRASSE", 2)]
    assert rename(as_alice, "STRASSE", "straße").json() == {"name": "straße", "open": 2, "total": 2}
    assert remove(as_alice, "strasse").status_code == 204
    assert tags_of(first) == tags_of(second) == []


@pytest.mark.parametrize("tags", [["a/", "a"], ["a/"], ["a"]])
def test_a_final_slash_is_part_of_a_name_only_if_a_tag_has_it(
    as_alice: APIClient, alice: User, tags: list[str]
) -> None:
    make_task(alice, "One", tags=tags)

    assert as_alice.delete("/api/tags/a%2F").status_code == 204

    assert Task.objects.get().tags == tags[1:]
