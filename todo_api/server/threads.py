"""The threads that run Django, and the limit on concurrent requests. For the event loop only."""

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

# Each thread has its own database connection: workers x threads must fit max_connections.
THREADS = 8
# The GIL lets one thread compute at a time, and switching between threads costs 30 % of the
# throughput (docs/adr/0023-a-stock-server.md). Requests therefore run one at a time while the
# database responds within NEAR_SECONDS, and concurrently otherwise. The minimum of the last
# KEPT_WAITS waits decides, because a busy machine lengthens the others.
NEAR_SECONDS, KEPT_WAITS = 0.001, 64
# A request that runs for longer is slow: the next one starts without waiting for it.
SLOW_SECONDS = 0.01
# After this wait in the queue, check whether the client has left and whether its token is invalid.
CHECK_AFTER_SECONDS = 1.5

Result = TypeVar("Result")
Inbox = SimpleQueue[Callable[[], None]]


class RequestThreads:
    def __init__(self) -> None:
        # The inboxes of idle threads, last in first out: few threads, and so few database
        # connections, serve most requests. ThreadPoolExecutor rotates through all its threads.
        self.idle: list[Inbox] = [SimpleQueue() for _ in range(THREADS)]
        for inbox in self.idle:
            threading.Thread(target=serve, args=(inbox,), daemon=True).start()
        self.spare = ThreadPoolExecutor(1, thread_name_prefix="spare")
        self.queue = FairQueue()
        self.running = self.quick = 0  # all running requests; those that are not slow
        self.started: dict[asyncio.Future[Any], float] = {}  # start times of the quick requests
        self.waits = deque([0.0], KEPT_WAITS)
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
        """Runs `work` in a thread and returns its result. Waits in the queue while too many run.

        With a `connection`, raises Throttled or Unavailable when too many requests wait, and
        ClientGone when the client leaves during the wait. During a long wait, calls `refusal` and
        raises the exception that it returns, if any.
        """
        if self._is_free() and self.queue.try_start(client):
            self._count()
        else:
            await self._turn(client, connection, refusal)
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Result] = loop.create_future()
        self.started[result] = loop.time()

        inbox = self.idle.pop()

        def job() -> None:
            try:
                finish = partial(result.set_result, work())
            except BaseException as exc:
                finish = partial(result.set_exception, exc)
            with suppress(RuntimeError):  # the event loop is closed: the worker is stopping
                loop.call_soon_threadsafe(self._finish, client, inbox, result, finish)

        inbox.put(job)
        # Cancelled when the client leaves. The thread goes on, and counts as running until it ends.
        return await result

    def record_wait(self, context: RequestContext) -> None:
        """Updates the estimate of the database's latency from the context of a finished request."""
        if context.statements:
            self.waits.append(context.database_seconds / context.statements)
            self.is_near = min(self.waits) < NEAR_SECONDS

    def _is_free(self) -> bool:
        return self.running < THREADS and not (self.quick and self.is_near)

    def _count(self) -> None:
        self.running += 1
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
            has_waited_long = loop.time() - since > CHECK_AFTER_SECONDS
            if connection and has_waited_long and await connection.is_gone():
                raise ClientGone
        except BaseException:
            if turn.cancelled() or turn.exception():
                self.queue.cancel(client, turn)
            else:  # the request counts as running already
                self._leave(client, quick=True)
            raise

    def _finish(
        self, client: str, inbox: Inbox, result: asyncio.Future[Any], finish: Callable[[], None]
    ) -> None:
        self.idle.append(inbox)
        self._leave(client, quick=self.started.pop(result, None) is not None)
        if not result.cancelled():
            finish()

    def _leave(self, client: str, *, quick: bool) -> None:
        self.running -= 1
        self.quick -= quick
        self.queue.finish(client)
        self._next()

    def _next(self) -> None:
        while self._is_free() and self.queue.start_next():
            self._count()

    def _start_timer(self) -> None:
        """Calls `_tick` every SLOW_SECONDS while requests wait."""
        if self.timer is None:
            loop = asyncio.get_running_loop()
            self.timer = loop.call_later(SLOW_SECONDS, self._tick, loop)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        self.timer = None
        now = loop.time()
        for result in [each for each, since in self.started.items() if now - since >= SLOW_SECONDS]:
            del self.started[result]
            self.quick -= 1
        self._next()
        while self.unchecked and now - self.unchecked[0][0] > CHECK_AFTER_SECONDS:
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
    """Ends the wait of a request if `job` has returned or raised an exception."""
    if not job.cancelled() and (reason := job.exception() or job.result()) and not turn.done():
        turn.set_exception(reason)
