"""How often one may call: signed-in people each for themselves, all others by their address.

Counted where the caller becomes known: by BearerAuthentication, else by the views' throttle.
"""

import time
from functools import cache
from typing import Any, Protocol
from zlib import crc32

from django.conf import settings
from django.http import HttpResponse
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from todo_api.limits.counters import WINDOW_SECONDS, MemoryCounter
from todo_api.request.client_address import address_of
from todo_api.request.context import RateLimit, current_request


class Counter(Protocol):
    def add(self, key: str, window: int) -> int:
        """Counts one more of this key in this window. Returns how many there are now."""


def count_user(request: Request, user_id: str) -> None:
    """Counts a call with a good token. Raises Throttled after too many in this minute."""
    _count(request, "person", user_id, settings.RATE_LIMIT_PER_MINUTE)


def count_anonymous(request: Request) -> None:
    """Counts a call without a good token against its address. Raises Throttled likewise."""
    _count(request, "anonymous", address_of(request), settings.RATE_LIMIT_ANONYMOUS_PER_MINUTE)


def _count(request: Request, policy: str, who: str, limit: int) -> None:
    if not limit:
        return
    count, seconds = hit(f"{policy}:{who}")
    current_request().rate_limit = RateLimit(policy, limit, max(0, limit - count), seconds)
    if count > limit:
        raise Throttled(seconds, "Too many requests.")


def hit(key: str) -> tuple[int, int]:
    """Counts a call. Returns how many there were in this window, and the seconds until it ends.

    Windows are fixed: one addition, whatever the limit. Each key's begins at another second, so
    that not everybody who waits comes back at once.
    """
    now = int(time.time()) + crc32(key.encode()) % WINDOW_SECONDS
    window, second = divmod(now, WINDOW_SECONDS)
    return counter().add(key, window), WINDOW_SECONDS - second


@cache
def counter() -> Counter:
    """The counter of this process, made at first use."""
    if not settings.REDIS_URL:
        return MemoryCounter()
    # Its client takes a tenth of a second to import.
    from todo_api.limits.shared_counter import SharedCounter

    return SharedCounter(settings.REDIS_URL)


class AnonymousThrottle(BaseThrottle):
    """For views that ask for no token: BearerAuthentication has counted the others' calls."""

    def allow_request(self, request: Request, view: Any) -> bool:
        if not request.authenticators:
            count_anonymous(request)
        return True


def tell_usage(response: HttpResponse) -> None:
    """Says on each counted answer, errors too, how much is left (draft-ietf-httpapi-ratelimit-
    headers-10).
    """
    if rate_limit := current_request().rate_limit:
        policy, limit, left, seconds = rate_limit
        response.headers["RateLimit-Policy"] = f'"{policy}";q={limit};w={WINDOW_SECONDS}'
        response.headers["RateLimit"] = f'"{policy}";r={left};t={seconds}'
