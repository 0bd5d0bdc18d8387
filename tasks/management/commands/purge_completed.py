"""Deletes tasks that were completed long ago."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from tasks.models import Task
from todo_api.postgresql import batches
from todo_api.request.metrics import count_purged
from todo_api.terminal import LongCommand, duration, format_counts


class Command(LongCommand):
    help = (
        "Deletes for good the tasks of all users that were completed longer ago than --older-than, "
        "those in the trash included; they do not go to the trash. Keeps open tasks, tasks that "
        "were completed later, users, and stored responses to requests with an Idempotency-Key. "
        "Cannot be undone. Deletes in steps: it can be stopped and run again, and the finished "
        "steps stay deleted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than", type=duration, required=True, metavar="90d",
            help="Minimum time since completion: a number and m, h, d or w",
        )  # fmt: skip
        parser.add_argument("--dry-run", action="store_true", help="Only count the tasks")

    def handle(
        self, *args: Any, older_than: timedelta, dry_run: bool, verbosity: int, **options: Any
    ) -> None:
        tasks = Task.objects.completed_before(timezone.now() - older_than)
        total = tasks.count()
        if dry_run:
            self.stdout.write(f"Would delete {format_counts({Task._meta.label: total})}")
            return
        deleted = self.run_steps(count_purged(batches.sweep(tasks)), total, verbosity)
        if verbosity:
            self.stdout.write(f"Deleted {format_counts(deleted)}")
