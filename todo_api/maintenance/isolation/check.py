"""One check and its result, and the statements that checks are made of."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection, transaction
from psycopg.errors import InsufficientPrivilege

from accounts.identity import AS_USER

NONE, ONE, REFUSED = "0 rows", "1 rows", "refused"


@dataclass(frozen=True)
class Check:
    """The expected and the actual result of one check. Contains no data of real users."""

    claim: str
    expected: str
    actual: str

    @property
    def holds(self) -> bool:
        return self.actual == self.expected


def run_as(user_id: str, sql: str, values: dict[str, Any] | None = None) -> str:
    """Runs a statement as todo_user with this identity, rolls it back and returns its result."""
    try:
        with rolled_back(), connection.cursor() as cursor:
            cursor.execute(AS_USER, [user_id])
            cursor.execute(sql, values)
            return f"{cursor.rowcount} rows"
    except DatabaseError as exc:
        refused = isinstance(exc.__cause__, InsufficientPrivilege)
        return REFUSED if refused else type(exc.__cause__).__name__


def query(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)
