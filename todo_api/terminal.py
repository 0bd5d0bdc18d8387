"""What commands share: progress, an end in words when they are stopped, and spans of time."""

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
STOPPED = 130  # what a shell calls a program that Ctrl-C ended


class LongCommand(BaseCommand):
    """A command that works in steps, each of which counts rows by a label.

    On a terminal it shows a bar, elsewhere a line now and then. Both go to standard error.
    """

    line_every_seconds = 10.0

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.done: Counter[str] = Counter()
        try:
            return super().execute(*args, **options)
        except KeyboardInterrupt:
            message = f"Stopped after {in_words(self.done)}; run it again to go on"
            raise CommandError(message, returncode=STOPPED) from None

    def counted(
        self, steps: Iterable[Counter[str]], total: int, verbosity: int = 1
    ) -> Counter[str]:
        """Takes the steps and returns the sum of what they counted."""
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


def in_words(counts: dict[str, Any]) -> str:
    """`12 tasks.Task, 1 tasks.IdempotencyRecord`, or `nothing`."""
    named = (f"{number} {label}" for label, number in sorted(counts.items()) if number)
    return ", ".join(named) or "nothing"


def duration(text: str) -> timedelta:
    """For `add_argument(type=…)`. Never zero: "older than nothing" would be everything."""
    found = re.fullmatch(r"([1-9][0-9]{0,4})([mhdw])", text)
    if not found:
        raise ArgumentTypeError(f"{text!r}: expected a number and m, h, d or w, such as 90d or 12h")
    return timedelta(**{UNITS[found[2]]: int(found[1])})
