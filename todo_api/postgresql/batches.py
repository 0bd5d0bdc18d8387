"""Deletes many rows in steps, so that no statement holds locks for long.

Each step is one transaction. After an interruption, the rows of the finished steps are deleted, and
the deletion can be started again.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

ROWS = 5_000
PAGES = 2_000  # of 8 kB


def delete(rows: QuerySet[Any]) -> Iterator[Counter[str]]:
    """Deletes rows and their dependent rows, ROWS per step. An index must find the rows.

    A row that no longer matches stays, such as a task that is restored meanwhile: the conditions
    are in the DELETE, too, because PostgreSQL does not evaluate a subquery again after a wait.
    Yields the number of deleted rows by model label after each step.
    """
    while True:
        step = rows.order_by().values("pk")[:ROWS]
        deleted, by_model = rows.order_by().filter(pk__in=step).delete()
        if deleted:
            yield Counter(by_model)
        elif not rows.exists():  # another process may have deleted these rows
            return


def sweep(rows: QuerySet[Any]) -> Iterator[Counter[str]]:
    """Deletes rows without an index: scans the table once, PAGES per step. Yields like `delete`.

    A row that is updated during the scan may move to a page that was already scanned. The next
    sweep deletes it.
    """
    table = connection.ops.quote_name(rows.model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::int", [table]
        )
        (pages,) = cursor.fetchone()
    for first in range(0, pages, PAGES):
        in_pages = RawSQL(  # noqa: S611  (the table's name is Django's, the numbers are ours)
            f"{table}.ctid >= %s::tid AND {table}.ctid < %s::tid",
            [f"({first},0)", f"({first + PAGES},0)"],
            output_field=BooleanField(),
        )
        deleted, by_model = rows.filter(in_pages).delete()
        yield Counter(by_model) if deleted else Counter()
