"""The threads that run Django, and how many of them at a time. For the event loop only."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

from rest_framework.exceptions import APIException

from todo_api.request.context import RequestContext
from todo_api.server.connection import ClientGone, Connection
from todo_api.server.fair_queue import FairQueue, Turn

# Each has a database connection of its own: workers x threads must fit max_connections.
THREADS = 8
# Python computes in one thread at a time, and threads that take turns at it lose three tenths of
# the requests/s (docs/adr/0023-a-stock-server.md). So requests run one after another while the
# database answers within NEAR seconds, and side by side while it takes longer. The shortest of the
# last waits decides: the others are longer because the machine is busy.
NEAR, LAST_WAITS = 0.001, 64
# A request that runs for longer does not keep the next one from beginning.
PATIENCE = 0.01
# A request that has waited for so long is looked at: its client may have left, its token be bad.
LONG = 1.5

Result = TypeVar("Result")
Inbox = SimpleQueue[Callable[[], None]]


class RequestThreads:
    def __init__(self) -> None:
        # The inboxes of idle threads, last in first out: few threads, and few database connections,
        # serve most requests. ThreadPoolExecutor takes turns among all that it has.
        self.idle: list[Inbox] = [SimpleQueue() for _ in range(THREADS)]
        for inbox in self.idle:
            threading.Thread(target=serve, args=(inbox,), daemon=True).start()
        self.spare = ThreadPoolExecutor(1, thread_name_prefix="spare")
        self.queue = FairQueue()
        self.at_work = self.quick = 0  # all that run, and those that do not take long
        self.begun: dict[asyncio.Future[Any], float] = {}  # when each of the quick ones began
        self.waits = deque([0.0], LAST_WAITS)
        self.is_near = True
        self.timer: asyncio.TimerHandle | None = None
        self.unchecked: deque[tuple[float, Turn, Callable[[], APIException | None]]] = deque()

    async def run(
        self,
        work: Callable[[], Result],
        client: str,
        connection: Connection | None = None,
        refusal: Callable[[], APIException | None] | None = None,
    ) -> Result:
        """Returns what `work()` returns in a thread. Begins at once, or when its turn comes.

        With a `connection` raises Throttled or Unavailable when too many wait already, and
        ClientGone when the client leaves before its turn. Raises what `refusal()` returns, if
        anything, when all threads are busy for long.
        """
        if self._is_free() and self.queue.enter(client):
            self._count()
        else:
            await self._turn(client, connection, refusal)
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Result] = loop.create_future()
        self.begun[result] = loop.time()

        inbox = self.idle.pop()

        def job() -> None:
            try:
                finish = partial(result.set_result, work())
            except BaseException as exc:
                finish = partial(result.set_exception, exc)
            with suppress(RuntimeError):  # the event loop has been closed: the worker ends
                loop.call_soon_threadsafe(self._finish, client, inbox, result, finish)

        inbox.put(job)
        # Cancelled when the client leaves. The thread goes on, and counts until it ends.
        return await result

    def note_wait(self, context: RequestContext) -> None:
        """Learns from a request how long the database takes."""
        if context.statements:
            self.waits.append(context.database_seconds / context.statements)
            self.is_near = min(self.waits) < NEAR

    def _is_free(self) -> bool:
        return self.at_work < THREADS and not (self.quick and self.is_near)

    def _count(self) -> None:
        self.at_work += 1
        self.quick += 1

    async def _turn(
        self,
        client: str,
        connection: Connection | None,
        refusal: Callable[[], APIException | None] | None,
    ) -> None:
        loop = asyncio.get_running_loop()
        turn, since = self.queue.wait(client, refuse=connection is not None), loop.time()
        if refusal:
            self.unchecked.append((since, turn, refusal))
        self._start_timer()
        try:
            await turn
            if connection and loop.time() - since > LONG and await connection.is_gone():
                raise ClientGone
        except BaseException:
            if turn.cancelled() or turn.exception():
                self.queue.give_up(client, turn)
            else:  # it had come
                self._leave(client, quick=True)
            raise

    def _finish(
        self, client: str, inbox: Inbox, result: asyncio.Future[Any], finish: Callable[[], None]
    ) -> None:
        self.idle.append(inbox)
        self._leave(client, quick=self.begun.pop(result, None) is not None)
        if not result.cancelled():
            finish()

    def _leave(self, client: str, *, quick: bool) -> None:
        self.at_work -= 1
        self.quick -= quick
        self.queue.leave(client)
        self._next()

    def _next(self) -> None:
        while self._is_free() and self.queue.next():
            self._count()

    def _start_timer(self) -> None:
        """Calls `_tick` every PATIENCE seconds while requests wait."""
        if self.timer is None:
            loop = asyncio.get_running_loop()
            self.timer = loop.call_later(PATIENCE, self._tick, loop)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        self.timer = None
        now = loop.time()
        for result in [each for each, since in self.begun.items() if now - since >= PATIENCE]:
            del self.begun[result]
            self.quick -= 1
        self._next()
        while self.unchecked and now - self.unchecked[0][0] > LONG:
            _, turn, refusal = self.unchecked.popleft()
            if not turn.done():
                job = loop.run_in_executor(self.spare, refusal)
                job.add_done_callback(partial(refuse, turn))
        if self.queue.waiting:
            self._start_timer()
        else:
            self.unchecked.clear()


def serve(inbox: Inbox) -> None:
    """Runs jobs in a thread until the process ends."""
    while True:
        inbox.get()()


def refuse(turn: Turn, job: asyncio.Future[APIException | None]) -> None:
    """Ends the wait for a turn where `job` has found a reason to."""
    if not job.cancelled() and (found := job.exception() or job.result()) and not turn.done():
        turn.set_exception(found)
