"""The one line for cron."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.management import CommandError, call_command
from django.core.management.base import CommandParser
from django.db import DatabaseError, InterfaceError, connection

from accounts import personal_data
from todo_api.terminal import STOPPED, LongCommand, duration, in_words

logger = logging.getLogger(__name__)

LOCK = "todo-api maintain"


def span(text: str) -> str:
    """Checked here, before anything runs; understood by purge_completed."""
    duration(text)
    return text


class Command(LongCommand):
    help = (
        "For cron, once a day: purge_expired, then finishes erasures that were stopped in between, "
        "and with --purge-completed purge_completed. Open tasks and people are left alone. When a "
        "step fails the next one runs nevertheless, and the exit status is 1. While one runs, "
        "another does nothing. May be stopped and run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--purge-completed", type=span, metavar="90d",
            help="Delete tasks that were completed longer ago than this as well",
        )  # fmt: skip

    def handle(
        self, *args: Any, purge_completed: str | None, verbosity: int, **options: Any
    ) -> None:
        usual = {"verbosity": verbosity, "stdout": self.stdout, "stderr": self.stderr}
        steps: dict[str, Callable[[], Any]] = {
            "purge_expired": lambda: call_command("purge_expired", **usual),
            "unfinished erasures": lambda: self.finish_erasures(verbosity),
        }
        if purge_completed:
            steps["purge_completed"] = lambda: call_command(
                "purge_completed", "--older-than", purge_completed, **usual
            )
        failed = []
        with alone():
            for name, step in steps.items():
                if verbosity:
                    self.stdout.write(f"{name}:")
                try:
                    step()
                except Exception as exc:
                    if getattr(exc, "returncode", 1) == STOPPED:
                        raise
                    # The text of a database error may hold its address, or somebody's words.
                    trace = None if isinstance(exc, DatabaseError | InterfaceError) else exc
                    kind = type(exc).__name__
                    logger.error("The step %s failed: %s", name, kind, exc_info=trace)
                    failed.append(name)
        if failed:
            raise CommandError(f"Failed: {', '.join(failed)}; the log says why")

    def finish_erasures(self, verbosity: int) -> None:
        for user in personal_data.unfinished():
            total = sum(personal_data.count(user).values())
            self.counted(personal_data.erasing(user), total, verbosity)
        if verbosity:
            self.stdout.write(f"Deleted {in_words(self.done)}")


@contextmanager
def alone() -> Iterator[None]:
    """Raises CommandError while another process is inside.

    A connection of its own holds the lock in a transaction that does nothing else: a lock of the
    session would stay behind on a pooled connection.
    """
    guard = connection.copy()
    try:
        guard.set_autocommit(False)
        with guard.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [LOCK])
            if not cursor.fetchone()[0]:
                raise CommandError("Another one is running; nothing was done")
        yield
    finally:
        # The server lets go of the lock before this returns; of a closed connection it hears later.
        with suppress(DatabaseError, InterfaceError):
            guard.rollback()
        guard.close()
