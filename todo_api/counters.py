"""Counts of this minute: in this process, or in Redis for all of them. No database."""

import time
from collections import OrderedDict
from functools import cache
from threading import Lock
from typing import Protocol
from zlib import crc32

from django.conf import settings

WINDOW_SECONDS = 60
# About 5 MB. Whoever calls often stays among them, however many others come along.
REMEMBERED_KEYS = 20_000


class Counter(Protocol):
    def add(self, key: str, window: int) -> int:
        """Counts one more of this key in this window. Returns how many there are now."""


def hit(key: str) -> tuple[int, int]:
    """Counts a call. Returns how many there were in this window, and the seconds until it ends.

    Windows are fixed: one addition, whatever the limit. Each key's begins at another second, so
    that not everybody who waits comes back at once.
    """
    now = int(time.time()) + crc32(key.encode()) % WINDOW_SECONDS
    window, second = divmod(now, WINDOW_SECONDS)
    return counter().add(key, window), WINDOW_SECONDS - second


@cache
def counter() -> Counter:
    """The counter of this process, made at first use."""
    if not settings.REDIS_URL:
        return MemoryCounter()
    # Its client takes a tenth of a second to import.
    from todo_api.shared_counter import SharedCounter

    return SharedCounter(settings.REDIS_URL)


class MemoryCounter:
    """Counts in this process. Keys that nobody has used for longest make room for new ones."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, key: str, window: int) -> int:
        with self._lock:
            of, count = self._counts.pop(key, (window, 0))
            count = count + 1 if of == window else 1
            self._counts[key] = (window, count)
            if len(self._counts) > REMEMBERED_KEYS:
                self._counts.popitem(last=False)
        return count
