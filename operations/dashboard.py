"""The dashboard on the admin's index page: its panels, and the time limits of their queries."""

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

# The page must open quickly even when the database is slow. A statement may take
# STATEMENT_TIMEOUT_SECONDS and all statements together TOTAL_TIMEOUT_SECONDS. After that, each
# remaining statement gets MIN_TIMEOUT_SECONDS, which is enough for an idle database.
STATEMENT_TIMEOUT_SECONDS, TOTAL_TIMEOUT_SECONDS, MIN_TIMEOUT_SECONDS = 1.0, 3.0, 0.05
NOT_AVAILABLE = "Not available: the database timed out or returned an error."


@dataclass(frozen=True)
class PanelSpec:
    """A panel's title, the function that builds it, and the permission that it requires, if any.

    Operators without the permission do not see the panel.
    """

    title: str
    build: Callable[[datetime], Panel]
    permission: str = ""


TILES = (
    PanelSpec("Users", panels.users, "accounts.view_user"),
    PanelSpec("New users", panels.new_users, "accounts.view_user"),
    PanelSpec("Active users", panels.active_users, "accounts.view_user"),
    PanelSpec("Tasks", panels.tasks, "tasks.view_task"),
    PanelSpec("Server errors (5xx)", traffic_panels.server_errors, "operations.view_traffic"),
    PanelSpec("Queue time", traffic_panels.queue_time, "operations.view_traffic"),
    PanelSpec("Database", panels.database),
    PanelSpec("Migrations", panels.migrations),
    PanelSpec("Expired rows to purge", panels.to_purge),
    PanelSpec("Token verification keys", panels.keys),  # last: with many sources it is wide
)
CHARTS = (
    PanelSpec("Tasks per day", panels.task_days, "tasks.view_task"),
    PanelSpec("Responses, last hour", traffic_panels.responses, "operations.view_traffic"),
    PanelSpec("Refused requests, last hour", traffic_panels.refusals, "operations.view_traffic"),
    PanelSpec(
        "Slowest routes, last hour", traffic_panels.slowest_routes, "operations.view_traffic"
    ),
)


def dashboard(user: Any) -> dict[str, list[tuple[str, Panel]]]:
    """Returns the panels that this operator may see: `{"tiles": [(title, panel), …], "charts": …}`.

    Queries the database. A panel whose query fails is replaced by a message.
    """
    # A whole minute, so that a number and the list that it links to have the same start time.
    now = timezone.now().replace(second=0, microsecond=0)
    with _statement_timeouts():
        return {
            size: [
                (spec.title, _built(spec, now))
                for spec in specs
                if not spec.permission or user.has_perm(spec.permission)
            ]
            for size, specs in (("tiles", TILES), ("charts", CHARTS))
        }


def _built(spec: PanelSpec, now: datetime) -> Panel:
    """Returns the panel, or one with the message NOT_AVAILABLE when the database fails."""
    try:
        return spec.build(now)
    except Error as exc:
        # The error's text may contain the database's address: only its type is logged.
        logger.warning("Dashboard panel failed: %s: %s", spec.title, type(exc).__name__)
        return Panel(note=NOT_AVAILABLE)


@contextmanager
def _statement_timeouts() -> Iterator[None]:
    """Limits the time of every statement in the block.

    The timeout is set in the same message as the statement, which PostgreSQL runs as one
    transaction: there is no extra round trip, and the connection keeps no changed setting.
    """
    deadline = time.monotonic() + TOTAL_TIMEOUT_SECONDS

    def execute_with_timeout(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        left = deadline - time.monotonic()
        seconds = max(MIN_TIMEOUT_SECONDS, min(STATEMENT_TIMEOUT_SECONDS, left))
        timeout = f"SELECT set_config('statement_timeout', '{seconds * 1000:.0f}ms', true); "
        result = execute(timeout + sql, params, many, context)
        context["cursor"].nextset()
        return result

    with connection.execute_wrapper(execute_with_timeout):
        yield
