"""Ends a person's access, for now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.management.users import add_user_argument, find_user, note, words
from accounts.models import User


class Command(BaseCommand):
    help = (
        "Suspends a person: from the next one on, each of their requests is a 403, although their "
        "token is still good; log-in is refused too. Everything of theirs is left as it is, and "
        "reactivate_user undoes it. Whoever is suspended already stays so."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_user_argument(parser)
        parser.add_argument("--reason", type=words, required=True, help="Why; it goes to the log")

    def handle(self, *args: Any, reason: str, verbosity: int, **options: Any) -> None:
        user = find_user(options["id"])
        changed = User.objects.filter(pk=user.pk).suspend()
        if changed:
            note("Suspended", user, reason)
        if verbosity:
            self.stdout.write("Suspended" if changed else "Was suspended already; nothing changed")
