"""The context of a request: what the service knows of it, from its arrival to its log line."""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rest_framework.exceptions import APIException

DEADLINE_SECONDS = 10.0
# The key of the context in a WSGI environ, where todo_api.asgi puts it.
ENVIRON_KEY = "todo_api.request.context"


class RateLimit(NamedTuple):
    """`remaining` of `limit` requests are left for `seconds`."""

    policy: str
    limit: int
    remaining: int
    seconds: int


@dataclass(slots=True)
class RequestContext:
    """One request. `arrived_at` is when all of it had arrived, by time.monotonic().

    `refused` is why the server refused it before Django, `refusal` the check or the error code
    that the log line names. `identity` is Identity of accounts.identity. `statements` counts
    messages to the database, a COMMIT too; the request waited `database_seconds` for them and for
    a connection, and `queue_seconds` for a thread.
    """

    id: str = ""
    arrived_at: float = field(default_factory=time.monotonic)
    seconds: float = DEADLINE_SECONDS
    refused: APIException | None = None
    user_id: str = ""
    identity: Any = None
    is_at_work: bool = False  # counted by todo_api.limits.at_work
    rate_limit: RateLimit | None = None
    ignored_fields: dict[str, None] = field(default_factory=dict)
    queue_seconds: float = 0.0
    statements: int = 0
    database_seconds: float = 0.0
    refusal: str = ""

    def seconds_left(self) -> float:
        """Returns the seconds until the deadline, whatever the database or the key server does."""
        return max(0.0, self.arrived_at + self.seconds - time.monotonic())


_current: ContextVar[RequestContext] = ContextVar("request")


def current_request() -> RequestContext:
    """Returns the context of the request that this thread works on. Raises LookupError outside of
    a request.
    """
    return _current.get()


def current_request_or_none() -> RequestContext | None:
    return _current.get(None)


class active:  # noqa: N801  (read as a word: with active(context))
    """Makes a context the current one inside of the block."""

    def __init__(self, context: RequestContext) -> None:
        self.context = context

    def __enter__(self) -> RequestContext:
        self.token = _current.set(self.context)
        return self.context

    def __exit__(self, *raised: object) -> None:
        _current.reset(self.token)
