"""The moment by which a request is answered, whatever a neighbour does."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

DEADLINE_SECONDS = 10.0
_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


def seconds_left() -> float | None:
    """Seconds until the request must be answered (0 when past); None outside a request."""
    deadline = _deadline.get()
    return None if deadline is None else max(0.0, deadline - time.monotonic())


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Whoever waits for the database in this block gives up after so many seconds."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)
