"""Measures the most expensive recurrence rules.

python -m bench.recurrence
"""

import sys
import time
from datetime import datetime

from bench.tables import heading, machine, row, write
from tasks.recurrence import canonical_rule, next_occurrence, next_occurrences
from tasks.tests.test_recurrence import COSTLY
from tasks.time_zones import zone_named

BUDGET_MS = 20
AFTER = datetime(2026, 3, 1)  # noqa: DTZ001  (local times)
STARTS = (datetime(1970, 1, 31), AFTER, datetime.min)  # noqa: DTZ001, DTZ901
ZONE = zone_named("America/New_York")


def main() -> int:
    write(machine())
    heading(f"Processor time of one call in ms, the best of 5; budget {BUDGET_MS}")
    row("call", "most", "rule")
    row("---", "---", "---")
    worst = 0.0
    for name, call in (
        ("validate", lambda rule, start: accepted(rule)),
        ("next", lambda rule, start: next_occurrence(rule, start, AFTER, ZONE)),
        ("five", lambda rule, start: next_occurrences(rule, start, AFTER, ZONE)),
    ):
        most, rule = max(
            (milliseconds(call, rule, start), rule) for rule in COSTLY for start in STARTS
        )
        row(name, f"{most:.1f}", rule if len(rule) < 60 else f"{rule[:57]}...")
        worst = max(worst, most)
    return int(worst > BUDGET_MS)


def accepted(rule: str) -> bool:
    try:
        return bool(canonical_rule(rule))
    except ValueError:
        return False


def milliseconds(call: object, rule: str, start: datetime) -> float:
    times = []
    for _ in range(5):
        began = time.thread_time()
        call(rule, start)  # type: ignore[operator]  # a function
        times.append(1000 * (time.thread_time() - began))
    return min(times)


if __name__ == "__main__":
    sys.exit(main())
