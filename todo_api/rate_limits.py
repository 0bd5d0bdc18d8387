"""How often one may call: signed-in people each for themselves, all others by their address.

Counted where the caller becomes known: by BearerAuthentication, else by the views' throttle.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from todo_api.addresses import address_of
from todo_api.counters import WINDOW_SECONDS, hit

USAGE = "todo_api.rate_limit"


def count_person(request: Request, user_id: str) -> None:
    """Counts a call with a good token. Raises Throttled after too many in this minute."""
    _count(request, "person", user_id, settings.RATE_LIMIT_PER_MINUTE)


def count_anonymous(request: Request) -> None:
    """Counts a call without a good token against its address. Raises Throttled likewise."""
    _count(request, "anonymous", address_of(request), settings.RATE_LIMIT_ANONYMOUS_PER_MINUTE)


def _count(request: Request, policy: str, who: str, limit: int) -> None:
    if not limit:
        return
    count, seconds = hit(f"{policy}:{who}")
    request.META[USAGE] = policy, limit, max(0, limit - count), seconds
    if count > limit:
        raise Throttled(seconds, "Too many requests.")


class AnonymousThrottle(BaseThrottle):
    """For views that ask for no token: BearerAuthentication has counted the others' calls."""

    def allow_request(self, request: Request, view: Any) -> bool:
        if not request.authenticators:
            count_anonymous(request)
        return True


def tell_usage(request: HttpRequest, response: HttpResponse) -> None:
    """Says on each counted answer, errors too, how much is left (draft-ietf-httpapi-ratelimit-
    headers-10).
    """
    if usage := request.META.get(USAGE):
        policy, limit, left, seconds = usage
        response.headers["RateLimit-Policy"] = f'"{policy}";q={limit};w={WINDOW_SECONDS}'
        response.headers["RateLimit"] = f'"{policy}";r={left};t={seconds}'
