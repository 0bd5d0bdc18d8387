"""Counts in Redis, for all processes together. Without it each counts for itself for a while."""

import logging
import time
from threading import Lock

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from todo_api.limits.counters import WINDOW_SECONDS, MemoryCounter

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 0.25
AWAY_SECONDS = 30


class SharedCounter:
    """One round trip a count. A limit is not worth a failed request: when Redis fails or is slow,
    this process counts alone, and one request in half a minute looks whether Redis is back.
    """

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(
            url,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._alone = MemoryCounter()
        self._lock = Lock()
        self._away_until = 0.0  # 0 while Redis answers

    def add(self, key: str, window: int) -> int:
        if self._away_until and not self._my_turn():
            return self._alone.add(key, window)
        name = f"todo-api:{key}:{window}"
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.incr(name)
                pipeline.expire(name, 2 * WINDOW_SECONDS)
                count = int(pipeline.execute()[0])
        except RedisError as exc:
            self._lost(exc)
            return self._alone.add(key, window)
        self._found()
        return count

    def ping(self) -> None:
        """Raises RedisError when Redis does not answer us."""
        self._redis.ping()

    def _my_turn(self) -> bool:
        """Whether this request is the one that looks; the others go on without waiting."""
        with self._lock:
            due = self._away_until <= time.time()
            if due:
                self._away_until = time.time() + AWAY_SECONDS
        return due

    def _lost(self, exc: RedisError) -> None:
        with self._lock:
            news = not self._away_until
            self._away_until = time.time() + AWAY_SECONDS
        if news:
            # Its text may hold the address.
            logger.warning("Redis out of reach, each process counts alone: %s", type(exc).__name__)

    def _found(self) -> None:
        with self._lock:
            news, self._away_until = bool(self._away_until), 0.0
        if news:
            logger.warning("Redis in reach, processes count together")
