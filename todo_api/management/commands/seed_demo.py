"""A database full of made-up people, to look at or to measure."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from accounts.models import User
from todo_api.maintenance.demo import demo_id, seed
from todo_api.terminal import LongCommand, in_words


class Command(LongCommand):
    help = (
        "Adds made-up people (demo-0000000 and so on) with tasks spread over the last year; a "
        "million tasks take less than a minute. Everybody who is there already is left alone: real "
        "people, the demo person of `dev`, and demo people of an earlier run with their tasks. So "
        "it may be stopped and run again. Where DEBUG is off it needs --confirm. erase_user "
        "removes one of them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--users", type=int, default=100, help="How many people (100)")
        parser.add_argument("--tasks", type=int, default=10_000, help="How many in all (10,000)")
        parser.add_argument("--confirm", action="store_true", help="Even though DEBUG is off")

    def handle(
        self, *args: Any, users: int, tasks: int, confirm: bool, verbosity: int, **options: Any
    ) -> None:
        if not (settings.DEBUG or confirm):
            raise CommandError(
                "DEBUG is off: these may be real people's tables, and demo people are not easily "
                "told from them in figures. Add --confirm if that is what you want"
            )
        if users < 1 or tasks < 0:
            raise CommandError("Expected at least one person, and no fewer than no tasks")
        added = self.counted(seed(users, tasks, timezone.now()), users + tasks, verbosity)
        with connection.cursor() as cursor:
            # The planner knows nothing of so many new rows yet.
            cursor.execute("ANALYZE accounts_user, tasks_task")
        if verbosity:
            there = users - added[User._meta.label]
            self.stdout.write(
                f"Added {in_words(added)} ({demo_id(0)} to {demo_id(users - 1)};"
                f" {there} people were there already)"
            )
