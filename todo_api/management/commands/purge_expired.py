"""Deletes expired rows."""

from itertools import chain
from typing import Any

from django.core.management.base import CommandParser

from todo_api.maintenance.expired import expired
from todo_api.postgresql import batches
from todo_api.request.metrics import count_purged
from todo_api.terminal import LongCommand, format_counts


class Command(LongCommand):
    help = (
        "Deletes for good the tasks that are in the trash longer than TRASH_DAYS, responses stored "
        "for an Idempotency-Key that are older than a day, expired counters of sign-ups and "
        "log-ins, expired sessions of the admin, and traffic statistics older than a week. Other "
        "tasks and users are not changed. It may be stopped and run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only count the rows")

    def handle(self, *args: Any, dry_run: bool, verbosity: int, **options: Any) -> None:
        found = {rows.model._meta.label: rows.count() for rows in expired()}
        if dry_run:
            self.stdout.write(f"Would delete {format_counts(found)}")
            return
        steps = chain.from_iterable(batches.delete(rows) for rows in expired())
        deleted = self.run_steps(count_purged(steps), sum(found.values()), verbosity)
        if verbosity:
            self.stdout.write(f"Deleted {format_counts(deleted)}")
