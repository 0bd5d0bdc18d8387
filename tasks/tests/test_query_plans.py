"""The indexes that PostgreSQL uses for a user's tasks (ADR 20).

A user's list must use the index that begins with the user. The operators' index on `created_at`
would be slow for a user whose tasks are all older than those of the other users.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from tasks.models import Task
from tasks.querysets import SORTS
from todo_api.web.cursors import after

LISTED, TRASHED, CHANGED = {"tasks_task_live"}, {"tasks_task_trashed"}, {"tasks_task_changed"}
TITLED = {"tasks_task_titles"}
# All of them begin with the user. For lists that are sorted anew, PostgreSQL takes the smallest.
OF_USER = LISTED | CHANGED | TITLED
SCANS = re.compile(r"Seq Scan on (tasks_task)|Scan(?: Backward)? (?:using|on) (tasks_task_\w+)")
BY_CREATION = ("", "sort=created_at&order=asc")
FILTERED = (
    "status=pending", "priority=high,urgent", "due_after=2026-01-01", "due_from=2026-01-01",
    "due_until=2026-12-31", "tag=home", "search=number",
)  # fmt: skip
BY_TITLE = ("sort=title", "sort=-title")
SORTED = tuple(f"sort={sign}{name}" for name in SORTS[1:] for sign in ("", "-"))
INSERT_TASKS = """
INSERT INTO tasks_task (id, user_id, title, description, completed, priority, due_date, tags,
    created_at, updated_at, deleted_at)
SELECT gen_random_uuid(), id, 'Task number ' || i, repeat('x', 300), false, 1 + i %% 4,
    date '2026-01-01' + i %% 100, '{Home}',
    now() + (i - %s) * interval '1 minute' - %s::interval, now(),
    CASE WHEN %s THEN now() - i * interval '1 minute' END
FROM generate_series(1, %s) AS i, accounts_user WHERE id LIKE %s ORDER BY i
"""


def add_users(count: int) -> None:
    User.objects.bulk_create(User(id=f"user-{n}", password="!") for n in range(count))


def add_tasks(users: str, each: int, *, age: str = "0 days", in_trash: bool = False) -> None:
    """Adds tasks to the users whose id is LIKE `users`. `age` is that of the newest."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT_TASKS, [each, age, in_trash, each, users])


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_user, tasks_task")


@contextmanager
def scanned() -> Iterator[set[str]]:
    """Yields the names of the indexes, or the table, from which the block reads tasks. EXPLAIN runs
    in the request's own transaction, with the same database role and user.
    """
    names: set[str] = set()

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "tasks_task" in sql and not sql.startswith("INSERT"):
            execute(f"EXPLAIN {sql}", params, many, context)
            plan = "\n".join(line for (line,) in context["cursor"].fetchall())
            names.update("".join(match) for match in SCANS.findall(plan))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield names


def scanned_by(client: APIClient, *queries: str) -> dict[str, set[str]]:
    """Returns what the first and the second page of each list read."""
    found = {}
    for query in queries:
        with scanned() as found[query]:
            first = client.get(f"/api/tasks?limit=2&{query}")
        assert first.status_code == 200, first.content
        link = re.search("<http://testserver(.+)>", first.headers["Link"])
        with scanned() as found[f"{query}, next page"]:
            assert link
            assert client.get(link[1]).status_code == 200
    return found


def assert_own_indexes(found: dict[str, set[str]]) -> None:
    """Asserts that each list reads an index of its user, and those by creation the ordered one."""
    assert set().union(*found.values()) <= OF_USER
    by_creation = [f"{query}{page}" for query in BY_CREATION for page in ("", ", next page")]
    assert {query: found[query] for query in by_creation} == dict.fromkeys(by_creation, LISTED)


@pytest.mark.slow
def test_with_many_users_every_list_uses_the_users_index(
    as_alice: APIClient, as_bob: APIClient, alice: User, bob: User
) -> None:
    add_users(1_000)
    add_tasks("user-%", 100)
    add_tasks(alice.pk, 2_000)
    add_tasks(bob.pk, 12)
    analyze()

    for client in (as_alice, as_bob):
        assert_own_indexes(scanned_by(client, *BY_CREATION, *FILTERED, *SORTED))


@pytest.mark.slow
def test_a_long_list_by_title_is_read_in_the_order_of_its_index(
    as_alice: APIClient, alice: User
) -> None:
    add_users(500)
    add_tasks("user-%", 100)
    add_tasks(alice.pk, 5_000)
    analyze()

    filtered = (f"{query}&{each}" for query in BY_TITLE for each in FILTERED)
    found = scanned_by(as_alice, *BY_TITLE, *filtered)

    # The number of all tasks is counted by a smaller index.
    assert set().union(*found.values()) <= OF_USER
    for query in BY_TITLE:
        assert found[query] >= TITLED
        assert found[f"{query}, next page"] >= TITLED


@pytest.mark.parametrize(
    ("descending", "sort"),
    # Backwards, the index has the oldest of equal titles first: only these are sorted.
    [(False, None), (True, "Incremental Sort")],
)
def test_a_page_by_title_is_not_sorted_as_a_whole(
    alice: User, descending: bool, sort: str | None
) -> None:
    add_tasks(alice.pk, 5_000)
    analyze()

    listed = Task.objects.owned_by(alice).live().sorted_by("title", descending=descending)
    pages: list[Any] = [listed]
    if not descending:  # PostgreSQL 15 estimates few rows after a cursor, and sorts them
        pages.append(after(listed, ["Task number 20", timezone.now(), uuid4()]))

    for page in pages:
        plan = page[:50].explain()
        assert "using tasks_task_titles" in plan
        assert ("Sort" in plan) == bool(sort)
        assert (sort or "") in plan
        assert not re.search(r"^ *->  Sort", plan, re.MULTILINE)


def test_the_owner_reads_the_next_page_by_title_from_its_place_in_the_index(alice: User) -> None:
    """Not so for a user: of conditions that a policy guards, PostgreSQL gives only those with
    leak-proof functions to an index, and `todo_natural` cannot be one.
    """
    add_tasks(alice.pk, 5_000)
    analyze()
    listed = Task.objects.owned_by(alice).live().sorted_by("title", descending=False)

    plan = after(listed, ["Task number 20", timezone.now(), uuid4()])[:50].explain()

    (condition,) = re.findall("Index Cond: .+", plan)
    assert "todo_natural" in condition or "title" in condition


def test_a_task_is_read_and_written_by_the_primary_key(as_alice: APIClient, alice: User) -> None:
    add_users(100)
    add_tasks("%", 100)
    analyze()
    address = f"/api/tasks/{Task.objects.owned_by(alice)[50].pk}"

    with scanned() as found:
        responses = [
            as_alice.get(address),
            as_alice.patch(address, {"title": "Changed"}),
            as_alice.post(f"{address}/complete"),
            as_alice.delete(address),
            as_alice.delete(f"{address}?forever=true"),
        ]

    assert [response.status_code for response in responses] == [200, 200, 200, 204, 204]
    assert found == {"tasks_task_pkey"}


@pytest.mark.parametrize(
    ("others", "each", "hers"), [(9, 2_500, 2_500), (2, 5_000, 5_000), (1, 20_000, 200)]
)
def test_with_few_users_old_tasks_are_not_found_through_the_operators_index(
    as_alice: APIClient, alice: User, others: int, each: int, hers: int
) -> None:
    add_users(others)
    add_tasks(alice.pk, hers, age="300 days")
    add_tasks("user-%", each)
    analyze()

    found = scanned_by(as_alice, *BY_CREATION, *FILTERED, *SORTED)

    # A sequential scan can be the fastest way to count when most tasks are hers.
    assert set().union(*found.values()) <= OF_USER | {"tasks_task"}
    assert found[""] & found[", next page"] >= LISTED


def test_an_import_without_analyze_changes_no_index(as_alice: APIClient, alice: User) -> None:
    add_users(200)
    add_tasks("%", 10)
    analyze()
    add_tasks("user-%", 100, age="1000 days")
    add_tasks(alice.pk, 200, age="2000 days")

    assert_own_indexes(scanned_by(as_alice, *BY_CREATION, *FILTERED, *SORTED))


@pytest.mark.parametrize(
    "condition", [{"completed": False}, {"priority": 3}, {"due_date__gt": "2026-01-01"}]
)
def test_a_filtered_list_is_counted_by_an_index_only_scan(
    db: None, condition: dict[str, Any]
) -> None:
    add_users(10)
    add_tasks("user-%", 100)
    analyze()
    with connection.cursor() as cursor:
        # Before a VACUUM these, and the other indexes, are as fast as an index-only scan.
        for scan in ("bitmapscan", "seqscan"):
            cursor.execute(f"SET LOCAL enable_{scan} = off")
        cursor.execute("DROP INDEX tasks_task_changed, tasks_task_titles")

    live = Task.objects.filter(user_id="user-1", **condition).live()
    counted = live.values("pk").order_by()

    assert "Index Only Scan using tasks_task_live" in counted.explain()


@pytest.mark.slow
def test_the_trash_is_listed_by_its_index(as_alice: APIClient, alice: User) -> None:
    add_users(200)
    add_tasks("user-%", 100)
    add_tasks("user-%", 20, in_trash=True)
    add_tasks(alice.pk, 5_000)
    add_tasks(alice.pk, 50, in_trash=True, age="300 days")
    analyze()

    queries = ("", *FILTERED, "order=asc", "sort=title", "sort=-created_at")
    found = scanned_by(as_alice, *(f"deleted=true&{query}" for query in queries))

    assert found == dict.fromkeys(found, TRASHED)


def test_a_page_of_the_trash_is_not_sorted(as_alice: APIClient, alice: User) -> None:
    add_tasks(alice.pk, 500, in_trash=True)
    analyze()

    page = Task.objects.owned_by(alice).trashed().sorted_by("deleted_at", descending=True)[:10]

    assert "Sort" not in page.explain()


@pytest.mark.parametrize("mine", [0, 200, 5_000])
def test_sync_reads_the_changes_of_the_user_by_their_number(
    as_alice: APIClient, alice: User, mine: int
) -> None:
    add_users(100)
    add_tasks("user-%", 50)
    add_tasks(alice.pk, mine)
    analyze()
    as_alice.post("/api/tasks", {"title": "Last"})

    with scanned() as first_page:
        page = as_alice.get("/api/sync?limit=5").json()
    with scanned() as next_page:
        response = as_alice.get(f"/api/sync?limit=5&since={page['checkpoint']}")

    assert (response.status_code, page["more"]) == (200, mine > 4)
    assert (first_page, next_page) == (CHANGED, CHANGED)
