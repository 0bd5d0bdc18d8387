"""Counts requests per fixed window in the memory of this process."""

from collections import OrderedDict
from threading import Lock

WINDOW_SECONDS = 60
# About 5 MB. Eviction is by last use, so a frequent client keeps its count.
REMEMBERED_KEYS = 20_000


class MemoryCounter:
    """Counts by key; evicts the least recently used keys. Thread-safe."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, key: str, window: int, amount: int = 1) -> int:
        """Adds the amount to the key in this window and returns its count."""
        with self._lock:
            counted_window, count = self._counts.pop(key, (window, 0))
            count = count + amount if counted_window == window else amount
            self._counts[key] = (window, count)
            if len(self._counts) > REMEMBERED_KEYS:
                self._counts.popitem(last=False)
        return count
