"""Deletes everything of a person, for good."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts import personal_data
from accounts.management.users import add_user_argument, find_user, note
from todo_api.terminal import LongCommand, in_words


class Command(LongCommand):
    help = (
        "Erases a person: deletes all that belongs to them (tasks, kept answers, memberships), and "
        "their e-mail, name and password. Their id stays as a tombstone, so that a token that is "
        "still good is refused and brings nothing back. Other people are left alone, and so is the "
        "log of what operators did. Cannot be undone: needs --confirm. May be stopped; running it "
        "again finishes it. An account on a Better Auth server is to be deleted there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_user_argument(parser)
        parser.add_argument("--reason", default="", help="Why; it goes to the log")
        parser.add_argument("--confirm", action="store_true", help="Do it")
        parser.add_argument("--dry-run", action="store_true", help="Only count what is theirs")

    def handle(
        self, *args: Any, reason: str, confirm: bool, dry_run: bool, verbosity: int, **options: Any
    ) -> None:
        user = find_user(options["id"])
        found = personal_data.count(user)
        if dry_run:
            self.stdout.write(f"Would delete {in_words(found)}, and empty the person's row")
            return
        if not confirm:
            raise CommandError(
                f"This would delete {in_words(found)} of {user.pk!a} for good. Nothing was done; "
                "add --confirm to do it"
            )
        note("Erasing", user, reason)
        deleted = self.counted(personal_data.erasing(user), sum(found.values()), verbosity)
        if verbosity:
            self.stdout.write(f"Erased; deleted {in_words(deleted)}")
