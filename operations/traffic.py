"""Adds up what a worker process answers, and writes it to the database once a minute.

Only a request that used the database itself makes its process write: an idle service, or one that
is flooded with bad tokens, never wakes a database that sleeps.
"""

import asyncio
import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.signals import request_finished
from django.db import Error

from accounts.identity import as_owner, required
from operations.models import Traffic
from todo_api.request.context import RequestContext, active

logger = logging.getLogger(__name__)

WRITE_EVERY_SECONDS = 60
WRITE_WITHIN_SECONDS = 2  # one response waits for it
# While the database is out of reach: some hours of traffic, or 2 MB.
KEPT_SUMS = 5_000

# Minute since the epoch, route, method, status, refusal.
Kind = tuple[int, str, str, int, str]


@dataclass(slots=True)
class Sum:
    count: int = 0
    total_ms: float = 0.0
    slowest_ms: float = 0.0

    def add(self, count: int, total_ms: float, slowest_ms: float) -> None:
        self.count += count
        self.total_ms += total_ms
        self.slowest_ms = max(self.slowest_ms, slowest_ms)


class Figures:
    """The sums of this process that are not in the database yet. Safe in threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: dict[Kind, Sum] = {}
        self._began_at = time.time()

    def add(
        self, route: str, method: str, status: int, refusal: str, ms: float, *, used_database: bool
    ) -> None:
        """Counts one answer. Asks no database."""
        if not settings.RECORD_TRAFFIC:
            return
        now = time.time()
        with self._lock:
            self._of((int(now // 60), route, method, status, refusal)).add(1, ms, ms)
        # A clock that was set back makes it due as well.
        if used_database and not 0 <= now - self._began_at < WRITE_EVERY_SECONDS:
            request_finished.connect(self.write_once)

    def write_once(self, **kwargs: Any) -> None:
        """Receiver of Django's request_finished, for once."""
        if in_event_loop():
            return  # a probe's, which may not wait for the database
        request_finished.disconnect(self.write_once)
        self.write()

    def write(self) -> None:
        """One INSERT, as the owner. What cannot be written is kept for the next time."""
        with self._lock:
            sums, self._sums = self._sums, {}
            self._began_at = time.time()
        rows = [
            Traffic(
                minute=datetime.fromtimestamp(minute * 60, UTC),
                route=route, method=method, status=status, refusal=refusal,
                count=sum.count, total_ms=sum.total_ms, slowest_ms=sum.slowest_ms,
            )
            for (minute, route, method, status, refusal), sum in sums.items()
        ]  # fmt: skip
        try:
            waits = RequestContext(seconds=WRITE_WITHIN_SECONDS)
            with active(waits), required(), as_owner("traffic figures"):
                Traffic.objects.bulk_create(rows)
        except Error as exc:
            logger.warning("Traffic figures were not written: %s", type(exc).__name__)
            with self._lock:
                newer, self._sums = self._sums, sums
                for kind, sum in newer.items():
                    self._of(kind).add(sum.count, sum.total_ms, sum.slowest_ms)

    def _of(self, kind: Kind) -> Sum:
        if (found := self._sums.get(kind)) is None:
            if len(self._sums) >= KEPT_SUMS:
                del self._sums[next(iter(self._sums))]  # the oldest
            found = self._sums[kind] = Sum()
        return found


def in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


figures = Figures()
