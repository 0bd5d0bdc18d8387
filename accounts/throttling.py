"""Limits on sign-up and log-in that hold across workers and restarts: counted in PostgreSQL."""

import hashlib
from datetime import timedelta

from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from accounts.identity import as_owner
from accounts.models import Attempts
from todo_api.request.client_address import address_of

WINDOW = timedelta(minutes=15)
# Whoever guesses passwords tries many on one account, or a few on many from one place. Addresses
# get more, because a school or an office shares one.
PER_EMAIL = 10
PER_ADDRESS = 100


def count_attempt(request: Request, scope: str, email: str) -> None:
    """Counts a sign-up or log-in that is about to be tried. Two statements.

    Raises Throttled, with the seconds to wait, after too many for this e-mail or address.
    """
    limits = {f"address {address_of(request)}": PER_ADDRESS, _of_email(email): PER_EMAIL}
    with as_owner("counting attempts"):
        wait = max(
            Attempts.objects.seconds_over(_hashed(f"{scope} {key}"), limit, WINDOW)
            for key, limit in limits.items()
        )
    if wait:
        raise Throttled(wait, "Too many attempts.")


def forget_attempts(scope: str, email: str) -> None:
    """After a success: only failures on end say that somebody guesses. One statement."""
    with as_owner("counting attempts"):
        Attempts.objects.filter(key=_hashed(f"{scope} {_of_email(email)}")).update(count=0)


def _of_email(email: str) -> str:
    return f"email {email.strip().lower()}"


def _hashed(key: str) -> str:
    """Neither e-mails nor addresses are stored for this."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
