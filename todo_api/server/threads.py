"""The threads that run Django, and how many of them at a time. For the event loop only."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from todo_api.notes import Notes
from todo_api.server.connection import ClientGone, Connection
from todo_api.server.fair_queue import FairQueue, Turn

# Each has a database connection of its own: workers x threads must fit max_connections.
THREADS = 8
# Python computes in one thread at a time, and two that take turns lose a third of the requests to
# it (bench/README.md). So requests run one after another while the database answers within NEAR
# seconds, and side by side where it is farther away. The least of the last waits tells: others are
# longer because the machine was busy.
NEAR, LAST_WAITS = 0.001, 64
# A request that takes longer, for whatever reason, holds up no other.
PATIENCE = 0.01
# After so long a wait the client may have left,
LONG = 0.1
# and after so long the spare thread looks whether the request can do without one.
SPARE_AFTER = 1.0

Result = TypeVar("Result")


class Shortcut(Exception):
    """Holds the result of a request that took no thread."""


class RequestThreads:
    def __init__(self) -> None:
        self.executor = ThreadPoolExecutor(THREADS, thread_name_prefix="request")
        self.spare = ThreadPoolExecutor(1, thread_name_prefix="spare")
        self.queue = FairQueue()
        self.at_work = self.quick = 0  # all that run, and those that do not take long
        self.begun: dict[asyncio.Future[Any], float] = {}  # when each of the quick ones began
        self.waits = deque([0.0], LAST_WAITS)
        self.is_near = True
        self.timer: asyncio.TimerHandle | None = None

    async def run(
        self,
        work: Callable[[], Result],
        client: str,
        connection: Connection | None = None,
        shortcut: Callable[[], Result | None] | None = None,
    ) -> Result:
        """Returns what `work()` returns in a thread. Begins at once, or when its turn comes; after
        a second, what `shortcut()` returns in the spare thread takes its place, unless it is None.

        With a `connection` raises Throttled or Unavailable when too many wait already, ClientGone
        when the client leaves before its turn.
        """
        if self._is_free() and self.queue.enter(client):
            self._count()
        else:
            try:
                await self._turn(client, connection, shortcut)
            except Shortcut as taken:
                return taken.args[0]  # type: ignore[no-any-return]
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Result] = loop.create_future()
        self.begun[result] = loop.time()

        def finished(job: Future[Result]) -> None:
            with suppress(RuntimeError):  # the event loop has been closed: the worker ends
                loop.call_soon_threadsafe(self._finish, client, job, result)

        self.executor.submit(work).add_done_callback(finished)
        # Cancelled when the client leaves. The thread goes on, and counts until it ends.
        return await result

    def note_wait(self, notes: Notes) -> None:
        """Learns from a request how long the database takes to answer."""
        if notes.statements:
            self.waits.append(notes.database_seconds / notes.statements)
            self.is_near = min(self.waits) < NEAR

    def _is_free(self) -> bool:
        return self.at_work < THREADS and not (self.quick and self.is_near)

    def _count(self) -> None:
        self.at_work += 1
        self.quick += 1

    async def _turn(
        self, client: str, connection: Connection | None, shortcut: Callable[[], Any] | None
    ) -> None:
        loop = asyncio.get_running_loop()
        turn, since = self.queue.wait(client, refuse=connection is not None), loop.time()
        self._be_patient()
        timer = loop.call_later(SPARE_AFTER, self._try, shortcut, turn) if shortcut else None
        try:
            await turn
            # Behind a short wait nearly all are still there, and to ask costs more.
            if connection and loop.time() - since > LONG and await connection.is_gone():
                raise ClientGone
        except BaseException:
            if not turn.cancelled() and not turn.exception():  # it had come
                self._leave(client, quick=True)
            raise
        finally:
            if timer:
                timer.cancel()

    def _try(self, shortcut: Callable[[], Any], turn: Turn) -> None:
        def tried(job: asyncio.Future[Any]) -> None:
            if not job.cancelled() and not job.exception() and job.result() and not turn.done():
                turn.set_exception(Shortcut(job.result()))

        job = asyncio.get_running_loop().run_in_executor(self.spare, shortcut)
        job.add_done_callback(tried)

    def _finish(self, client: str, job: Future[Result], result: asyncio.Future[Result]) -> None:
        self._leave(client, quick=self.begun.pop(result, None) is not None)
        if result.cancelled():
            return
        if error := job.exception():
            result.set_exception(error)
        else:
            result.set_result(job.result())

    def _leave(self, client: str, *, quick: bool) -> None:
        self.at_work -= 1
        self.quick -= quick
        self.queue.leave(client)
        self._next()

    def _next(self) -> None:
        while self._is_free() and self.queue.next():
            self._count()

    def _be_patient(self) -> None:
        """With those that are at work, for a moment."""
        if self.timer is None:
            loop = asyncio.get_running_loop()
            self.timer = loop.call_later(PATIENCE, self._lose_patience, loop)

    def _lose_patience(self, loop: asyncio.AbstractEventLoop) -> None:
        self.timer = None
        late = loop.time() - PATIENCE
        for result in [result for result, since in self.begun.items() if since <= late]:
            del self.begun[result]
            self.quick -= 1
        self._next()
        if self.queue.waiting:
            self._be_patient()
