"""Compiled statements on a reused cursor: results and errors are those of Django's cursor."""

import gc
import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DataError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from conftest import ALICE, client_of, make_task
from todo_api.postgresql.statements import Bind, Statement
from todo_api.web.views import ApiViewSet

VALUES = [
    "it's 100% \\ fine", "", "\U0001f331", None, True, 7, uuid.UUID(int=5), date(2026, 2, 28),
    datetime(2026, 2, 28, 1, 2, 3, 4, tzinfo=UTC), [datetime(2026, 1, 1, tzinfo=UTC)],
]  # fmt: skip
ECHO = Statement("SELECT %s, '5%%'; SELECT %s::text", (Bind("value"), Bind("text")))


def through_django(sql: str, params: list[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


@pytest.mark.django_db
@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values_are_adapted_as_by_django(value: Any) -> None:
    first, second = ECHO.run({"value": value, "text": "text", "other": 1})

    assert first == through_django("SELECT %s, '5%%'", [value])
    assert second == [("text",)]


@pytest.mark.django_db(transaction=True)
def test_errors_are_those_of_django_and_the_next_statement_works() -> None:
    number = Statement("SELECT %s::int", (Bind("text"),))
    with pytest.raises(DataError):
        number.run({"text": "no number"})
    assert number.run({"text": "7"}) == [[(7,)]]

    connection.connection.pgconn.finish()
    with pytest.raises(OperationalError):
        number.run({"text": "7"})
    connection.close()
    assert number.run({"text": "8"}) == [[(8,)]]


@pytest.mark.django_db
def test_a_missing_value_is_an_error_and_nothing_is_sent() -> None:
    with CaptureQueriesContext(connection) as queries, pytest.raises(KeyError):
        ECHO.run({"value": 1})

    assert len(queries) == 0


@pytest.mark.django_db
def test_a_large_result_is_not_kept_by_the_cursor() -> None:
    assert len(Statement("SELECT generate_series(1, 50)").run({})[0]) == 50

    kept: Any = connection.kept  # type: ignore[attr-defined]  # our own attribute
    assert kept.pgresult.ntuples == 0


@pytest.mark.django_db(transaction=True)
def test_statements_run_in_the_current_transaction() -> None:
    written = Statement("INSERT INTO accounts_user (id, email, name, password, is_active, is_staff,"
        " is_superuser, date_joined) VALUES (%s, '', '', '', true, false, false, now())"
        " RETURNING id", (Bind("id"),))  # fmt: skip
    known = Statement("SELECT count(*) FROM accounts_user")

    with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012  (the error is raised at commit)
        assert written.run({"id": "new"}) == [[("new",)]]
        assert known.run({}) == [[(1,)]]
        raise RuntimeError

    assert known.run({}) == [[(0,)]]


@pytest.mark.django_db(transaction=True)
def test_a_request_creates_no_reference_cycles(alice: Any) -> None:
    """A view in a cycle would keep its response in memory until the next garbage collection."""
    task, as_alice = make_task(alice), client_of(ALICE)

    def views() -> int:
        return sum(issubclass(type(thing), ApiViewSet) for thing in gc.get_objects())

    gc.collect()
    before = views()  # the schema generator keeps some
    gc.disable()
    try:
        for address in ("/api/tasks", f"/api/tasks/{task.pk}", "/api/tasks/nothing"):
            as_alice.get(address)
        as_alice.patch(f"/api/tasks/{task.pk}", {"title": "Changed"})
        assert views() == before
    finally:
        gc.enable()
