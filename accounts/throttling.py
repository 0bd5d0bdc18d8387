"""Limits on sign-up and log-in attempts, counted in PostgreSQL: all workers share them, and they
survive restarts.
"""

import hashlib
from datetime import timedelta

from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from accounts.identity import as_owner
from accounts.models import Attempts
from todo_api.request.client_address import address_of

WINDOW = timedelta(minutes=15)
# An attacker tries many passwords on one account, or a few passwords on many accounts from one
# address. The limit of addresses is higher, because a school or an office shares one.
PER_EMAIL = 10
PER_ADDRESS = 100


def count_attempt(request: Request, scope: str, email: str) -> None:
    """Counts a sign-up or log-in attempt, before it is made. Two statements.

    Raises Throttled, with the seconds to wait, after too many for this e-mail or address.
    """
    limits = {f"address {address_of(request)}": PER_ADDRESS, _email_key(email): PER_EMAIL}
    with as_owner("counting attempts"):
        wait = max(
            Attempts.objects.seconds_over(_hashed(f"{scope} {key}"), limit, WINDOW)
            for key, limit in limits.items()
        )
    if wait:
        raise Throttled(wait, "Too many attempts.")


def forget_attempts(scope: str, email: str) -> None:
    """Resets the count of the e-mail after a success: only repeated failures indicate guessing.
    One statement.
    """
    with as_owner("counting attempts"):
        Attempts.objects.filter(key=_hashed(f"{scope} {_email_key(email)}")).update(count=0)


def _email_key(email: str) -> str:
    return f"email {email.strip().lower()}"


def _hashed(key: str) -> str:
    """Returns the SHA-256 of the key, so that no e-mail and no address is stored."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
