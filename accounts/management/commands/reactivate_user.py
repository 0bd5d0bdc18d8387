"""Ends the suspension of a user."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.management.users import add_user_argument, find_user, log_action, reason_text
from accounts.models import User


class Command(BaseCommand):
    help = (
        "Ends the suspension of a user: requests and log-in work again, with unchanged data. An "
        "erased user cannot be reactivated."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_user_argument(parser)
        parser.add_argument(
            "--reason", type=reason_text, required=True, help="The reason; it is logged"
        )

    def handle(self, *args: Any, reason: str, verbosity: int, **options: Any) -> None:
        user = find_user(options["id"])
        if user.erased_at:
            raise CommandError(f"{user.pk!a} was erased and cannot be reactivated")
        changed = User.objects.filter(pk=user.pk).reactivate()
        if changed:
            log_action("Reactivated", user, reason)
        if verbosity:
            self.stdout.write("Reactivated" if changed else "Was not suspended; nothing changed")
