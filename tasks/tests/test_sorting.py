"""GET /api/tasks: the order of tasks with equal keys, the order of titles, and cursors in them."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.models import User
from conftest import make_task
from tasks.models import Priority, Task
from tasks.querysets import SORTS

ORDERS = [sign + name for name in SORTS for sign in ("", "-")]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = date(2026, 3, 1)
SOME_ID = "30ff3374-d2df-42af-a59f-d1447d79b357"
WHEN = "2026-01-01T00:00:00+00:00"
TITLES = ["a", "A", "á", "a 2", "a 10", "b", "🎉", "ß"]
MOMENTS = st.integers(0, 2).map(lambda hours: NOON + timedelta(hours=hours))
TASKS = st.lists(
    st.fixed_dictionaries(
        {
            "title": st.sampled_from(TITLES),
            "priority": st.sampled_from(Priority),
            "due": st.tuples(st.none() | st.just(DAY), st.none() | MOMENTS),
            "created_at": MOMENTS,
            "updated_at": MOMENTS,
        }
    ),
    max_size=12,
)
RANDOM = hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def has_icu() -> bool:
    """Returns whether the database sorts titles by ICU, which tells accents apart."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT collprovider FROM pg_collation WHERE collname = 'todo_title'")
        return str(cursor.fetchone()[0]) == "i"


def sorted_titles(client: APIClient, sort: str) -> list[str]:
    return [task["title"] for task in client.get("/api/tasks", {"sort": sort}).json()]


def page(client: APIClient, url: str) -> tuple[list[str], str]:
    """Returns the ids of the tasks of a page, and the URL of the next page."""
    response = client.get(url)
    assert response.status_code == 200, response.content
    link = re.fullmatch(r'<http://testserver(.+)>; rel="next"', response.headers.get("Link", ""))
    return [task["id"] for task in response.json()], link[1] if link else ""


def all_pages(client: APIClient, url: str, between: Callable[[], Any] = bool) -> list[list[str]]:
    """Returns the ids of each page. Calls `between` after each."""
    pages = []
    while url:
        ids, url = page(client, url)
        pages.append(ids)
        between()
    return pages


def save(user: User, tasks: list[dict[str, Any]]) -> None:
    """Replaces the tasks of the user."""
    Task.objects.filter(user=user).delete()
    Task.objects.bulk_create(saved(user, **task) for task in tasks)


def saved(user: User, *, due: tuple[date | None, datetime | None], **fields: Any) -> Task:
    day, moment = due
    due_date = moment.date() if moment else day
    return Task(user=user, due_date=due_date, due_at=moment, **fields)


def cursor_of(content: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(content)).decode().rstrip("=")


@pytest.mark.parametrize("order", ORDERS)
def test_tasks_with_equal_keys_are_sorted_by_newest_first(
    as_alice: APIClient, alice: User, order: str
) -> None:
    fields = {"updated_at": NOON, "title": "x", "priority": Priority.LOW, "due": (DAY, None)}
    ages = range(6)
    save(alice, [{**fields, "created_at": NOON - timedelta(hours=age)} for age in ages])

    shown = [task["created_at"] for task in as_alice.get("/api/tasks", {"sort": order}).json()]

    assert shown == sorted(shown, reverse=order != "created_at")


@pytest.mark.parametrize("order", ORDERS)
def test_tasks_with_equal_times_are_sorted_by_id(
    as_alice: APIClient, alice: User, order: str
) -> None:
    fields = {"created_at": NOON, "updated_at": NOON, "title": "x", "due": (None, None)}
    save(alice, [fields] * 6)

    shown, _ = page(as_alice, f"/api/tasks?sort={order}")

    assert shown == sorted(shown, reverse=order != "created_at")


@RANDOM
@given(
    tasks=TASKS, sort=st.sampled_from([s for s in SORTS if s != "title"]), descending=st.booleans()
)
def test_the_order_is_that_of_the_keys(
    as_alice: APIClient, alice: User, tasks: Any, sort: str, descending: bool
) -> None:
    save(alice, tasks)
    sign = -1 if descending else 1

    def key(task: Task) -> Any:
        newest = -task.created_at.timestamp(), -task.pk.int
        if sort == "created_at":
            return sign * task.created_at.timestamp(), sign * task.pk.int
        if sort == "updated_at":
            return sign * task.updated_at.timestamp(), newest
        if sort == "priority":
            return sign * task.priority, newest
        # Without a date, and of a day without a time, last in both directions.
        day = (0, sign * task.due_date.toordinal()) if task.due_date else (1, 0)
        moment = (0, sign * task.due_at.timestamp()) if task.due_at else (1, 0)
        return day, moment, newest

    shown, _ = page(as_alice, f"/api/tasks?sort={'-' * descending}{sort}")

    assert shown == [str(task.pk) for task in sorted(Task.objects.all(), key=key)]


@RANDOM
@given(tasks=TASKS, order=st.sampled_from(ORDERS), limit=st.integers(1, 5))
def test_all_pages_together_are_the_whole_list(
    as_alice: APIClient, alice: User, tasks: Any, order: str, limit: int
) -> None:
    save(alice, tasks)
    whole, _ = page(as_alice, f"/api/tasks?sort={order}")

    pages = all_pages(as_alice, f"/api/tasks?sort={order}&limit={limit}")

    assert [pk for ids in pages for pk in ids] == whole
    assert all(len(ids) == limit for ids in pages[:-1])


@RANDOM
@given(
    tasks=TASKS, added=TASKS.filter(bool), order=st.sampled_from(ORDERS), limit=st.integers(1, 5)
)
def test_tasks_added_between_pages_neither_repeat_nor_hide_others(
    as_alice: APIClient, alice: User, tasks: Any, added: Any, order: str, limit: int
) -> None:
    save(alice, tasks)
    whole, _ = page(as_alice, f"/api/tasks?sort={order}")
    later = iter(added)

    def add() -> None:
        for task in later:
            saved(alice, **task).save()
            return

    pages = all_pages(as_alice, f"/api/tasks?sort={order}&limit={limit}", add)

    shown = [pk for ids in pages for pk in ids]
    assert [pk for pk in shown if pk in whole] == whole
    assert len(set(shown)) == len(shown)


@pytest.mark.parametrize("order", ["", "-deleted_at"])
def test_pages_of_the_trash_are_the_whole_trash(
    as_alice: APIClient, alice: User, order: str
) -> None:
    tasks = [make_task(alice, str(number)) for number in range(7)]
    for number, task in enumerate(tasks):
        Task.objects.filter(pk=task.pk).update(deleted_at=NOON + timedelta(hours=number % 3))
    whole, _ = page(as_alice, "/api/tasks?deleted=true")

    pages = all_pages(as_alice, f"/api/tasks?deleted=true&limit=2&order={order and 'desc'}")

    assert [len(ids) for ids in pages] == [2, 2, 2, 1]
    assert [pk for ids in pages for pk in ids] == whole


@pytest.mark.parametrize(
    "ordered",
    [
        ["Task 1", "task 2", "TASK 10", "Task 11", "Task 100"],
        ["1", "2", "10", "0011", "100", "a"],
        ["v1.2.9", "v1.2.10", "v1.10.1"],
        ["apple", "Banana", "cherry", "Date"],
        ["école 1", "Ecole 2", "ÉCOLE 3", "ecole 4"],
        ["Zebra 1", "zebra 2", "Žebra 3"],
        ["Straße 1", "STRASSE 2", "strasse 3"],
        ["дом 2", "ДОМ 10"],
        ["x" * 200 + " 2", "x" * 200 + " 10"],
        ["9" * 19, "1" + "0" * 19],
    ],
)
def test_titles_are_sorted_without_case_and_numbers_by_value(
    as_alice: APIClient, alice: User, ordered: list[str]
) -> None:
    for title in (*ordered[::2], *ordered[1::2]):
        make_task(alice, title)

    assert sorted_titles(as_alice, "title") == ordered
    assert sorted_titles(as_alice, "-title") == ordered[::-1]


def test_titles_that_differ_in_case_are_equal(as_alice: APIClient, alice: User) -> None:
    for title in ("Milk", "milk", "MILK"):
        make_task(alice, title)

    newest_first = ["MILK", "milk", "Milk"]
    assert sorted_titles(as_alice, "title") == sorted_titles(as_alice, "-title") == newest_first


@pytest.mark.parametrize("first", ["cafe", "café"])
def test_titles_that_differ_in_accents_are_adjacent(
    as_alice: APIClient, alice: User, first: str
) -> None:
    others = {"cafe", "café"} - {first}
    for title in (first, "caff", *others, "caf"):
        make_task(alice, title)

    shown = sorted_titles(as_alice, "title")

    assert (shown[0], shown[-1]) == ("caf", "caff")
    # ICU puts accents last; elsewhere the titles are equal, and the newest is first.
    assert shown[1:3] == (["cafe", "café"] if has_icu() else [*others, first])


def test_the_longest_titles_of_numbers_are_sorted_and_paged(
    as_alice: APIClient, alice: User
) -> None:
    for title in ("1a" * 127, "9" * 255, "🎉" * 255, "0" * 255, "ß" * 255, "ﷺ" * 255):
        make_task(alice, title)
    whole, _ = page(as_alice, "/api/tasks?sort=title")

    pages = all_pages(as_alice, "/api/tasks?sort=title&limit=1")

    assert [pk for (pk,) in pages] == whole
    assert len(whole) == 6


NEWEST, BY_PRIORITY = ["-created_at", "-id"], ["priority", "-created_at", "-id"]
BY_TITLE, BY_DUE = ["title_key", "-created_at", "-id"], ["due_date", "due_at", "-created_at", "-id"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("sort", "content"),
    [
        ("", []),
        ("", {}),
        ("", None),
        ("", 7),
        ("", "ab"),
        ("", [NEWEST]),
        ("", [NEWEST, [WHEN, SOME_ID], 1]),
        ("", [[], []]),
        ("", [None, None]),
        ("", [NEWEST, None]),
        ("", [NEWEST, [WHEN]]),
        ("", [NEWEST, [WHEN, SOME_ID, SOME_ID]]),
        ("", [NEWEST, [WHEN, None]]),
        ("", [NEWEST, [WHEN, "no id"]]),
        ("", [NEWEST, [WHEN, 7]]),
        ("", [NEWEST, [WHEN, [SOME_ID]]]),
        ("", [NEWEST, [WHEN, f"urn:uuid:{SOME_ID}"]]),
        ("", [NEWEST, ["abc", SOME_ID]]),
        ("", [NEWEST, ["\0", SOME_ID]]),
        ("", [NEWEST, [f"{WHEN}\0", SOME_ID]]),
        ("", [NEWEST, [1.5, SOME_ID]]),
        ("", [NEWEST, [10**15, SOME_ID]]),
        ("", [NEWEST, [True, SOME_ID]]),
        ("", [NEWEST, [[[WHEN]], SOME_ID]]),
        ("", [NEWEST, ["300000-01-01", SOME_ID]]),
        ("", [NEWEST, ["9" * 100_000, SOME_ID]]),
        ("", [["-created_at", ["-id"]], [WHEN, SOME_ID]]),
        ("", [["-created_at", "-id"] * 5_000, [WHEN, SOME_ID] * 5_000]),
        ("", [["-user_id", "-id"], ["bob", SOME_ID]]),
        ("", [["-id"], [SOME_ID]]),
        ("", [["created_at", "id"], [WHEN, SOME_ID]]),
        ("", [BY_TITLE, ["a", WHEN, SOME_ID]]),
        ("priority", [BY_PRIORITY, ["high", WHEN, SOME_ID]]),
        ("priority", [BY_PRIORITY, ["9" * 30, WHEN, SOME_ID]]),
        ("priority", [BY_PRIORITY, ["1", "abc", SOME_ID]]),
        ("priority", [BY_PRIORITY[::2], ["1", SOME_ID]]),
        ("title", [BY_TITLE, ["a", "abc", SOME_ID]]),
        ("title", [BY_TITLE, ["\0", WHEN, SOME_ID]]),
        ("title", [["title", "-created_at", "-id"], ["a", WHEN, SOME_ID]]),
        ("due_date", [BY_DUE, ["tomorrow, or so", None, WHEN, SOME_ID]]),
        ("due_date", [BY_DUE, ["2026-01-01", "abc", WHEN, SOME_ID]]),
        ("due_date", [BY_DUE, ["2026-02-30", None, WHEN, SOME_ID]]),
        ("due_date", [BY_DUE, [None, None, None, None]]),
        # Of the release before.
        ("", ["created_at", True, WHEN, SOME_ID]),
        ("due_date", ["due_date", False, None, SOME_ID]),
        ("title", ["title", False, "a", SOME_ID]),
    ],
)
def test_a_forged_cursor_returns_400(as_alice: APIClient, sort: str, content: Any) -> None:
    response = as_alice.get("/api/tasks", {"sort": sort, "cursor": cursor_of(content)})

    assert response.status_code == 400, response.content
    assert list(response.json()["errors"]) == ["cursor"]


@pytest.mark.parametrize(
    "text", ["[" * 5_000, "[[" + "[" * 90_000, '{"a":' * 2_000, "nan", "\ufeff[]"]
)
def test_a_cursor_that_is_not_json_returns_400(as_alice: APIClient, text: str) -> None:
    cursor = urlsafe_b64encode(text.encode()).decode()

    response = as_alice.get("/api/tasks", {"cursor": cursor})

    assert (response.status_code, list(response.json()["errors"])) == (400, ["cursor"])


@pytest.mark.parametrize(
    ("sort", "order", "values"),
    [
        ("", NEWEST, [None, SOME_ID]),
        ("", NEWEST, {WHEN: 1, SOME_ID: 2}),
        ("", NEWEST, ["infinity", SOME_ID]),
        ("priority", BY_PRIORITY, [None, None, SOME_ID]),
        ("title", BY_TITLE, [None, WHEN, SOME_ID]),
        ("title", BY_TITLE, ["a" * 90_000, WHEN, SOME_ID]),
        ("due_date", BY_DUE, [None, WHEN, None, SOME_ID]),
    ],
)
def test_a_forged_cursor_that_is_a_position_shows_own_tasks_only(
    as_alice: APIClient, alice: User, bob: User, sort: str, order: list[str], values: Any
) -> None:
    make_task(alice)
    make_task(bob, "Of Bob")

    response = as_alice.get("/api/tasks", {"sort": sort, "cursor": cursor_of([order, values])})

    assert response.status_code == 200
    assert "Of Bob" not in {task["title"] for task in response.json()}


TEXTS = st.text(max_size=3)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS | st.just(SOME_ID),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.sampled_from([NEWEST, BY_PRIORITY, BY_TITLE, BY_DUE]) | JSON, values=JSON)
def test_any_content_of_a_cursor_returns_200_or_400(
    as_alice: APIClient, order: Any, values: Any
) -> None:
    with transaction.atomic():  # a value that PostgreSQL refuses would end the test's transaction
        response = as_alice.get("/api/tasks", {"cursor": cursor_of([order, values])})
        transaction.set_rollback(True)

    assert response.status_code in {200, 400}


def test_the_last_id_of_a_cursor_is_that_of_the_last_task(as_alice: APIClient, alice: User) -> None:
    save(alice, [{"title": "x", "created_at": NOON, "due": (None, None)}] * 3)

    (shown,), following = page(as_alice, "/api/tasks?limit=1")

    assert UUID(shown) == Task.objects.order_by("-id")[0].pk
    assert shown not in page(as_alice, following)[0]
