"""A circuit breaker: while the database is silent, requests fail at once instead of waiting for it.

A server that is down refuses connections, which takes no time. One that is silent (a network that
swallows everything) holds each request until its deadline, and with it a thread.
"""

import threading
import time

import psycopg

# While the circuit is open, one request at a time tries, for so long, after such a pause.
PROBE_SECONDS, PAUSE_SECONDS = 2.0, 1.0
# What ends sooner may be slow: the server itself ends statements after 5 s.
SILENCE_SECONDS = 5.0


class CircuitBreaker:
    """Opens at a timeout, closes at an answer. Thread-safe; a process has one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = False
        self._probe_at = 0.0  # when the next may ask

    def seconds(self, left: float | None) -> float | None:
        """Returns the timeout of a statement or connection whose request has so many seconds
        `left` (None: no end). Raises psycopg.OperationalError while another request tries.
        """
        if not self._open:
            return left
        with self._lock:
            now = time.monotonic()
            if self._open and now < self._probe_at:
                raise psycopg.OperationalError("timeout of another request: not tried again yet")
            self._probe_at = now + PROBE_SECONDS + PAUSE_SECONDS
        return PROBE_SECONDS if left is None else min(PROBE_SECONDS, left)

    def timed_out(self, seconds: float) -> None:
        """Opens the circuit, unless the wait was short because the request had little time left."""
        with self._lock:
            if self._open or seconds >= SILENCE_SECONDS:
                self._open, self._probe_at = True, time.monotonic() + PAUSE_SECONDS

    def closes(self) -> None:
        """The server has answered, or refused."""
        self._open = False
