"""The dashboard of the admin's front page: which panels an operator sees, and for how long each may
ask.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import Error, connection
from django.utils import timezone

from operations import panels, traffic_panels
from operations.panel import Panel

logger = logging.getLogger(__name__)

# The page opens in time, whatever the database does: so long for a statement, so long for all of
# them, and then for each only what an idle database needs.
STATEMENT_SECONDS, ALL_SECONDS, LEAST_SECONDS = 1.0, 3.0, 0.05
MISSING = "Not available: the database was too slow, or could not answer."


@dataclass(frozen=True)
class Place:
    """Where a panel stands. Operators without the permission see neither it nor the way to it."""

    title: str
    draw: Callable[[datetime], Panel]
    permission: str = ""


TILES = (
    Place("People", panels.people, "accounts.view_user"),
    Place("New people", panels.new_people, "accounts.view_user"),
    Place("Active people", panels.active_people, "accounts.view_user"),
    Place("Tasks", panels.tasks, "tasks.view_task"),
    Place("Keys that verify tokens", panels.keys),
    Place("Database", panels.database),
    Place("Migrations", panels.migrations),
    Place("Waiting to be purged", panels.to_purge),
)
CHARTS = (
    Place("Tasks, day by day", panels.task_days, "tasks.view_task"),
    Place("Answers, last hour", traffic_panels.answers, "operations.view_traffic"),
    Place("Refused, last hour", traffic_panels.refusals, "operations.view_traffic"),
    Place("Slowest routes, last hour", traffic_panels.slowest_routes, "operations.view_traffic"),
)


def dashboard(user: Any) -> dict[str, list[tuple[str, Panel]]]:
    """What this operator may see, drawn now: titles with their panels, by their size."""
    # Whole minutes, so that a figure and the list behind it begin at the same moment.
    now = timezone.now().replace(second=0, microsecond=0)
    with _limited():
        return {
            size: [
                (place.title, _drawn(place, now))
                for place in places
                if not place.permission or user.has_perm(place.permission)
            ]
            for size, places in (("tiles", TILES), ("charts", CHARTS))
        }


def _drawn(place: Place, now: datetime) -> Panel:
    """The panel, or one that says that it is missing: the others do not suffer for it."""
    try:
        return place.draw(now)
    except Error as exc:
        # The error's text may hold the database's address: only its kind is logged.
        logger.warning("Dashboard panel failed: %s: %s", place.title, type(exc).__name__)
        return Panel(note=MISSING)


@contextmanager
def _limited() -> Iterator[None]:
    """Statements are given up in time. The limit travels in front of each, in one message that
    PostgreSQL runs as one transaction: one round trip, and nothing stays behind on the connection.
    """
    ends_at = time.monotonic() + ALL_SECONDS

    def execute_limited(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        seconds = max(LEAST_SECONDS, min(STATEMENT_SECONDS, ends_at - time.monotonic()))
        limit = f"SELECT set_config('statement_timeout', '{seconds * 1000:.0f}ms', true); "
        result = execute(limit + sql, params, many, context)
        context["cursor"].nextset()
        return result

    with connection.execute_wrapper(execute_limited):
        yield
