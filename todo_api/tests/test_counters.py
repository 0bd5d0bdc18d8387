"""Counters in memory: exact, of bounded size, with windows that end at different seconds."""

from concurrent.futures import ThreadPoolExecutor

import time_machine

from todo_api.limits.counters import REMEMBERED_KEYS, MemoryCounter
from todo_api.limits.rate_limits import hit


def test_a_key_is_counted_in_its_window() -> None:
    counter = MemoryCounter()

    counts = [counter.add("a", 1), counter.add("a", 1), counter.add("b", 1), counter.add("a", 2)]

    assert counts == [1, 2, 1, 1]


def test_concurrent_counts_are_exact() -> None:
    counter = MemoryCounter()

    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(lambda _: counter.add("a", 1), range(4_000)))

    assert sorted(counts) == list(range(1, 4_001))


def test_the_least_recently_used_key_is_evicted() -> None:
    counter = MemoryCounter()

    for number in range(REMEMBERED_KEYS + 10):
        frequent = counter.add("frequent", 1)
        counter.add(f"once {number}", 1)

    assert (frequent, len(counter)) == (REMEMBERED_KEYS + 10, REMEMBERED_KEYS)
    assert counter.add("once 0", 1) == 1
    assert counter.add(f"once {REMEMBERED_KEYS}", 1) == 2


def test_windows_of_different_keys_end_at_different_seconds() -> None:
    with time_machine.travel(1_800_000_000, tick=False):
        ends = {hit(f"key {number}")[1] for number in range(200)}

    assert ends <= set(range(1, 61))
    assert len(ends) > 30
