"""The context of a request: data that is kept from its arrival until its log line."""

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
    """The data of one request.

    - `arrived_at`: when the whole request had arrived, by time.monotonic()
    - `seconds`: from then to the deadline
    - `early_error`: the exception with which the server refused the request before Django
    - `refusal`: the check or the error code of a refusal, for the log line
    - `identity`: an accounts.identity.Identity
    - `holds_slot`: whether todo_api.limits.concurrency counts the request
    - `queue_seconds`: the wait for a thread
    - `statements`: messages to the database, each COMMIT included
    - `database_seconds`: the wait for these messages and for a connection
    """

    id: str = ""
    arrived_at: float = field(default_factory=time.monotonic)
    seconds: float = DEADLINE_SECONDS
    early_error: APIException | None = None
    user_id: str = ""
    identity: Any = None
    holds_slot: bool = False
    rate_limit: RateLimit | None = None
    ignored_fields: dict[str, None] = field(default_factory=dict)
    queue_seconds: float = 0.0
    statements: int = 0
    database_seconds: float = 0.0
    refusal: str = ""

    def seconds_left(self) -> float:
        """Returns the seconds until the deadline, at least 0."""
        return max(0.0, self.arrived_at + self.seconds - time.monotonic())


_current: ContextVar[RequestContext] = ContextVar("request")


def current_request() -> RequestContext:
    """Returns the context of the current request. Raises LookupError outside of a request."""
    return _current.get()


def current_request_or_none() -> RequestContext | None:
    return _current.get(None)


class active:  # noqa: N801  (used as a function: with active(context))
    """Makes a context the current one inside of a `with` block."""

    def __init__(self, context: RequestContext) -> None:
        self.context = context

    def __enter__(self) -> RequestContext:
        self.token = _current.set(self.context)
        return self.context

    def __exit__(self, *raised: object) -> None:
        _current.reset(self.token)
