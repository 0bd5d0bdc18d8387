"""What a long command says while it works where there is no terminal."""

from collections import Counter
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError

from todo_api.terminal import LongCommand, in_words


class Slow(LongCommand):
    requires_system_checks = ()
    line_every_seconds = 0

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        def steps() -> Any:
            yield Counter(rows=2)
            yield Counter(rows=1)
            if options["stop"]:
                raise KeyboardInterrupt

        self.counted(steps(), 3, verbosity)


def said(verbosity: int) -> str:
    beside = StringIO()
    options = {"force_color": False, "no_color": True, "skip_checks": True, "stop": False}
    Slow().execute(verbosity=verbosity, stderr=beside, **options)
    return beside.getvalue()


def test_it_says_a_line_now_and_then() -> None:
    assert said(verbosity=1) == "2 of 3 rows\n3 of 3 rows\n"


def test_it_says_nothing_when_told_so() -> None:
    assert said(verbosity=0) == ""


def test_whoever_stops_it_learns_how_far_it_came() -> None:
    options = {"force_color": False, "no_color": True, "skip_checks": True, "stop": True}

    with pytest.raises(CommandError, match="Stopped after 3 rows; run it again") as stopped:
        Slow().execute(verbosity=0, **options)

    assert stopped.value.returncode == 130


def test_counts_are_named_and_zeros_are_not() -> None:
    assert in_words({"b": 2, "a": 1, "c": 0}) == "1 a, 2 b"
    assert in_words({}) == "nothing"
