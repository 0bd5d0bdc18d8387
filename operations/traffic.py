"""Traffic statistics of a worker process, which are written to the database once a minute.

The write happens after a request that itself used the database. A service that is idle, or that
only receives invalid tokens, therefore never wakes a suspended database.
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
WRITE_TIMEOUT_SECONDS = 2  # the thread of one request waits for the write
# For database outages: several hours of traffic, at most 2 MB.
MAX_SUMS = 5_000

# Minute since the epoch, route, method, status, refusal.
Kind = tuple[int, str, str, int, str]


@dataclass(slots=True)
class Sum:
    count: int = 0
    total_ms: float = 0.0
    slowest_ms: float = 0.0
    queue_ms: float = 0.0
    longest_queue_ms: float = 0.0

    def add(self, other: "Sum") -> None:
        self.count += other.count
        self.total_ms += other.total_ms
        self.slowest_ms = max(self.slowest_ms, other.slowest_ms)
        self.queue_ms += other.queue_ms
        self.longest_queue_ms = max(self.longest_queue_ms, other.longest_queue_ms)


class TrafficStatistics:
    """The sums of this process that are not in the database yet. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: dict[Kind, Sum] = {}
        self._started_at = time.time()

    def add(
        self,
        route: str,
        method: str,
        status: int,
        refusal: str,
        ms: float,
        queue_ms: float,
        *,
        used_database: bool,
    ) -> None:
        """Counts one response. `queue_ms` is the part of `ms` that it waited for a thread. Does not
        query the database.
        """
        if not settings.RECORD_TRAFFIC:
            return
        now = time.time()
        with self._lock:
            kind = int(now // 60), route, method, status, refusal
            self._sum_of(kind).add(Sum(1, ms, ms, queue_ms, queue_ms))
        # A clock that was set back makes the write due as well.
        if used_database and not 0 <= now - self._started_at < WRITE_EVERY_SECONDS:
            request_finished.connect(self.write_once)

    def write_once(self, **kwargs: Any) -> None:
        """Writes the sums. A receiver of the signal request_finished, which disconnects itself."""
        if in_event_loop():
            return  # the request of a health probe: the event loop must not wait for the database
        request_finished.disconnect(self.write_once)
        self.write()

    def write(self) -> None:
        """Writes the sums with one INSERT, as the database owner. On a database error, logs a
        warning and keeps the sums for the next write.
        """
        with self._lock:
            sums, self._sums = self._sums, {}
            self._started_at = time.time()
        rows = [
            Traffic(
                minute=datetime.fromtimestamp(minute * 60, UTC),
                route=route, method=method, status=status, refusal=refusal,
                count=sum.count, total_ms=sum.total_ms, slowest_ms=sum.slowest_ms,
                queue_ms=sum.queue_ms, longest_queue_ms=sum.longest_queue_ms,
            )
            for (minute, route, method, status, refusal), sum in sums.items()
        ]  # fmt: skip
        try:
            context = RequestContext(seconds=WRITE_TIMEOUT_SECONDS)
            with active(context), required(), as_owner("traffic statistics"):
                Traffic.objects.bulk_create(rows)
        except Error as exc:
            logger.warning("Traffic statistics were not written: %s", type(exc).__name__)
            with self._lock:
                newer, self._sums = self._sums, sums
                for kind, sum in newer.items():
                    self._sum_of(kind).add(sum)

    def _sum_of(self, kind: Kind) -> Sum:
        if (found := self._sums.get(kind)) is None:
            if len(self._sums) >= MAX_SUMS:
                del self._sums[next(iter(self._sums))]  # the oldest
            found = self._sums[kind] = Sum()
        return found


def in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


traffic_statistics = TrafficStatistics()
