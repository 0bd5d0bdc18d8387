"""Suspends a user."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.management.users import add_user_argument, find_user, log_action, reason_text
from accounts.models import User


class Command(BaseCommand):
    help = (
        "Suspends a user: every later request is a 403, even with a valid token, and log-in is "
        "refused too. The user's data stays; reactivate_user ends the suspension. Does nothing for "
        "a suspended user."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_user_argument(parser)
        parser.add_argument(
            "--reason", type=reason_text, required=True, help="The reason; it is logged"
        )

    def handle(self, *args: Any, reason: str, verbosity: int, **options: Any) -> None:
        user = find_user(options["id"])
        changed = User.objects.filter(pk=user.pk).suspend()
        if changed:
            log_action("Suspended", user, reason)
        if verbosity:
            self.stdout.write("Suspended" if changed else "Already suspended; nothing changed")
