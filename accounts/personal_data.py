"""What belongs to a person: handed out as a whole, or deleted as a whole.

Nothing here knows that tasks exist: whatever goes with a person is found by asking the models.
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

# What an operator did stays on record. It names people and tasks by their ids.
KEPT = {"admin.LogEntry"}
# Rows a statement; a task is 40 kB at most.
EXPORTED_AT_ONCE = 50
# A statement of an API request lives no longer (accounts.identity).
WRITES_END_SECONDS = 5


def belongings() -> dict[type[Model], str]:
    """Each model whose rows go when their person goes, and its field that names the person."""
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
    """Yields `{"user": {…}}`, then whatever belongs to the user, such as `{"task": {…}}`."""
    yield {"user": ExportedUserSerializer(user).data}
    for kind in settings.PERSONAL_DATA:
        for fields in belonging(user, kind):
            yield {kind: fields}


def belonging(user: User, kind: str) -> Iterator[dict[str, Any]]:
    """Yields the user's rows of a kind of PERSONAL_DATA, each as the API shows it. Holds all ids
    and a few rows; leaves out what is deleted meanwhile.
    """
    serializer: serializers.ModelSerializer[Any] = import_string(settings.PERSONAL_DATA[kind])()
    model: Any = serializer.Meta.model
    rows = model.objects.filter(**{belongings()[model]: user})
    ids = list((rows if rows.ordered else rows.order_by("pk")).values_list("pk", flat=True))
    for start in range(0, len(ids), EXPORTED_AT_ONCE):
        some = ids[start : start + EXPORTED_AT_ONCE]
        found = rows.order_by().in_bulk(some)
        for row in (found[pk] for pk in some if pk in found):
            yield serializer.to_representation(row)


def count(user: User) -> dict[str, int]:
    """What `erase` would delete, by model label."""
    return {rows.model._meta.label: number for rows in rows_of(user) if (number := rows.count())}


def erase(user: User) -> dict[str, int]:
    """Deletes whatever belongs to the person and leaves a tombstone of them. Returns what was
    deleted, by model label. May be stopped, and run again to finish.
    """
    return dict(sum(erasing(user), Counter()))


def erasing(user: User) -> Generator[Counter[str], None, None]:
    """`erase`, a step at a time: yields what each deleted.

    The tombstone comes first: from then on every request is refused, and policies let none of
    them write.
    """
    User.objects.filter(pk=user.pk).bury()
    _let_writes_end()
    for rows in rows_of(user):
        yield from batches.delete(rows)


def unfinished() -> QuerySet[User]:
    """Erased people of whom something is left: their erasure was stopped in between."""
    left: set[str] = set()
    for model, field in belongings().items():
        theirs = model._default_manager.filter(**{f"{field}__erased_at__isnull": False})
        left |= set(theirs.order_by().values_list(field, flat=True).distinct())
    return User.objects.filter(pk__in=left)


def _let_writes_end() -> None:
    """Waits for the statements that began before the tombstone was there.

    They may have been allowed to insert a row that nobody sees before they commit. Whoever
    writes to a table holds a lock on it until then; nothing is locked here, so nobody waits for
    us.
    """
    tables = [model._meta.db_table for model in belongings()]
    give_up = time.monotonic() + WRITES_END_SECONDS
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(DISTINCT virtualtransaction) FROM pg_locks"
            " WHERE mode = 'RowExclusiveLock' AND pid <> pg_backend_pid() AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND relation = ANY (%s::regclass[])",
            [tables],
        )
        (writers,) = cursor.fetchone()
        while writers and time.monotonic() < give_up:
            time.sleep(0.02)
            cursor.execute(
                "SELECT array_agg(DISTINCT virtualtransaction) FROM pg_locks"
                " WHERE virtualtransaction = ANY (%s)",
                [writers],
            )
            (writers,) = cursor.fetchone()
