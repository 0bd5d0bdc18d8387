"""Gives a suspended person their access back."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.management.users import add_user_argument, find_user, note, words
from accounts.models import User


class Command(BaseCommand):
    help = (
        "Ends a person's suspension: their requests are answered again, and everything is as they "
        "left it. Other people are left alone. Whoever was erased stays erased: that is refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_user_argument(parser)
        parser.add_argument("--reason", type=words, required=True, help="Why; it goes to the log")

    def handle(self, *args: Any, reason: str, verbosity: int, **options: Any) -> None:
        user = find_user(options["id"])
        if user.erased_at:
            raise CommandError(f"{user.pk!a} was erased; nothing is left to give back")
        changed = User.objects.filter(pk=user.pk).reactivate()
        if changed:
            note("Reactivated", user, reason)
        if verbosity:
            self.stdout.write("Reactivated" if changed else "Was not suspended; nothing changed")
