"""How PostgreSQL finds a person's tasks: by an index that begins with the person, whatever others
have. Operators' index on everybody's tasks would do until somebody's are all older than a million
of others'.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import User
from tasks.models import SORTS, Task

LISTED = {"tasks_task_listed"}
SCANS = re.compile(r"Seq Scan on (tasks_task)|Scan(?: Backward)? (?:using|on) (tasks_task_\w+)")
BY_AGE = ("", "sort=created_at&order=asc")
FILTERED = ("status=pending", "priority=high", "due_after=2026-01-01", "search=number")
SORTED = tuple(f"sort={sign}{name}" for name in SORTS[1:] for sign in ("", "-"))
ADD = """
INSERT INTO tasks_task (id, user_id, title, description, completed, priority, due_date,
    created_at, updated_at)
SELECT gen_random_uuid(), id, 'Task number ' || i, repeat('x', 300), false, 1 + i %% 4,
    date '2026-01-01' + i %% 100, now() + (i - %s) * interval '1 minute' - %s::interval, now()
FROM generate_series(1, %s) AS i, accounts_user WHERE id LIKE %s ORDER BY i
"""


def add_people(count: int) -> None:
    User.objects.bulk_create(User(id=f"person-{n}", password="!") for n in range(count))


def add_tasks(users: str, each: int, *, age: str = "0 days") -> None:
    """To everybody whose id is like this; the youngest are of this age."""
    with connection.cursor() as cursor:
        cursor.execute(ADD, [each, age, each, users])


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_user, tasks_task")


@contextmanager
def scanned() -> Iterator[set[str]]:
    """The indexes, or the table, that the statements of the block read tasks from. Each statement
    is explained as the request sends it: as its person, behind the same prefix.
    """
    names: set[str] = set()

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "tasks_task" in sql and not sql.startswith("INSERT"):
            execute(f"EXPLAIN {sql}", params, many, context)
            plan = "\n".join(line for (line,) in context["cursor"].fetchall())
            names.update("".join(found) for found in SCANS.findall(plan))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield names


def scanned_by(client: APIClient, *queries: str) -> dict[str, set[str]]:
    """For each list what its first page read, and what the next one that `Link` leads to."""
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


@pytest.mark.slow
def test_among_many_people_every_list_reads_ones_own_part_of_the_index(
    as_alice: APIClient, as_bob: APIClient, alice: User, bob: User
) -> None:
    add_people(1_000)
    add_tasks("person-%", 100)
    add_tasks(alice.pk, 2_000)
    add_tasks(bob.pk, 12)
    analyze()

    for client in (as_alice, as_bob):
        found = scanned_by(client, *BY_AGE, *FILTERED, *SORTED)

        assert found == dict.fromkeys(found, LISTED)


def test_one_task_is_read_and_written_by_its_id(as_alice: APIClient, alice: User) -> None:
    add_people(100)
    add_tasks("%", 100)
    analyze()
    address = f"/api/tasks/{Task.objects.owned_by(alice)[50].pk}"

    with scanned() as found:
        responses = [
            as_alice.get(address),
            as_alice.patch(address, {"title": "Changed"}),
            as_alice.post(f"{address}/complete"),
            as_alice.delete(address),
        ]

    assert [response.status_code for response in responses] == [200, 200, 200, 204]
    assert found == {"tasks_task_pkey"}


@pytest.mark.parametrize(
    ("others", "each", "hers"), [(9, 2_500, 2_500), (2, 5_000, 5_000), (1, 20_000, 200)]
)
def test_among_few_people_old_tasks_are_not_looked_for_behind_everybodys_newer_ones(
    as_alice: APIClient, alice: User, others: int, each: int, hers: int
) -> None:
    add_people(others)
    add_tasks(alice.pk, hers, age="300 days")
    add_tasks("person-%", each)
    analyze()

    found = scanned_by(as_alice, *BY_AGE, *FILTERED, *SORTED)

    # Where a good part of all tasks is hers, the whole table may be the shortest way to count them.
    assert set().union(*found.values()) <= LISTED | {"tasks_task"}
    assert found[""] & found[", next page"] >= LISTED


def test_an_import_that_was_not_analyzed_changes_no_way_to_the_tasks(
    as_alice: APIClient, alice: User
) -> None:
    add_people(200)
    add_tasks("%", 10)
    analyze()
    add_tasks("person-%", 100, age="1000 days")
    add_tasks(alice.pk, 200, age="2000 days")

    found = scanned_by(as_alice, *BY_AGE, *FILTERED, *SORTED)

    assert found == dict.fromkeys(found, LISTED)


@pytest.mark.parametrize(
    "condition", [{"completed": False}, {"priority": 3}, {"due_date__gt": "2026-01-01"}]
)
def test_a_filtered_list_is_counted_in_the_index_alone(db: None, condition: dict[str, Any]) -> None:
    add_people(10)
    add_tasks("person-%", 100)
    analyze()
    with connection.cursor() as cursor:
        # Without a VACUUM it would be no faster than these.
        for other in ("bitmapscan", "seqscan"):
            cursor.execute(f"SET LOCAL enable_{other} = off")

    counted = Task.objects.filter(user_id="person-1", **condition).values("pk").order_by()

    assert "Index Only Scan using tasks_task_listed" in counted.explain()
