"""The threads of a worker, and who of them may begin.

Python computes in one thread at a time. Whoever else could compute only pushes in between, and
each push costs the caches: a few threads answer more requests than many, as long as one of them
computes. So a further one begins only when nobody does, because all wait for a neighbour; and while
requests stand in line, the event loop collects no more of them.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

# So many begin whatever the others do.
FEW = 2
# A request that is not taken up for so long is, whatever it is that nobody told us of.
IMPATIENT_SECONDS = 0.25

_mine = threading.local()


class Lane:
    """Threads that serve one job after another. Of those that wait the one begins that served last:
    its connection to the database is open, and while few callers ask, few are opened.
    """

    def __init__(self, serve: Callable[[Any], object], threads: int) -> None:
        self.serve = serve
        self.lock = threading.Lock()
        self.crowded = threading.Lock()  # is locked as long as there is a backlog
        self.idle: list[SimpleQueue[Any]] = []
        self.backlog: deque[Any] = deque()
        self.busy = self.waiting = 0
        self.taken_at = time.monotonic()
        for _ in range(threads):
            threading.Thread(target=self.work, daemon=True).start()

    def put(self, job: Any) -> None:
        with self.lock:
            if not self.backlog:
                self.taken_at = time.monotonic()
            self.backlog.append(job)
            if self.busy < FEW or self.busy <= self.waiting:
                self.hand_out()
            if self.backlog:
                self.crowded.acquire(blocking=False)

    def wait_for_room(self, seconds: float) -> None:
        """Until nobody stands in line, or for so many seconds. For the thread that puts."""
        if self.crowded.acquire(timeout=seconds):
            self.crowded.release()

    def hand_out(self) -> None:
        """Gives the next job to a further thread, if there are any. The caller holds the lock."""
        if self.backlog and self.idle:
            self.busy += 1
            self.idle.pop().put(self.take())

    def take(self) -> Any:
        """The next job. The caller holds the lock."""
        self.taken_at = time.monotonic()
        job = self.backlog.popleft()
        if not self.backlog and self.crowded.locked():
            self.crowded.release()
        return job

    def work(self) -> None:
        _mine.lane, mine = self, SimpleQueue[Any]()
        with self.lock:
            self.idle.append(mine)
            self.hand_out()  # what came before it had begun
        while True:
            self.serve(mine.get())
            with self.lock:
                if self.backlog:
                    mine.put(self.take())
                else:
                    self.busy -= 1
                    self.idle.append(mine)

    def wait(self, by: int) -> None:
        """One of its threads begins (1) or ends (-1) to wait for a neighbour."""
        with self.lock:
            self.waiting += by
            if self.busy <= self.waiting:
                self.hand_out()

    def relieve(self) -> None:
        """To be called now and then: whatever it is that its threads wait for."""
        with self.lock:
            if time.monotonic() - self.taken_at > IMPATIENT_SECONDS:
                self.hand_out()

    def shutdown(self, *, wait: bool) -> None:
        """gunicorn calls it when the worker ends, and waits for nobody: nor does Python."""


class waiting:  # noqa: N801  (read as a word: with waiting())
    """In this block a thread waits for a neighbour. Elsewhere than in a lane it changes nothing."""

    def __enter__(self) -> None:
        self.lane: Lane | None = getattr(_mine, "lane", None)
        if self.lane:
            self.lane.wait(1)

    def __exit__(self, *raised: object) -> None:
        if self.lane:
            self.lane.wait(-1)
