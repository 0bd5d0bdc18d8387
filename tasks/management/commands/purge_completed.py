"""Deletes what was done long ago."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from tasks.models import Task
from todo_api.postgresql import batches
from todo_api.request.metrics import purged
from todo_api.terminal import LongCommand, duration, in_words


class Command(LongCommand):
    help = (
        "Deletes the tasks of all people that were completed longer ago than --older-than. Open "
        "tasks, and those that were completed since, are left alone; so are people, and answers "
        "kept for an Idempotency-Key. Cannot be undone. May be stopped and run again: it works in "
        "steps, and what is deleted stays deleted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than", type=duration, required=True, metavar="90d",
            help="How long ago a task was completed, at least: a number and m, h, d or w",
        )  # fmt: skip
        parser.add_argument("--dry-run", action="store_true", help="Only count them")

    def handle(
        self, *args: Any, older_than: timedelta, dry_run: bool, verbosity: int, **options: Any
    ) -> None:
        tasks = Task.objects.completed_before(timezone.now() - older_than)
        total = tasks.count()
        if dry_run:
            self.stdout.write(f"Would delete {in_words({Task._meta.label: total})}")
            return
        deleted = self.counted(purged(batches.sweep(tasks)), total, verbosity)
        if verbosity:
            self.stdout.write(f"Deleted {in_words(deleted)}")
