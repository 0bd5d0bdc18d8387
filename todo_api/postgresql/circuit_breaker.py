"""A circuit breaker: while the database does not respond, requests fail at once.

A server that is down refuses connections immediately. A server that does not respond (packets are
lost) would hold each request, and its thread, until the deadline.
"""

import threading
import time

import psycopg

# While the circuit is open: the timeout of a probe by one request, and the pause between probes.
PROBE_SECONDS, PAUSE_SECONDS = 2.0, 1.0
# A shorter timeout may be a slow statement: the server itself cancels statements after 5 s.
TIMEOUT_SECONDS = 5.0


class CircuitBreaker:
    """Opens on a timeout and closes on a response. Thread-safe; one per process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = False
        self._probe_at = 0.0  # when the next request may try

    def seconds(self, left: float | None) -> float | None:
        """Returns the timeout for a statement or connection of a request with `left` seconds until
        its deadline (None: no deadline). Raises psycopg.OperationalError if the circuit is open and
        this request may not probe.
        """
        if not self._open:
            return left
        with self._lock:
            now = time.monotonic()
            if self._open and now < self._probe_at:
                raise psycopg.OperationalError("timeout of another request: not tried again yet")
            self._probe_at = now + PROBE_SECONDS + PAUSE_SECONDS
        return PROBE_SECONDS if left is None else min(PROBE_SECONDS, left)

    def record_timeout(self, seconds: float) -> None:
        """Opens the circuit, unless the wait was short because the request had little time left."""
        with self._lock:
            if self._open or seconds >= TIMEOUT_SECONDS:
                self._open, self._probe_at = True, time.monotonic() + PAUSE_SECONDS

    def close(self) -> None:
        """Closes the circuit. Call it when the server has responded, with an error too."""
        self._open = False
