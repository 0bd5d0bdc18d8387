"""Counts in Redis, shared by all processes, with a fallback to memory while Redis is down."""

import logging
import time
from threading import Lock

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from todo_api.limits.counters import WINDOW_SECONDS, MemoryCounter

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 0.25
RETRY_SECONDS = 30


class SharedCounter:
    """Counts by key in Redis, in one round trip. Thread-safe.

    An error or timeout of Redis never fails a request: this process then counts in memory, and one
    request every RETRY_SECONDS tries Redis again.
    """

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._fallback = MemoryCounter()
        self._lock = Lock()
        self._retry_at = 0.0  # 0 while Redis is reachable

    def add(self, key: str, window: int, amount: int = 1) -> int:
        """Adds the amount to the key in this window and returns its count."""
        if self._retry_at and not self._may_retry():
            return self._fallback.add(key, window, amount)
        name = f"todo-api:{key}:{window}"
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.incrby(name, amount)
                pipeline.expire(name, 2 * WINDOW_SECONDS)
                count = int(pipeline.execute()[0])
        except RedisError as exc:
            self._mark_down(exc)
            return self._fallback.add(key, window, amount)
        self._mark_up()
        return count

    def ping(self) -> None:
        """Raises RedisError when Redis does not respond."""
        self._redis.ping()

    def _may_retry(self) -> bool:
        """Returns True for the one request that tries Redis again."""
        with self._lock:
            due = self._retry_at <= time.time()
            if due:
                self._retry_at = time.time() + RETRY_SECONDS
        return due

    def _mark_down(self, exc: RedisError) -> None:
        with self._lock:
            changed = not self._retry_at
            self._retry_at = time.time() + RETRY_SECONDS
        if changed:
            # The text of the error may contain the address.
            logger.warning("Redis out of reach, each process counts alone: %s", type(exc).__name__)

    def _mark_up(self) -> None:
        with self._lock:
            changed, self._retry_at = bool(self._retry_at), 0.0
        if changed:
            logger.warning("Redis in reach, processes count together")
