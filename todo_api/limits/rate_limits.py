"""Rate limits: per user for requests with a valid token, per client address for all others.

BearerAuthentication counts requests with a token, AnonymousThrottle those to public views.
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
    def add(self, key: str, window: int, amount: int) -> int:
        """Adds the amount to the key in this window and returns its count."""


def count_user(user_id: str, amount: int = 1) -> None:
    """Counts a request with a valid token, or the operations of a batch. Raises Throttled above the
    limit of this window.
    """
    _count("person", user_id, settings.RATE_LIMIT_PER_MINUTE, amount)


def count_anonymous(request: Request) -> None:
    """Counts a request without a valid token against its client address. Raises Throttled above the
    limit of this window.
    """
    _count("anonymous", address_of(request), settings.RATE_LIMIT_ANONYMOUS_PER_MINUTE)


def _count(policy: str, key: str, limit: int, amount: int = 1) -> None:
    if not limit:
        return
    count, seconds = hit(f"{policy}:{key}", amount)
    current_request().rate_limit = RateLimit(policy, limit, max(0, limit - count), seconds)
    if count > limit:
        raise Throttled(seconds, "Too many requests.")


def hit(key: str, amount: int = 1) -> tuple[int, int]:
    """Adds the amount to the key. Returns its count in the current window and the seconds until the
    window ends.

    Windows are fixed, so a count costs one addition. Windows of different keys start at different
    seconds, so that throttled clients do not all retry at the same moment.
    """
    now = int(time.time()) + crc32(key.encode()) % WINDOW_SECONDS
    window, second = divmod(now, WINDOW_SECONDS)
    return counter().add(key, window, amount), WINDOW_SECONDS - second


@cache
def counter() -> Counter:
    """Returns the counter of this process: in Redis with REDIS_URL, else in memory."""
    if not settings.REDIS_URL:
        return MemoryCounter()
    # Importing redis takes 0.1 s.
    from todo_api.limits.shared_counter import SharedCounter

    return SharedCounter(settings.REDIS_URL)


class AnonymousThrottle(BaseThrottle):
    """Counts requests to views without authentication; BearerAuthentication counts the others."""

    def allow_request(self, request: Request, view: Any) -> bool:
        if not request.authenticators:
            count_anonymous(request)
        return True


def add_rate_limit_headers(response: HttpResponse) -> None:
    """Adds RateLimit and RateLimit-Policy to the response of a counted request, errors included
    (draft-ietf-httpapi-ratelimit-headers-10).
    """
    if rate_limit := current_request().rate_limit:
        policy, limit, remaining, seconds = rate_limit
        response.headers["RateLimit-Policy"] = f'"{policy}";q={limit};w={WINDOW_SECONDS}'
        response.headers["RateLimit"] = f'"{policy}";r={remaining};t={seconds}'
