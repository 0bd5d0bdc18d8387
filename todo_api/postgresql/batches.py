"""Deleting many rows in steps: no statement holds locks for long, and a stop loses one step.

Each step is a transaction of its own. Whoever stops between two has deleted what was counted, and
may begin again.
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
    """Deletes rows that an index finds, and what goes with them, ROWS of them a step.

    Yields after each how many that were, by model label.
    """
    while True:
        step = rows.order_by().values("pk")[:ROWS]
        deleted, by_model = rows.model._base_manager.filter(pk__in=step).delete()
        if deleted:
            yield Counter(by_model)
        elif not rows.exists():  # somebody else may have deleted this step
            return


def sweep(rows: QuerySet[Any]) -> Iterator[Counter[str]]:
    """Deletes rows that may be anywhere: walks over the table once, PAGES of it a step, and reads
    each page once, however few of them are in it. Yields like `delete`. A row that is changed
    meanwhile may move to where the walk has been; the next one finds it.
    """
    table = connection.ops.quote_name(rows.model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::int", [table]
        )
        (pages,) = cursor.fetchone()
    for first in range(0, pages, PAGES):
        here = RawSQL(  # noqa: S611
            f"{table}.ctid >= %s::tid AND {table}.ctid < %s::tid",
            [f"({first},0)", f"({first + PAGES},0)"],
            output_field=BooleanField(),
        )
        deleted, by_model = rows.filter(here).delete()
        yield Counter(by_model) if deleted else Counter()
