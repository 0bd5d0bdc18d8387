"""Limits how much of large responses waits for slow clients. For the event loop only."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# In one worker. A user's only response may be larger than the first.
PER_USER_BYTES = 64 * 1024 * 1024
ALL_BYTES = 256 * 1024 * 1024


@dataclass(eq=False, slots=True)
class Held:
    user: str
    size: int
    task: "asyncio.Task[object] | None"


class Unread:
    """A user with too much loses the oldest response: its request's task is cancelled, and the
    server closes the connection.
    """

    def __init__(self) -> None:
        self.held: list[Held] = []  # oldest first

    @contextmanager
    def holding(self, user: str, size: int) -> Iterator[None]:
        """Counts a response of `size` bytes while the block sends it."""
        mine = Held(user, size, asyncio.current_task())
        self.held.append(mine)
        while (sizes := self._by_user())[user] > PER_USER_BYTES and self._of(user)[1:]:
            self._cut(self._of(user)[0])
        while sum((sizes := self._by_user()).values()) > ALL_BYTES and self.held[1:]:
            self._cut(self._of(max(sizes, key=sizes.__getitem__))[0])
        try:
            yield
        finally:
            if mine in self.held:
                self.held.remove(mine)

    def _by_user(self) -> Counter[str]:
        sizes: Counter[str] = Counter()
        for held in self.held:
            sizes[held.user] += held.size
        return sizes

    def _of(self, user: str) -> list[Held]:
        return [held for held in self.held if held.user == user]

    def _cut(self, held: Held) -> None:
        self.held.remove(held)
        if held.task:
            held.task.cancel()


unread = Unread()
