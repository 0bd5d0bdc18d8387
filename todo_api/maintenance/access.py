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
LOCK_SECONDS = 2


class Refused(Exception):
    """Statements that this database role may not run; an administrator must."""

    def __init__(self, statements: list[str]) -> None:
        self.statements = statements
        lines = "\n".join(f"    {statement};" for statement in statements)
        name = connection.settings_dict["NAME"]
        super().__init__(
            "The role of DATABASE_URL could not run the statements below: it may not, or a table"
            f" was locked for over {LOCK_SECONDS} s. As an administrator, run them in the database"
            f" {name}; then run this command again.\n\n{lines}\n"
        )


def current_schema() -> str:
    """Returns the schema in which this connection creates tables; "" if it may use none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_schema(), '')")
        (name,) = cursor.fetchone()
    return str(name)


def other_schema() -> bool:
    """Returns whether DATABASE_SCHEMA is set, but this connection is in another schema."""
    return bool(settings.DATABASE_SCHEMA) and current_schema() != settings.DATABASE_SCHEMA


def tables_elsewhere() -> str:
    """Returns another schema than DATABASE_SCHEMA that has the tables; "" if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname FROM pg_tables WHERE tablename = 'tasks_idempotencyrecord'"
        )
        schemas = [name for (name,) in cursor.fetchall()]
    return schemas[0] if schemas and settings.DATABASE_SCHEMA not in schemas else ""


def missing_before_migrating() -> list[str]:
    """Returns the statements that the role, the schema and the owner of the tables need."""
    own = [access.SEARCH_PATH] if settings.DATABASE_SCHEMA else []
    return _missing([*access.ROLE_QUERIES, *own])


def missing() -> list[str]:
    """Returns all statements that API requests need; requires the tables."""
    own = [access.SEARCH_PATH] if settings.DATABASE_SCHEMA else []
    of_tables = [query for table in TABLES for query in table.queries()]
    names = ",".join(table.table for table in TABLES)
    of_tables.append(access.OTHER_PRIVILEGES.format(names=names))
    triggers = tasks.access.TRIGGER_QUERIES
    return _missing([*access.ROLE_QUERIES, *own, *access.FUNCTION_QUERIES, *of_tables, *triggers])


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
        with connection.cursor() as cursor:
            # Waiting for a lock on a table would hold up every other statement on it.
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
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
