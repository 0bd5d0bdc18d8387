"""Pages of GET /api/tasks contain each task exactly once."""

import re
from base64 import urlsafe_b64encode
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from conftest import client_of, make_task
from tasks.models import Priority, Task
from tasks.querysets import SORTS

ORDERS = [sign + name for name in SORTS for sign in ("", "-")]


def get(client: APIClient, url: str) -> tuple[list[Any], str, str]:
    """Returns the tasks of a page, the URL of the next page, and the total."""
    response = client.get(url)
    assert response.status_code == 200, response.content
    link = re.fullmatch(r'<http://testserver(.+)>; rel="next"', response.headers.get("Link", ""))
    return response.json(), link[1] if link else "", response.headers["X-Total-Count"]


def ids_of_all_pages(client: APIClient, url: str) -> list[str]:
    """Returns the ids of all pages, following Link from page to page."""
    found: list[str] = []
    while url:
        tasks, url, _ = get(client, url)
        found += [task["id"] for task in tasks]
    return found


def ids(tasks: list[Any]) -> list[str]:
    return [task["id"] for task in tasks]


@pytest.fixture
def many(alice: User) -> None:
    """Thirty tasks with equal values in each field of SORTS, and with nulls."""
    now = timezone.now()
    for number in range(30):
        task = make_task(
            alice,
            "aAbÄ🎉"[number % 5],
            due_date=[date(2026, 1, 1), None, date(2026, 2, 1)][number % 3],
            priority=Priority(number % 4 + 1),
        )
        time = now - timedelta(seconds=number % 6)
        Task.objects.filter(pk=task.pk).update(created_at=time, updated_at=time)


@pytest.mark.usefixtures("many")
def test_the_first_page_has_the_total_and_a_link_to_the_next_page(
    as_alice: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):  # the page with one more row, and the total
        tasks, following, total = get(as_alice, "/api/tasks?limit=20")

    assert (len(tasks), total) == (20, "30")
    assert re.fullmatch(r"/api/tasks\?limit=20&cursor=[\w.%-]+", following)
    assert len(get(as_alice, following)[0]) == 10
    assert get(as_alice, following)[1:] == ("", "30")


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("query", ["limit=30", "limit=31", "limit=20&offset=10", ""])
def test_the_last_page_has_the_total_and_needs_one_query(as_alice: APIClient, query: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        _, following, total = get(as_alice, f"/api/tasks?{query}")

    assert len(queries) == 1  # the page
    assert (following, total) == ("", "30")


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("limit", [1, 7, 30])
def test_all_pages_together_are_the_whole_list(as_alice: APIClient, order: str, limit: int) -> None:
    whole = ids(get(as_alice, f"/api/tasks?sort={order}")[0])

    by_cursor = ids_of_all_pages(as_alice, f"/api/tasks?sort={order}&limit={limit}")
    by_offset = [
        task
        for offset in range(0, 30, limit)
        for task in ids(get(as_alice, f"/api/tasks?sort={order}&limit={limit}&offset={offset}")[0])
    ]

    assert len(set(whole)) == 30
    assert by_cursor == whole
    assert by_offset == whole


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("order", ORDERS)
def test_tasks_created_or_deleted_between_pages_do_not_shift_other_tasks(
    as_alice: APIClient, alice: User, order: str
) -> None:
    whole = ids(get(as_alice, f"/api/tasks?sort={order}")[0])
    first, following, _ = get(as_alice, f"/api/tasks?sort={order}&limit=10")

    Task.objects.filter(pk__in=ids(first)[::2]).delete()
    Task.objects.filter(pk=first[-1]["id"]).delete()  # the cursor is made of this task
    make_task(alice, "new")
    later = ids_of_all_pages(as_alice, following)

    assert [task for task in later if task in whole] == whole[10:]
    assert len(later) == len(set(later))


@pytest.mark.usefixtures("many")
def test_the_next_page_keeps_filters_and_sort(as_alice: APIClient) -> None:
    url = "/api/tasks?priority=high&sort=title&order=desc&search=Ä&limit=1&offset=1"
    whole = ids(get(as_alice, url.replace("&limit=1&offset=1", ""))[0])

    assert ids_of_all_pages(as_alice, url) == whole[1:] != []


@pytest.mark.usefixtures("many")
def test_a_filter_in_raw_utf8_is_kept_in_the_next_link(as_alice: APIClient) -> None:
    raw = "search=ä&limit=2".encode().decode("latin-1")

    link = as_alice.generic("GET", "/api/tasks", QUERY_STRING=raw).headers["Link"]

    assert link.startswith("<http://testserver/api/tasks?search=%C3%A4&limit=2&cursor=")


def test_the_next_page_has_the_same_path(transactional_db: None) -> None:
    user = User.objects.create(id="100% söme?one#.x", password="!")
    make_task(user), make_task(user)
    client = client_of(user.pk)

    tasks, following, _ = get(client, "/api/users/100%25%20s%C3%B6me%3Fone%23.x/tasks/?limit=1")

    assert following.startswith("/api/users/100%25%20s%C3%B6me%3Fone%23.x/tasks/?limit=1&cursor=")
    assert get(client, following)[0] != tasks


@pytest.mark.usefixtures("many")
def test_a_cursor_with_an_offset_starts_after_both(as_alice: APIClient) -> None:
    whole = ids(get(as_alice, "/api/tasks")[0])
    following = get(as_alice, "/api/tasks?limit=10")[1]

    tasks, _, total = get(as_alice, f"{following}&offset=5")

    assert (ids(tasks), total) == (whole[15:25], "30")


@pytest.mark.usefixtures("many")
def test_a_cursor_of_another_sort_order_returns_400(as_alice: APIClient) -> None:
    following = get(as_alice, "/api/tasks?limit=1")[1]
    cursor = following.partition("cursor=")[2]

    responses = [
        as_alice.get(f"/api/tasks?{query}&cursor={cursor}")
        for query in ("sort=created_at", "sort=updated_at&order=desc", "sort=title", "order=asc")
    ]
    changed = as_alice.get(f"/api/tasks?cursor=x{cursor}")

    for response in (*responses, changed):
        assert response.status_code == 400
        assert list(response.json()["errors"]) == ["cursor"]


def test_a_cursor_of_another_user_shows_own_tasks_only(
    as_alice: APIClient, as_bob: APIClient, alice: User, bob: User
) -> None:
    hers, his, _ = make_task(alice), make_task(bob), make_task(bob)

    following = get(as_bob, "/api/tasks?limit=1")[1]

    assert ids(get(as_bob, following)[0]) == [str(his.pk)]
    assert ids(get(as_alice, following)[0]) == [str(hers.pk)]


def test_the_longest_title_fits_into_the_next_link(as_alice: APIClient, alice: User) -> None:
    for last in "xyz":
        make_task(alice, "".join(chr(0x1F300 + number) for number in range(254)) + last)

    following = get(as_alice, "/api/tasks?sort=title&limit=1")[1]

    assert len(following) < 3000
    assert len(ids_of_all_pages(as_alice, following)) == 2


@pytest.mark.parametrize(
    ("query", "shown", "total"),
    [
        ("limit=1000", 3, "3"),
        ("limit=1", 1, "3"),
        ("limit=", 3, "3"),
        ("offset=", 3, "3"),
        ("offset=2", 1, "3"),
        ("offset=3", 0, "3"),
        ("offset=2147483647", 0, "3"),
        ("cursor=", 3, "3"),
    ],
)
def test_limit_and_offset(
    as_alice: APIClient, alice: User, query: str, shown: int, total: str
) -> None:
    for _ in range(3):
        make_task(alice)

    tasks, _, counted = get(as_alice, f"/api/tasks?{query}")

    assert (len(tasks), counted) == (shown, total)


SOME_ID = "30ff3374-d2df-42af-a59f-d1447d79b357"
WHEN = "2026-01-01T00:00:00+00:00"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("sort", "content"),
    [
        ("", "text"),
        ("", {"field": "created_at"}),
        ("", ["created_at", True, WHEN]),
        ("", ["created_at", True, WHEN, SOME_ID, 1]),
        ("", ["created_at", 1, WHEN, SOME_ID]),
        ("", ["created_at", True, WHEN, "no id"]),
        ("", ["created_at", True, WHEN, 7]),
        ("", ["created_at", True, 1.5, SOME_ID]),
        ("", ["created_at", True, 10**15, SOME_ID]),
        ("", ["created_at", True, True, SOME_ID]),
        ("", ["created_at", True, [WHEN], SOME_ID]),
        ("", ["created_at", True, "yesterday, or so", SOME_ID]),
        ("", ["created_at", True, "\0", SOME_ID]),
        ("", ["user_id", True, "bob", SOME_ID]),
        ("", [["created_at"], True, WHEN, SOME_ID]),
        ("priority", ["priority", False, "high", SOME_ID]),
        ("due_date", ["due_date", False, 20260101, SOME_ID]),
    ],
)
def test_a_forged_cursor_returns_400(as_alice: APIClient, sort: str, content: Any) -> None:
    cursor = urlsafe_b64encode(orjson.dumps(content)).decode()

    response = as_alice.get("/api/tasks", {"sort": sort, "cursor": cursor})

    assert response.status_code == 400, response.content


@pytest.mark.parametrize("cursor", ["x", "é", "%", "====", "a" * 3000, "[]", "W10", "bnVsbA"])
def test_a_malformed_cursor_returns_400(as_alice: APIClient, cursor: str) -> None:
    response = as_alice.get("/api/tasks", {"cursor": cursor})

    assert (response.status_code, list(response.json()["errors"])) == (400, ["cursor"])


@pytest.mark.usefixtures("many")
def test_the_next_link_drops_offset_and_cursor_even_when_percent_encoded(
    as_alice: APIClient,
) -> None:
    following = get(as_alice, "/api/tasks?limit=2&%6Fffset=3&sort=title&search=%C3%84&search=")[1]

    assert re.fullmatch(
        r"/api/tasks\?limit=2&sort=title&search=%C3%84&search=&cursor=[\w-]+", following
    )
