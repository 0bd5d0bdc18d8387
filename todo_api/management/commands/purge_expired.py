"""Deletes what has expired by itself."""

from itertools import chain
from typing import Any

from django.core.management.base import CommandParser

from todo_api.maintenance.expired import expired
from todo_api.postgresql import batches
from todo_api.request.metrics import purged
from todo_api.terminal import LongCommand, in_words


class Command(LongCommand):
    help = (
        "Deletes answers kept for an Idempotency-Key for more than a day, counters of sign-ups and "
        "log-ins that have run out, ended sessions of the admin, and figures of traffic older than "
        "a week. None of them has any effect any more. Tasks and people are left alone. May be "
        "stopped and run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only count them")

    def handle(self, *args: Any, dry_run: bool, verbosity: int, **options: Any) -> None:
        found = {rows.model._meta.label: rows.count() for rows in expired()}
        if dry_run:
            self.stdout.write(f"Would delete {in_words(found)}")
            return
        steps = chain.from_iterable(batches.delete(rows) for rows in expired())
        deleted = self.counted(purged(steps), sum(found.values()), verbosity)
        if verbosity:
            self.stdout.write(f"Deleted {in_words(deleted)}")
