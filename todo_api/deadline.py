"""The moment by which a request is answered, whatever the database or the key server does."""

import time
from contextvars import ContextVar

DEADLINE_SECONDS = 10.0
# The key in a request's META of when it had arrived as a whole, by time.monotonic().
ARRIVED_AT = "todo_api.arrived_at"
_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


def seconds_left() -> float | None:
    """Seconds until the request must be answered (0 when past); None outside a request."""
    deadline = _deadline.get()
    return None if deadline is None else max(0.0, deadline - time.monotonic())


class within:  # noqa: N801  (read as a word: with within(seconds))
    """In this block, waiting for the database ends after so many seconds, counted from `start`
    (by time.monotonic(); now by default).
    """

    def __init__(self, seconds: float, start: float | None = None) -> None:
        self.seconds, self.start = seconds, start

    def __enter__(self) -> None:
        start = time.monotonic() if self.start is None else self.start
        self.token = _deadline.set(start + self.seconds)

    def __exit__(self, *raised: object) -> None:
        _deadline.reset(self.token)
