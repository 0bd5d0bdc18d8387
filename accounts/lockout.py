"""What django-axes asks of us at the admin's door: who tries, from where, and what they see.

Nothing of what was typed is kept or logged. People type passwords into the wrong field, so names
become keyed hashes: equal ones show that it was the same name, and nobody can tell which.
"""

import logging
import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from axes.conf import settings
from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from django.contrib import admin
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac

from todo_api.request.client_address import address_of

logger = logging.getLogger(__name__)

# How many times AXES_FAILURE_LIMIT each of AXES_LOCKOUT_PARAMETERS may fail: a name from one
# address; an address, which an office shares; a name from anywhere, which whoever knows it could
# lock on purpose.
TIMES_THE_LIMIT = (1, 4, 10)


class Handler(AxesDatabaseHandler):  # type: ignore[misc]  # axes has no types
    """Counts in PostgreSQL, for all workers together, against three limits."""

    def get_failures(self, request: HttpRequest, credentials: Any = None) -> int:
        return max(failures for failures, _ in self._counts(request, credentials))

    def locked_until(self, request: HttpRequest, credentials: Any) -> datetime | None:
        """When the last of the locks that hold opens at the latest."""
        counts = self._counts(request, credentials)
        locks = [last for failures, last in counts if failures >= settings.AXES_FAILURE_LIMIT]
        return max(locks) + settings.AXES_COOLOFF_TIME if locks else None

    def _counts(self, request: HttpRequest, credentials: Any) -> Iterator[tuple[int, Any]]:
        """Failures as a share of the first limit, and the moment of the last. Three queries."""
        for attempts, times in zip(
            self.get_user_attempts(request, credentials), TIMES_THE_LIMIT, strict=True
        ):
            found = attempts.aggregate(count=Sum("failures_since_start"), last=Max("attempt_time"))
            yield (found["count"] or 0) // times, found["last"]

    def user_login_failed(
        self, sender: Any, credentials: Any, request: Any = None, **kwargs: Any
    ) -> None:
        super().user_login_failed(sender, credentials, request, **kwargs)
        message = "Admin sign-in failed: name %s, address %s"
        if request.axes_locked_out:
            message = "Admin sign-in locked: name %s, address %s"
        logger.warning(message, name_of(request, credentials), request.axes_ip_address)

    def user_logged_in(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        super().user_logged_in(sender, request, user, **kwargs)
        logger.info("Admin sign-in: person %s, address %s", user.pk, request.axes_ip_address)


def name_of(request: HttpRequest, credentials: Any = None) -> str:
    """A hash of the name that was typed. Spellings of one e-mail are one name."""
    name = (credentials or request.POST).get("username") or ""
    return salted_hmac(__name__, name.strip().casefold(), algorithm="sha256").hexdigest()[:32]


def caller(request: HttpRequest) -> str | None:
    return address_of(request) or None


def described(name: str, address: str, agent: str, path: str, request: HttpRequest) -> str:
    """Instead of axes' own description, which would name the person."""
    return "a caller"


def locked_out(request: HttpRequest, response: HttpResponse, credentials: Any) -> HttpResponse:
    """The page instead of the answer: how long to wait."""
    until = AxesProxyHandler.get_implementation().locked_until(request, credentials)
    seconds = max(1, math.ceil((until - timezone.now()).total_seconds())) if until else 1
    context = {**admin.site.each_context(request), "minutes": math.ceil(seconds / 60)}
    page = render(request, "accounts/locked_out.html", context, status=429)
    page["Retry-After"] = str(seconds)
    return page
