"""The access of API requests to the database: what is missing, and its repair.

A restored dump, a dropped role, another owner or an administrator can change it. `manage.py
migrate` repairs it; `doctor`, `/readyz`, the database check and `verify_isolation` report it.
"""

from collections.abc import Callable

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, transaction

import accounts.access
import tasks.access
from accounts.identity import AS_USER
from todo_api.postgresql import access

TABLES = (*accounts.access.ACCESS, *tasks.access.ACCESS)
ATTEMPTS = 3


class Refused(Exception):
    """Statements that this database role may not run; an administrator must."""

    def __init__(self, statements: list[str]) -> None:
        self.statements = statements
        lines = "\n".join(f"    {statement};" for statement in statements)
        name = connection.settings_dict["NAME"]
        super().__init__(
            "The role of DATABASE_URL may not run the statements below. As an administrator, run"
            f" them in the database {name}; then run this command again.\n\n{lines}\n"
        )


def current_schema() -> str:
    """Returns the schema in which this connection creates tables; "" if it may use none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_schema(), '')")
        (name,) = cursor.fetchone()
    return str(name)


def missing_before_migrating() -> list[str]:
    """Returns the statements that the role, the schema and the owner of the tables need."""
    own = [access.SEARCH_PATH] if settings.DATABASE_SCHEMA else []
    return _missing([*access.ROLE_QUERIES, *own])


def missing() -> list[str]:
    """Returns all statements that API requests need; requires the tables."""
    own = [access.SEARCH_PATH] if settings.DATABASE_SCHEMA else []
    of_tables = [query for table in TABLES for query in table.queries()]
    return _missing([*access.ROLE_QUERIES, *own, *access.FUNCTION_QUERIES, *of_tables])


def _missing(queries: list[str]) -> list[str]:
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    schema = settings.DATABASE_SCHEMA or current_schema() or "public"
    return access.missing(queries, [*tables, "django_migrations"], schema)


def repair(find: Callable[[], list[str]], *, keep: bool = True) -> list[str]:
    """Runs the statements that `find` returns until it returns none. Returns those that it ran.

    Raises Refused, and changes nothing, if this role may not run one of them. With `keep=False`
    everything is rolled back in any case.
    """
    done: list[str] = []
    with transaction.atomic():
        left = find()
        # Another deployment on this server may change the same role at the same moment.
        for _ in range(ATTEMPTS):
            if left:
                done += left
                access.apply(left)
                left = find()
        if left or not keep:
            transaction.set_rollback(True)
    if left:
        raise Refused(left)
    return done


def runs_as_todo_user() -> bool:
    """Returns whether this connection can read the tables as todo_user, as requests do."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(AS_USER, [""])
            for table in TABLES:
                columns = ", ".join(table.columns) or "*"
                cursor.execute(f"SELECT {columns} FROM {table.table} LIMIT 0")
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True
