"""Deletes all data of a user permanently."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts import personal_data
from accounts.management.users import add_user_argument, find_user, log_action
from todo_api.terminal import LongCommand, format_counts


class Command(LongCommand):
    help = (
        "Erases a user: deletes all of their data (tasks, stored responses, group memberships), "
        "and their e-mail, name and password. Their id stays as a tombstone, so that a token that "
        "is still valid is refused and cannot recreate the user. The admin log is kept. Cannot be "
        "undone, so it needs --confirm. If it is interrupted, running it again finishes the "
        "erasure. Delete an account on a Better Auth server there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_user_argument(parser)
        parser.add_argument("--reason", default="", help="The reason; it is logged")
        parser.add_argument("--confirm", action="store_true", help="Erase the user")
        parser.add_argument("--dry-run", action="store_true", help="Only count the user's rows")

    def handle(
        self, *args: Any, reason: str, confirm: bool, dry_run: bool, verbosity: int, **options: Any
    ) -> None:
        user = find_user(options["id"])
        found = personal_data.count(user)
        if dry_run:
            self.stdout.write(f"Would delete {format_counts(found)}, and clear the user's row")
            return
        if not confirm:
            raise CommandError(
                f"This would delete {format_counts(found)} of {user.pk!a} permanently. "
                "Nothing was done; add --confirm to erase the user"
            )
        log_action("Erasing", user, reason)
        deleted = self.run_steps(personal_data.erasing(user), sum(found.values()), verbosity)
        if verbosity:
            self.stdout.write(f"Erased; deleted {format_counts(deleted)}")
