"""Compiled statements are asked for in a way of their own: to the same effect as Django's."""

import gc
import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DataError, OperationalError, connection

from conftest import ALICE, client_of, make_task
from todo_api.views import ApiViewSet

VALUES = [
    "it's 100% \\ fine", "", "\U0001f331", None, True, 7, uuid.UUID(int=5), date(2026, 2, 28),
    datetime(2026, 2, 28, 1, 2, 3, 4, tzinfo=UTC), [datetime(2026, 1, 1, tzinfo=UTC)],
]  # fmt: skip
STATEMENT = "SELECT 1; SELECT %s, %s::text, '5%%', now()::timestamp WHERE %s IS NOT NULL OR true"


def through_django(sql: str, params: list[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.nextset()
        return cursor.fetchall()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values_arrive_as_through_django(value: Any) -> None:
    connection.ensure_connection()
    kept: Any = connection.kept_cursor  # type: ignore[attr-defined]

    kept.execute(STATEMENT, [value, "text", value])
    kept.cursor.nextset()
    (row,) = kept.cursor.fetchall()

    assert row[:3] == through_django(STATEMENT, [value, "text", value])[0][:3]


@pytest.mark.django_db(transaction=True)
def test_errors_are_djangos_and_the_next_statement_works() -> None:
    database: Any = connection
    with pytest.raises(DataError):
        database.rows("SELECT %s::int", ["no number"])
    assert database.rows("SELECT %s::int", ["7"]) == [(7,)]

    database.connection.pgconn.finish()
    with pytest.raises(OperationalError):
        database.kept_cursor.execute("SELECT %s", [1])
    database.close()
    assert database.rows("SELECT %s::int", ["8"]) == [(8,)]


@pytest.mark.django_db(transaction=True)
def test_a_request_leaves_nothing_for_the_garbage_collector(alice: Any) -> None:
    """Its answer, of which there are thousands a minute, would be kept until it comes by."""
    task, as_alice = make_task(alice), client_of(ALICE)

    def views() -> int:
        return sum(issubclass(type(thing), ApiViewSet) for thing in gc.get_objects())

    gc.collect()
    before = views()  # the generator of the document keeps some
    gc.disable()
    try:
        for address in ("/api/tasks", f"/api/tasks/{task.pk}", "/api/tasks/nothing"):
            as_alice.get(address)
        as_alice.patch(f"/api/tasks/{task.pk}", {"title": "Changed"})
        assert views() == before
    finally:
        gc.enable()
