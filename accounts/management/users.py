"""What commands that act on one person have in common."""

import getpass
import logging
from argparse import ArgumentTypeError

from django.core.management.base import CommandError, CommandParser

from accounts.models import User

logger = logging.getLogger(__name__)


def add_user_argument(parser: CommandParser) -> None:
    parser.add_argument("id", help="The person's id, exactly (list_users and the admin show it)")


def find_user(user_id: str) -> User:
    """Raises CommandError when nobody has this id."""
    try:
        return User.objects.get(pk=user_id)
    except User.DoesNotExist as exc:
        raise CommandError(
            f"Nobody has the id {user_id!a}. Ids are compared exactly, and an e-mail is not one: "
            "list_users finds people by it"
        ) from exc


def words(text: str) -> str:
    """For argparse: a reason is more than blanks."""
    if not text.strip():
        raise ArgumentTypeError("say why: it stays in the log")
    return text


def note(act: str, user: User, reason: str = "") -> None:
    """Logs who did what to whom, and why. Never an e-mail: the line outlives the person."""
    logger.info("%s %a by %s: %a", act, user.pk, _operator(), reason or "no reason given")


def _operator() -> str:
    """The account on this machine; containers often run under a number without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # before and since Python 3.13
        return "unknown"
