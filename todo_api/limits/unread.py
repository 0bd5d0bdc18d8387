"""How much of large responses waits for slow clients, by user. For the event loop only."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# In one worker. A single response may be larger.
PER_USER_BYTES = 64 * 1024 * 1024
ALL_BYTES = 256 * 1024 * 1024


@dataclass(eq=False, slots=True)
class Held:
    user: str
    size: int
    task: "asyncio.Task[object] | None"


class Unread:
    """Who has too much unread loses the oldest of it: that request's task is cancelled, and the
    server closes its connection.
    """

    def __init__(self) -> None:
        self.held: list[Held] = []  # oldest first

    @contextmanager
    def holding(self, user: str, size: int) -> Iterator[None]:
        """While the block sends a response of `size` bytes."""
        mine = Held(user, size, asyncio.current_task())
        self.held.append(mine)
        self._cut(user)
        try:
            yield
        finally:
            if mine in self.held:
                self.held.remove(mine)

    def _cut(self, user: str) -> None:
        while (sizes := self._by_user())[user] > PER_USER_BYTES and self._drop_oldest(user):
            pass
        while sum((sizes := self._by_user()).values()) > ALL_BYTES:
            if not self._drop_oldest(max(sizes, key=sizes.__getitem__)):
                return

    def _by_user(self) -> Counter[str]:
        sizes: Counter[str] = Counter()
        for held in self.held:
            sizes[held.user] += held.size
        return sizes

    def _drop_oldest(self, user: str) -> bool:
        """Returns whether there was one to drop. A user's only response is left alone."""
        theirs = [held for held in self.held if held.user == user]
        if len(theirs) < 2:
            return False
        self.held.remove(theirs[0])
        if theirs[0].task:
            theirs[0].task.cancel()
        return True


unread = Unread()
