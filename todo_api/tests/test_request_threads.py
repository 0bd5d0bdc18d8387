"""Which requests run at the same time, and what becomes of one whose client has gone."""

import asyncio
import random
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from rest_framework.exceptions import APIException

from todo_api.request.context import RequestContext
from todo_api.server import fair_queue, threads
from todo_api.server.connection import ClientGone, Connection
from todo_api.server.threads import LAST_WAITS, NEAR, THREADS, RequestThreads
from todo_api.web.exceptions import Unavailable

SECONDS = 30


def in_a_loop(test: Callable[[RequestThreads], Awaitable[None]]) -> None:
    async def run() -> None:
        async with asyncio.timeout(SECONDS):
            await test(RequestThreads())

    asyncio.run(run())


def database_at(seconds: float, pool: RequestThreads) -> None:
    for _ in range(LAST_WAITS):
        pool.note_wait(RequestContext(statements=2, database_seconds=2 * seconds))


def connection(*, gone: bool = False) -> Connection:
    async def receive() -> Any:
        if not gone:
            await asyncio.sleep(SECONDS)
        return {"type": "http.disconnect"}

    return Connection(receive)


class Crowd:
    """Work that ends when it is told to, and how much of it was at work at a time."""

    def __init__(self) -> None:
        self.lock, self.over = threading.Lock(), threading.Event()
        self.now = self.most = 0

    def work(self) -> None:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.over.wait(SECONDS)
        with self.lock:
            self.now -= 1

    def quick_work(self) -> None:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.001)
        with self.lock:
            self.now -= 1


def test_results_and_errors_come_back() -> None:
    async def test(pool: RequestThreads) -> None:
        assert await pool.run(lambda: 42, "alice") == 42
        with pytest.raises(ZeroDivisionError):
            await pool.run(lambda: 1 // 0, "alice")
        assert (pool.at_work, pool.quick, pool.begun, pool.queue.clients) == (0, 0, {}, {})

    in_a_loop(test)


@pytest.mark.parametrize(("away", "at_once"), [(NEAR / 2, 1), (NEAR * 2, THREADS)])
def test_requests_run_side_by_side_where_the_database_is_far(
    monkeypatch: pytest.MonkeyPatch, away: float, at_once: int
) -> None:
    monkeypatch.setattr(threads, "PATIENCE", SECONDS)

    async def test(pool: RequestThreads) -> None:
        database_at(away, pool)
        crowd = Crowd()
        asked = [
            asyncio.create_task(pool.run(crowd.work, str(number))) for number in range(THREADS + 4)
        ]
        await asyncio.sleep(0.2)
        most, waiting = crowd.most, pool.queue.waiting
        crowd.over.set()
        await asyncio.gather(*asked)

        assert (most, waiting) == (at_once, THREADS + 4 - at_once)

    in_a_loop(test)


def test_the_thread_that_was_idle_last_is_used_first() -> None:
    async def test(pool: RequestThreads) -> None:
        used = {await pool.run(threading.get_ident, "alice") for _ in range(20)}

        assert len(used) == 1  # and so one database connection

    in_a_loop(test)


def test_a_request_that_takes_long_holds_up_no_other() -> None:
    async def test(pool: RequestThreads) -> None:
        crowd = Crowd()
        slow = asyncio.create_task(pool.run(crowd.work, "alice"))
        await asyncio.sleep(0)

        assert await pool.run(lambda: "done", "bob") == "done"
        crowd.over.set()
        await slow
        assert (pool.at_work, pool.quick, pool.begun) == (0, 0, {})

    in_a_loop(test)


def test_quick_requests_run_one_after_another() -> None:
    async def test(pool: RequestThreads) -> None:
        crowd = Crowd()
        await asyncio.gather(*(pool.run(crowd.quick_work, str(number)) for number in range(20)))

        assert crowd.most < THREADS  # on a busy machine some take long
        assert (pool.at_work, pool.quick, pool.queue.waiting) == (0, 0, 0)

    in_a_loop(test)


def test_one_client_never_has_all_threads() -> None:
    async def test(pool: RequestThreads) -> None:
        database_at(NEAR * 2, pool)
        crowd = Crowd()
        asked = [asyncio.create_task(pool.run(crowd.work, "alice")) for _ in range(20)]
        await asyncio.sleep(0.1)

        assert await pool.run(lambda: "done", "bob") == "done"
        crowd.over.set()
        await asyncio.gather(*asked)
        assert crowd.most < THREADS

    in_a_loop(test)


def test_a_request_whose_client_left_while_it_waited_is_not_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "LONG", 0)
    monkeypatch.setattr(threads, "PATIENCE", SECONDS)

    async def test(pool: RequestThreads) -> None:
        crowd, begun = Crowd(), []
        first = asyncio.create_task(pool.run(crowd.work, "alice"))
        await asyncio.sleep(0)
        left = pool.run(lambda: begun.append("left"), "bob", connection(gone=True))
        stays = pool.run(lambda: begun.append("stays"), "carol", connection())
        others = asyncio.gather(left, stays, return_exceptions=True)
        await asyncio.sleep(0.01)
        crowd.over.set()
        await first

        assert [type(result) for result in await others] == [ClientGone, type(None)]
        assert begun == ["stays"]
        assert (pool.at_work, pool.quick, pool.queue.clients) == (0, 0, {})

    in_a_loop(test)


def test_a_request_that_is_to_be_refused_waits_for_no_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "LONG", 0.05)
    monkeypatch.setattr(threads, "PATIENCE", 0.01)

    async def test(pool: RequestThreads) -> None:
        crowd = Crowd()
        busy = [asyncio.create_task(pool.run(crowd.work, str(number))) for number in range(THREADS)]
        await asyncio.sleep(0.3)
        waits = asyncio.create_task(pool.run(lambda: "done", "alice", refusal=lambda: None))

        with pytest.raises(Unavailable):
            await pool.run(lambda: None, "bob", refusal=Unavailable)
        assert not waits.done()
        crowd.over.set()
        assert await waits == "done"
        await asyncio.gather(*busy)
        assert (pool.at_work, pool.quick, pool.queue.waiting) == (0, 0, 0)

    in_a_loop(test)


def test_a_request_that_is_cancelled_keeps_its_thread_until_it_ends() -> None:
    async def test(pool: RequestThreads) -> None:
        crowd = Crowd()
        asked = asyncio.create_task(pool.run(crowd.work, "alice"))
        await asyncio.sleep(0.05)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        during = pool.at_work
        crowd.over.set()
        while pool.at_work:
            await asyncio.sleep(0.01)

        assert during == 1
        assert (pool.begun, pool.queue.clients) == ({}, {})

    in_a_loop(test)


def test_whatever_happens_to_requests_the_counts_are_right_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "LONG", 0.02)
    monkeypatch.setattr(fair_queue, "WAITING", 30)
    monkeypatch.setattr(fair_queue, "WAITING_PER_CLIENT", 10)
    chance = random.Random(0)  # noqa: S311

    async def ask(pool: RequestThreads) -> None:
        """Some are refused, some have a bad token, some give up while they wait or run."""
        asked = pool.run(
            partial(time.sleep, chance.random() / 100),
            str(chance.randrange(12)),
            connection() if chance.random() < 0.8 else None,
            Unavailable if chance.random() < 0.3 else lambda: None,
        )
        with suppress(APIException, TimeoutError):
            await asyncio.wait_for(asked, chance.choice([SECONDS, chance.random() / 20]))

    async def test(pool: RequestThreads) -> None:
        for _ in range(20):
            pool.is_near = chance.random() < 0.5
            await asyncio.gather(*(ask(pool) for _ in range(60)))
        while pool.at_work:
            await asyncio.sleep(0.01)

        assert (pool.quick, pool.begun, len(pool.idle)) == (0, {}, THREADS)
        assert (pool.queue.waiting, pool.queue.clients) == (0, {})

    in_a_loop(test)
