"""Shared parts of the commands that act on one user."""

import getpass
import logging
from argparse import ArgumentTypeError

from django.core.management.base import CommandError, CommandParser

from accounts.models import User

logger = logging.getLogger(__name__)


def add_user_argument(parser: CommandParser) -> None:
    parser.add_argument("id", help="The user's exact id (list_users and the admin show it)")


def find_user(user_id: str) -> User:
    """Returns the user with this id. Raises CommandError if there is none."""
    try:
        return User.objects.get(pk=user_id)
    except User.DoesNotExist as exc:
        raise CommandError(
            f"No user has the id {user_id!a}. Ids are compared exactly, and an e-mail is not an "
            "id: use list_users to search by e-mail"
        ) from exc


def reason_text(text: str) -> str:
    """Returns the text of --reason. Raises ArgumentTypeError if it is blank (an argparse type)."""
    if not text.strip():
        raise ArgumentTypeError("a reason is required; it is logged")
    return text


def log_action(action: str, user: User, reason: str = "") -> None:
    """Logs the action, the user's id, the operator and the reason.

    No e-mail: the log keeps the line after the user's erasure.
    """
    logger.info("%s %a by %s: %a", action, user.pk, _operator(), reason or "no reason given")


def _operator() -> str:
    """Returns the account on this machine; "unknown" in containers whose user id has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # before and since Python 3.13
        return "unknown"
