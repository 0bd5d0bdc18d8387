"""Counting in memory: exact, bounded, and not at the same second for everybody."""

from concurrent.futures import ThreadPoolExecutor

import time_machine

from todo_api.limits.counters import REMEMBERED_KEYS, MemoryCounter
from todo_api.limits.rate_limits import hit


def test_a_key_is_counted_in_its_window() -> None:
    counter = MemoryCounter()

    counts = [counter.add("a", 1), counter.add("a", 1), counter.add("b", 1), counter.add("a", 2)]

    assert counts == [1, 2, 1, 1]


def test_no_count_at_once_is_lost() -> None:
    counter = MemoryCounter()

    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(lambda _: counter.add("a", 1), range(4_000)))

    assert sorted(counts) == list(range(1, 4_001))


def test_it_forgets_whom_it_has_not_seen_for_longest_and_never_who_keeps_calling() -> None:
    counter = MemoryCounter()

    for number in range(REMEMBERED_KEYS + 10):
        steady = counter.add("steady", 1)
        counter.add(f"passer-by {number}", 1)

    assert (steady, len(counter)) == (REMEMBERED_KEYS + 10, REMEMBERED_KEYS)
    assert counter.add("passer-by 0", 1) == 1
    assert counter.add(f"passer-by {REMEMBERED_KEYS}", 1) == 2


def test_windows_of_different_keys_end_at_different_seconds() -> None:
    with time_machine.travel(1_800_000_000, tick=False):
        ends = {hit(f"key {number}")[1] for number in range(200)}

    assert ends <= set(range(1, 61))
    assert len(ends) > 30
