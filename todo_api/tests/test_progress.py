"""Progress of a long command without a terminal."""

from collections import Counter
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError

from todo_api.terminal import LongCommand, format_counts


class Slow(LongCommand):
    requires_system_checks = ()
    line_every_seconds = 0

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        def steps() -> Any:
            yield Counter(rows=2)
            yield Counter(rows=1)
            if options["stop"]:
                raise KeyboardInterrupt

        self.run_steps(steps(), 3, verbosity)


def progress(verbosity: int) -> str:
    errors = StringIO()
    options = {"force_color": False, "no_color": True, "skip_checks": True, "stop": False}
    Slow().execute(verbosity=verbosity, stderr=errors, **options)
    return errors.getvalue()


def test_it_prints_a_line_at_intervals() -> None:
    assert progress(verbosity=1) == "2 of 3 rows\n3 of 3 rows\n"


def test_it_prints_nothing_at_verbosity_0() -> None:
    assert progress(verbosity=0) == ""


def test_an_interrupted_command_reports_its_progress() -> None:
    options = {"force_color": False, "no_color": True, "skip_checks": True, "stop": True}

    with pytest.raises(CommandError, match="Stopped after 3 rows; run it again") as stopped:
        Slow().execute(verbosity=0, **options)

    assert stopped.value.returncode == 130


def test_counts_are_listed_with_their_names_without_zeros() -> None:
    assert format_counts({"b": 2, "a": 1, "c": 0}) == "1 a, 2 b"
    assert format_counts({}) == "nothing"
