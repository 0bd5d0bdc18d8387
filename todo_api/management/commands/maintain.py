"""Runs all periodic maintenance, for cron."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.management import CommandError, call_command
from django.core.management.base import CommandParser
from django.db import DatabaseError, InterfaceError, connection

from accounts import personal_data
from todo_api.terminal import STOPPED, LongCommand, duration, format_counts

logger = logging.getLogger(__name__)

LOCK = "todo-api maintain"


def span(text: str) -> str:
    """Validates a duration before any step runs. purge_completed parses it again."""
    duration(text)
    return text


class Command(LongCommand):
    help = (
        "For cron, once a day. Runs purge_expired, then finishes interrupted erasures, then with "
        "--purge-completed runs purge_completed. Open tasks that are not in the trash, and users, "
        "are not changed. When a step fails the next one still runs, and the exit status is 1. "
        "While one process runs it, a second one fails at once. It may be stopped and run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--purge-completed", type=span, metavar="90d",
            help="Also delete tasks that were completed longer ago than this",
        )  # fmt: skip

    def handle(
        self, *args: Any, purge_completed: str | None, verbosity: int, **options: Any
    ) -> None:
        options_of_step = {"verbosity": verbosity, "stdout": self.stdout, "stderr": self.stderr}
        steps: dict[str, Callable[[], Any]] = {
            "purge_expired": lambda: call_command("purge_expired", **options_of_step),
            "unfinished erasures": lambda: self.finish_erasures(verbosity),
        }
        if purge_completed:
            steps["purge_completed"] = lambda: call_command(
                "purge_completed", "--older-than", purge_completed, **options_of_step
            )
        failed = []
        with exclusive():
            for name, step in steps.items():
                if verbosity:
                    self.stdout.write(f"{name}:")
                try:
                    step()
                except Exception as exc:
                    if getattr(exc, "returncode", 1) == STOPPED:
                        raise
                    # The text of a database error may contain its address or user data.
                    trace = None if isinstance(exc, DatabaseError | InterfaceError) else exc
                    kind = type(exc).__name__
                    logger.error("The step %s failed: %s", name, kind, exc_info=trace)
                    failed.append(name)
        if failed:
            raise CommandError(f"Failed: {', '.join(failed)}; see the log")

    def finish_erasures(self, verbosity: int) -> None:
        for user in personal_data.unfinished():
            total = sum(personal_data.count(user).values())
            self.run_steps(personal_data.erasing(user), total, verbosity)
        if verbosity:
            self.stdout.write(f"Deleted {format_counts(self.done)}")


@contextmanager
def exclusive() -> Iterator[None]:
    """Holds an advisory lock during the block. Raises CommandError if another process holds it.

    A separate connection holds the lock in an idle transaction: a session lock would stay on a
    pooled connection.
    """
    lock_connection = connection.copy()
    try:
        lock_connection.set_autocommit(False)
        with lock_connection.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [LOCK])
            if not cursor.fetchone()[0]:
                raise CommandError("Another maintain is running; nothing was done")
        yield
    finally:
        # rollback() returns after the lock is released; after close() alone that may take longer.
        with suppress(DatabaseError, InterfaceError):
            lock_connection.rollback()
        lock_connection.close()
