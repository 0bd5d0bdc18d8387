"""The moment by which a request is answered, whatever a neighbour does."""

import time
from contextvars import ContextVar

DEADLINE_SECONDS = 10.0
_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


def seconds_left() -> float | None:
    """Seconds until the request must be answered (0 when past); None outside a request."""
    deadline = _deadline.get()
    return None if deadline is None else max(0.0, deadline - time.monotonic())


class within:  # noqa: N801  (read as a word: with within(seconds))
    """Whoever waits for the database in this block gives up after so many seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __enter__(self) -> None:
        self.token = _deadline.set(time.monotonic() + self.seconds)

    def __exit__(self, *raised: object) -> None:
        _deadline.reset(self.token)
