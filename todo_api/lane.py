"""The threads of a worker, and who of them may begin.

Python computes in one thread at a time. Whoever else could compute only pushes in between, and
each push costs the caches, and the machine's time to change between threads: one answers more
requests than many, as long as it computes. So a further one begins only when nobody does, because
all wait for a neighbour that is far; and while requests stand in line, the event loop collects no
more of them.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

# A request that is not taken up for so long is, whatever the others do.
IMPATIENT_SECONDS = 0.01
# To change between threads costs more than to wait for so short an answer.
NEAR_SECONDS = 0.001
LAST_WAITS = 16

Inbox = SimpleQueue[Any]  # of a thread, and its name here
_mine = threading.local()


class Lane:
    """Threads that serve one job after another, of which `together` compute. Of those that are idle
    the one begins that served last: its connection to the database is open, and while few callers
    ask, few are opened.
    """

    def __init__(self, serve: Callable[[Any], object], threads: int, together: int = 1) -> None:
        self.serve, self.together = serve, together
        self.lock = threading.Lock()
        self.crowded = threading.Lock()  # is locked as long as there is a backlog
        self.backlog: deque[Any] = deque()
        self.idle: list[Inbox] = []
        self.busy: set[Inbox] = set()
        self.held: set[Inbox] = set()  # busy, but they do not compute, or it takes them long
        self.taken_at = time.monotonic()
        for _ in range(threads):
            threading.Thread(target=self.work, daemon=True).start()

    def put(self, job: Any) -> None:
        with self.lock:
            if not self.backlog:
                self.taken_at = time.monotonic()
            self.backlog.append(job)
            self.hand_out()
            if self.backlog:
                self.crowded.acquire(blocking=False)

    def wait_for_room(self) -> None:
        """Until nobody stands in line, or not for long. For the thread that puts."""
        if self.crowded.acquire(timeout=IMPATIENT_SECONDS):
            self.crowded.release()
            return
        with self.lock:
            if time.monotonic() - self.taken_at > IMPATIENT_SECONDS:
                self.held |= self.busy
                self.hand_out()

    def hand_out(self) -> None:
        """Gives the next job to an idle thread, if one may begin. The caller holds the lock."""
        if self.backlog and self.idle and len(self.busy) - len(self.held) < self.together:
            thread = self.idle.pop()
            self.busy.add(thread)
            self.taken_at = time.monotonic()
            thread.put(self.backlog.popleft())
            if not self.backlog and self.crowded.locked():
                self.crowded.release()

    def work(self) -> None:
        _mine.lane, _mine.inbox = self, Inbox()
        while True:
            with self.lock:
                self.busy.discard(_mine.inbox)
                self.held.discard(_mine.inbox)
                self.idle.append(_mine.inbox)
                self.hand_out()
            self.serve(_mine.inbox.get())

    def hold(self, thread: Inbox) -> None:
        """It begins to wait for a neighbour."""
        with self.lock:
            self.held.add(thread)
            self.hand_out()

    def go_on(self, thread: Inbox) -> None:
        with self.lock:
            self.held.discard(thread)

    def shutdown(self, *, wait: bool) -> None:
        """gunicorn calls it when the worker ends, and waits for nobody: nor does Python."""


class Neighbour:
    """Whom requests wait for, and how far away it is. The shortest of the last waits tells: others
    are longer because the machine was busy.
    """

    def __init__(self) -> None:
        self.waits = deque([0.0], LAST_WAITS)  # seconds

    @property
    def far(self) -> bool:
        return min(self.waits) > NEAR_SECONDS


class waiting:  # noqa: N801  (read as a word: with waiting())
    """In this block a thread waits for a neighbour. Elsewhere than in a lane it changes nothing."""

    def __enter__(self) -> None:
        self.lane: Lane | None = getattr(_mine, "lane", None)
        if self.lane:
            self.lane.hold(_mine.inbox)

    def __exit__(self, *raised: object) -> None:
        if self.lane:
            self.lane.go_on(_mine.inbox)
