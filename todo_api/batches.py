"""Deleting many rows in steps: no statement holds locks for long, and a stop loses one step."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

ROWS = 5_000


def delete(rows: QuerySet[Any]) -> Iterator[Counter[str]]:
    """Deletes the rows and what goes with them, ROWS of them a transaction.

    Yields after each how many that were, by model label. Whoever stops in between has deleted
    what was counted, and may begin again.
    """
    while True:
        step = rows.order_by().values("pk")[:ROWS]
        deleted, by_model = rows.model._base_manager.filter(pk__in=step).delete()
        if deleted:
            yield Counter(by_model)
        elif not rows.exists():  # somebody else may have deleted this step
            return
