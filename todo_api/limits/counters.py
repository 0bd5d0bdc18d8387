"""Counts the requests of a minute in the memory of this process."""

from collections import OrderedDict
from threading import Lock

WINDOW_SECONDS = 60
# About 5 MB. Whoever calls often stays among them, however many others come along.
REMEMBERED_KEYS = 20_000


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
