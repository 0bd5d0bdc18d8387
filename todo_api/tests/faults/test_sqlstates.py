"""HTTP statuses for error codes of PostgreSQL (SQLSTATE)."""

import logging

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from rest_framework.exceptions import APIException

from accounts.models import User
from tasks.models import Task
from todo_api.errors import from_database

RAISE = "DO $$ BEGIN RAISE 'at db.internal' USING ERRCODE = '{}'; END $$"


def raised(sqlstate: str) -> DatabaseError:
    """Returns the error that Django raises when PostgreSQL reports this code."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        connection.cursor().execute(RAISE.format(sqlstate))
    return caught.value


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sqlstate", "status", "code"),
    [
        ("08000", 503, "unavailable"),  # connection lost
        ("08006", 503, "unavailable"),
        ("08P01", 503, "unavailable"),  # refused by PgBouncer
        ("53100", 503, "unavailable"),  # disk full
        ("53200", 503, "unavailable"),  # out of memory
        ("53300", 503, "unavailable"),  # too many connections
        ("57014", 503, "unavailable"),  # statement timeout
        ("57P01", 503, "unavailable"),  # terminated by an administrator
        ("57P03", 503, "unavailable"),  # starting up
        ("55P03", 503, "unavailable"),  # lock timeout
        ("40001", 503, "unavailable"),  # serialization failure
        ("40P01", 503, "unavailable"),  # deadlock
        ("25006", 503, "unavailable"),  # read-only server
        ("23505", 409, "conflict"),  # unique
        ("23514", 400, "invalid"),  # check
        ("23503", 400, "invalid"),  # foreign key
        ("22001", 400, "invalid"),  # too long
        ("22021", 400, "invalid"),  # not valid text
        ("22008", 400, "invalid"),  # date out of range
    ],
)
def test_an_sqlstate_has_a_status_and_an_error_code(sqlstate: str, status: int, code: str) -> None:
    error = from_database(raised(sqlstate))

    assert isinstance(error, APIException)
    assert error.status_code == status
    assert str(error.get_codes()).strip("[']") == code
    assert "db.internal" not in str(error.detail)


@pytest.mark.django_db
@pytest.mark.parametrize("sqlstate", ["42501", "42P01", "42601", "XX000", "55000", "25P02"])
def test_an_sqlstate_of_a_programming_error_is_not_translated(sqlstate: str) -> None:
    error = raised(sqlstate)

    assert from_database(error) is error


@pytest.mark.django_db
def test_a_missing_privilege_is_logged_as_critical(caplog: pytest.LogCaptureFixture) -> None:
    from_database(raised("42501"))

    levels = [record.levelno for record in caplog.records if record.name == "todo_api.errors"]
    assert levels == [logging.CRITICAL]
    assert "db.internal" not in caplog.text


@pytest.mark.django_db
def test_a_failed_connection_without_an_sqlstate_is_a_503() -> None:
    error = from_database(OperationalError("could not connect to db.internal"))

    assert isinstance(error, APIException)
    assert error.status_code == 503


@pytest.mark.django_db
def test_an_internal_error_without_an_sqlstate_is_not_a_503() -> None:
    with pytest.raises(DatabaseError) as caught:
        Task(title="Not stored").save(force_update=True)

    assert from_database(caught.value) is caught.value


@pytest.mark.django_db
def test_a_violated_constraint_returns_its_own_message() -> None:
    user = User.objects.create(id="a", password="!")

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Task.objects.create(user=user, title=" ")
    error = from_database(caught.value)

    assert isinstance(error, APIException)
    assert (error.status_code, error.detail) == (400, ["Title cannot be empty"])
