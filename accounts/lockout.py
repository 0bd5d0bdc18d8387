"""Hooks of django-axes for the admin's sign-in: failure limits, usernames, and the locked-out page.

No typed username is stored or logged, only a keyed hash of it: users sometimes type a password into
the username field. Equal hashes show that the same name was tried, but not which name.
"""

import logging
import math
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from axes.conf import settings
from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from django.contrib import admin
from django.db import connection
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac

from todo_api.request.client_address import address_of
from todo_api.request.context import current_request_or_none

logger = logging.getLogger(__name__)

# The failure limit of each of AXES_LOCKOUT_PARAMETERS, in multiples of AXES_FAILURE_LIMIT: a name
# from one address; an address, which an office shares; a name from any address, which has the
# highest limit because anyone who knows the name can lock it on purpose.
LIMIT_FACTORS = (1, 4, 10)


class Handler(AxesDatabaseHandler):  # type: ignore[misc]  # axes has no types
    """Counts failures in PostgreSQL, shared by all workers, against three limits."""

    def get_failures(self, request: HttpRequest, credentials: Any = None) -> int:
        return max(failures for failures, _ in self._counts(request, credentials))

    def locked_until(self, request: HttpRequest, credentials: Any) -> datetime | None:
        """Returns when the last of the active locks ends; None without a lock."""
        counts = self._counts(request, credentials)
        locks = [last for failures, last in counts if failures >= settings.AXES_FAILURE_LIMIT]
        return max(locks) + settings.AXES_COOLOFF_TIME if locks else None

    def _counts(self, request: HttpRequest, credentials: Any) -> Iterator[tuple[int, Any]]:
        """Yields for each limit the failures, divided by its factor, and the time of the last one.
        Three queries.
        """
        for attempts, factor in zip(
            self.get_user_attempts(request, credentials), LIMIT_FACTORS, strict=True
        ):
            found = attempts.aggregate(count=Sum("failures_since_start"), last=Max("attempt_time"))
            yield (found["count"] or 0) // factor, found["last"]

    def user_login_failed(
        self, sender: Any, credentials: Any, request: Any = None, **kwargs: Any
    ) -> None:
        super().user_login_failed(sender, credentials, request, **kwargs)
        if context := current_request_or_none():
            context.refusal = "admin_sign_in"
        message = "Admin sign-in failed: name %s, address %s"
        if request.axes_locked_out:
            message = "Admin sign-in locked: name %s, address %s"
        logger.warning(message, username_hash(request, credentials), request.axes_ip_address)

    def user_logged_in(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        super().user_logged_in(sender, request, user, **kwargs)
        logger.info("Admin sign-in: user %s, address %s", user.pk, request.axes_ip_address)


def username_hash(request: HttpRequest, credentials: Any = None) -> str:
    """Returns a keyed hash of the typed username, without regard to case and surrounding blanks.

    The database computes the lower case, as it does to find the account. One query per name.
    """
    name = (credentials or request.POST).get("username") or ""
    return salted_hmac(__name__, lower_case(name.strip()), algorithm="sha256").hexdigest()[:32]


@lru_cache(maxsize=1)
def lower_case(name: str) -> str:
    if name.isascii():
        return name.lower()
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower(%s)", [name.replace("\0", "")])
        (lower,) = cursor.fetchone()
    return str(lower)


def client_address(request: HttpRequest) -> str | None:
    return address_of(request) or None


def client_description(name: str, address: str, agent: str, path: str, request: HttpRequest) -> str:
    """Replaces axes' own description for its log lines, which would contain the username."""
    return "a client"


def locked_out(request: HttpRequest, response: HttpResponse, credentials: Any) -> HttpResponse:
    """Returns the locked-out page: status 429, with Retry-After."""
    until = AxesProxyHandler.get_implementation().locked_until(request, credentials)
    seconds = max(1, math.ceil((until - timezone.now()).total_seconds())) if until else 1
    context = {**admin.site.each_context(request), "minutes": math.ceil(seconds / 60)}
    page = render(request, "accounts/locked_out.html", context, status=429)
    page["Retry-After"] = str(seconds)
    return page
