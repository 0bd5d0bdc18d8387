"""Fills a database with demo users and tasks, for demonstrations and measurements."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from accounts.models import User
from todo_api.maintenance.demo import demo_id, seed
from todo_api.terminal import LongCommand, format_counts


class Command(LongCommand):
    help = (
        "Adds demo users (demo-0000000 and so on) with tasks spread over the last year; a million "
        "tasks take less than a minute. Existing users and their tasks are not changed: real "
        "users, the demo user of `dev`, and demo users of an earlier run. It may be stopped and "
        "run again. With DEBUG off it needs --confirm. erase_user removes one of the users."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--users", type=int, default=100, help="Number of users (100)")
        parser.add_argument(
            "--tasks",
            type=int,
            default=10_000,
            help="Number of tasks, in total (10,000)",
        )
        parser.add_argument("--confirm", action="store_true", help="Run with DEBUG off")

    def handle(
        self, *args: Any, users: int, tasks: int, confirm: bool, verbosity: int, **options: Any
    ) -> None:
        if not (settings.DEBUG or confirm):
            raise CommandError(
                "DEBUG is off: this may be a production database, and statistics do not "
                "distinguish demo users from real users. Add --confirm to go on"
            )
        if users < 1 or tasks < 0:
            raise CommandError("Expected --users of at least 1 and --tasks of at least 0")
        added = self.run_steps(seed(users, tasks, timezone.now()), users + tasks, verbosity)
        with connection.cursor() as cursor:
            # The statistics of the planner do not include the new rows yet.
            cursor.execute("ANALYZE accounts_user, tasks_task")
        if verbosity:
            existing = users - added[User._meta.label]
            self.stdout.write(
                f"Added {format_counts(added)} ({demo_id(0)} to {demo_id(users - 1)};"
                f" {existing} users existed already)"
            )
