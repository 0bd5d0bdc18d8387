"""Shared by commands: progress, a message when they are stopped, and parsing of durations."""

import re
import sys
import time
from argparse import ArgumentTypeError
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
STOPPED = 130  # the exit status of shells after Ctrl-C


class LongCommand(BaseCommand):
    """A command that runs in steps, each of which yields its counts of rows by label.

    Progress goes to standard error: a bar on a terminal, else a line every `line_every_seconds`.
    """

    line_every_seconds = 10.0

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.done: Counter[str] = Counter()
        try:
            return super().execute(*args, **options)
        except KeyboardInterrupt:
            message = f"Stopped after {format_counts(self.done)}; run it again to go on"
            raise CommandError(message, returncode=STOPPED) from None

    def run_steps(
        self, steps: Iterable[Counter[str]], total: int, verbosity: int = 1
    ) -> Counter[str]:
        """Runs the steps, shows progress, and returns the sum of their counts."""
        bar = tqdm(
            total=total, unit=" rows", unit_scale=True, leave=False, file=sys.stderr,
            disable=not (verbosity and sys.stderr.isatty()),
        )  # fmt: skip
        line_at = time.monotonic() + self.line_every_seconds
        with bar:
            for step in steps:
                self.done.update(step)
                bar.update(step.total())
                if verbosity and bar.disable and time.monotonic() >= line_at:
                    self.stderr.write(f"{self.done.total()} of {total} rows")
                    line_at = time.monotonic() + self.line_every_seconds
        return self.done


def format_counts(counts: dict[str, Any]) -> str:
    """Returns text such as `12 tasks.Task, 1 tasks.IdempotencyRecord`, or `nothing`."""
    parts = (f"{number} {label}" for label, number in sorted(counts.items()) if number)
    return ", ".join(parts) or "nothing"


def duration(text: str) -> timedelta:
    """Parses a duration such as `90d`, for `add_argument(type=…)`. Zero is refused: it would select
    every row.
    """
    found = re.fullmatch(r"([1-9][0-9]{0,4})([mhdw])", text)
    if not found:
        raise ArgumentTypeError(f"{text!r}: expected a number and m, h, d or w, such as 90d or 12h")
    return timedelta(**{UNITS[found[2]]: int(found[1])})
