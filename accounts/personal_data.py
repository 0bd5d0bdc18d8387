"""Export and erasure of all data of a user.

The models with user data are found through their foreign keys, so that this app needs no import of
the tasks app.
"""

import time
from collections import Counter
from collections.abc import Generator, Iterator
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import CASCADE, Model, QuerySet
from django.utils.module_loading import import_string
from rest_framework import serializers

from accounts.models import User
from accounts.serializers import ExportedUserSerializer
from todo_api.postgresql import batches

# The admin log survives an erasure. It contains only ids of users and tasks.
KEPT = {"admin.LogEntry"}
# Rows for each statement; a task has at most 40 kB.
EXPORTED_AT_ONCE = 50
# The statement timeout of API requests (accounts.identity).
WRITES_END_SECONDS = 5


def belongings() -> dict[type[Model], str]:
    """Returns each model whose rows an erasure deletes, with its foreign key to the user."""
    relations: Any = User._meta.get_fields(include_hidden=True)
    return {
        relation.related_model: relation.field.name
        for relation in relations
        if relation.auto_created
        and not relation.concrete
        and relation.on_delete is CASCADE
        and relation.related_model._meta.label not in KEPT
    }


def rows_of(user: User) -> Iterator[QuerySet[Any]]:
    for model, field in belongings().items():
        yield model._default_manager.filter(**{field: user})


def export(user: User) -> Iterator[dict[str, Any]]:
    """Yields `{"user": {…}}`, then each row of the user, such as `{"task": {…}}`."""
    yield {"user": ExportedUserSerializer(user).data}
    for kind in settings.PERSONAL_DATA:
        for fields in belonging(user, kind):
            yield {kind: fields}


def belonging(user: User, kind: str) -> Iterator[dict[str, Any]]:
    """Yields the user's rows of one kind of PERSONAL_DATA, in the format of the API."""
    yield from represented(*_of_kind(user, kind))


def represented(
    serializer: serializers.ModelSerializer[Any], rows: QuerySet[Any]
) -> Iterator[dict[str, Any]]:
    """Yields the rows in their order, in the format of the API.

    Memory holds all ids but only EXPORTED_AT_ONCE rows. Rows deleted meanwhile are left out.
    """
    ids = list((rows if rows.ordered else rows.order_by("pk")).values_list("pk", flat=True))
    for start in range(0, len(ids), EXPORTED_AT_ONCE):
        some = ids[start : start + EXPORTED_AT_ONCE]
        found = rows.order_by().in_bulk(some)
        for row in (found[pk] for pk in some if pk in found):
            yield serializer.to_representation(row)


def count_exported(user: User) -> int:
    """Returns how many objects `export` yields. One query for each kind of PERSONAL_DATA."""
    return 1 + sum(_of_kind(user, kind)[1].count() for kind in settings.PERSONAL_DATA)


def _of_kind(user: User, kind: str) -> tuple[serializers.ModelSerializer[Any], QuerySet[Any]]:
    """Returns the serializer of a kind of PERSONAL_DATA, and the user's rows."""
    serializer: serializers.ModelSerializer[Any] = import_string(settings.PERSONAL_DATA[kind])()
    model: Any = serializer.Meta.model
    return serializer, model.objects.filter(**{belongings()[model]: user})


def count(user: User) -> dict[str, int]:
    """Returns how many rows `erase` would delete, by model label. One query for each model."""
    return {rows.model._meta.label: number for rows in rows_of(user) if (number := rows.count())}


def erase(user: User) -> dict[str, int]:
    """Deletes all data of the user and leaves a tombstone. Returns the number of deleted rows by
    model label. An interrupted erasure is finished by running it again.
    """
    return dict(sum(erasing(user), Counter()))


def erasing(user: User) -> Generator[Counter[str], None, None]:
    """Erases in steps: yields the number of rows that each step deleted, by model label.

    The tombstone comes first: from then on every request of the user is refused, and the row
    policies prevent writes.
    """
    User.objects.filter(pk=user.pk).bury()
    _wait_for_writers()
    for rows in rows_of(user):
        yield from batches.delete(rows)


def unfinished() -> QuerySet[User]:
    """Returns the erased users who still have rows, because their erasure was interrupted."""
    left: set[str] = set()
    for model, field in belongings().items():
        theirs = model._default_manager.filter(**{f"{field}__erased_at__isnull": False})
        left |= set(theirs.order_by().values_list(field, flat=True).distinct())
    return User.objects.filter(pk__in=left)


def _wait_for_writers() -> None:
    """Waits for writing transactions that began before the tombstone, up to WRITES_END_SECONDS.

    Such a transaction may insert a row of the user that is invisible here until it commits. Each
    writer holds a RowExclusiveLock on its table until then, which pg_locks shows. This function
    takes no lock itself, so that it blocks no other transaction.
    """
    tables = [model._meta.db_table for model in belongings()]
    deadline = time.monotonic() + WRITES_END_SECONDS
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(DISTINCT virtualtransaction) FROM pg_locks"
            " WHERE mode = 'RowExclusiveLock' AND pid <> pg_backend_pid() AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND relation = ANY (%s::regclass[])",
            [tables],
        )
        (writers,) = cursor.fetchone()
        while writers and time.monotonic() < deadline:
            time.sleep(0.02)
            cursor.execute(
                "SELECT array_agg(DISTINCT virtualtransaction) FROM pg_locks"
                " WHERE virtualtransaction = ANY (%s)",
                [writers],
            )
            (writers,) = cursor.fetchone()
