"""Limits on sign-up and log-in attempts, counted in PostgreSQL: all workers share them, and they
survive restarts.
"""

from datetime import timedelta

from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from accounts.identity import as_owner
from accounts.models import Attempts
from todo_api.request.client_address import address_of

WINDOW = timedelta(minutes=15)
# Many passwords for one e-mail from one address; a few passwords for many e-mails from one address,
# which a school or an office shares; one e-mail from many addresses. The last limit is much higher
# than the first, because a stranger can reach it on purpose, and so lock out the account's owner.
PER_EMAIL_AND_ADDRESS, PER_ADDRESS, PER_EMAIL = 10, 100, 100


def count_attempt(request: Request, scope: str, email: str) -> None:
    """Counts a sign-up or log-in attempt, before it is made. Three statements.

    Raises Throttled, with the seconds to wait, after too many. An attempt that is refused by one
    limit does not count for the next: one address cannot use up the limit of an e-mail.
    """
    of_both, of_email = email_keys(request, scope, email)
    limits = {
        of_both: PER_EMAIL_AND_ADDRESS,
        f"{scope} address {address_of(request)}": PER_ADDRESS,
        of_email: PER_EMAIL,
    }
    with as_owner("counting attempts"):
        for key, limit in limits.items():
            if wait := Attempts.objects.seconds_over(key, limit, WINDOW):
                raise Throttled(wait, "Too many attempts.")


def forget_attempts(request: Request, scope: str, email: str) -> None:
    """Resets the counts of the e-mail after a success: only repeated failures indicate guessing.
    One statement.
    """
    with as_owner("counting attempts"):
        Attempts.objects.forget(email_keys(request, scope, email))


def email_keys(request: Request, scope: str, email: str) -> tuple[str, str]:
    """Returns the keys of the e-mail with this address, and of the e-mail alone."""
    return f"{scope} {address_of(request)} email {email}", f"{scope} email {email}"
