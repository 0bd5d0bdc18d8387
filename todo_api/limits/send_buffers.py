"""Limits the memory of large responses that wait for slow clients. For the event loop only."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# Per worker process. A single response of a user may exceed PER_USER_BYTES.
PER_USER_BYTES = 64 * 1024 * 1024
ALL_BYTES = 256 * 1024 * 1024


@dataclass(eq=False, slots=True)
class SendBuffer:
    user: str
    size: int
    task: "asyncio.Task[object] | None"


class SendBuffers:
    """The responses that are being sent.

    Above a limit the oldest response of the user is dropped: the task of its request is cancelled,
    and the server closes the connection.
    """

    def __init__(self) -> None:
        self.buffers: list[SendBuffer] = []  # oldest first

    @contextmanager
    def holding(self, user: str, size: int) -> Iterator[None]:
        """Counts a response of `size` bytes while the block sends it."""
        own = SendBuffer(user, size, asyncio.current_task())
        self.buffers.append(own)
        while (sizes := self._sizes_by_user())[user] > PER_USER_BYTES and self._of_user(user)[1:]:
            self._drop(self._of_user(user)[0])
        while sum((sizes := self._sizes_by_user()).values()) > ALL_BYTES and self.buffers[1:]:
            self._drop(self._of_user(max(sizes, key=sizes.__getitem__))[0])
        try:
            yield
        finally:
            if own in self.buffers:
                self.buffers.remove(own)

    def _sizes_by_user(self) -> Counter[str]:
        sizes: Counter[str] = Counter()
        for buffer in self.buffers:
            sizes[buffer.user] += buffer.size
        return sizes

    def _of_user(self, user: str) -> list[SendBuffer]:
        return [buffer for buffer in self.buffers if buffer.user == user]

    def _drop(self, buffer: SendBuffer) -> None:
        self.buffers.remove(buffer)
        if buffer.task:
            buffer.task.cancel()


send_buffers = SendBuffers()
