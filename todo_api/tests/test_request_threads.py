"""The thread pool of requests: concurrency, order, and requests whose client has disconnected."""

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
from todo_api.server.threads import KEPT_WAITS, NEAR_SECONDS, THREADS, RequestThreads
from todo_api.web.exceptions import Unavailable

SECONDS = 30


def in_a_loop(test: Callable[[RequestThreads], Awaitable[None]]) -> None:
    async def run() -> None:
        async with asyncio.timeout(SECONDS):
            await test(RequestThreads())

    asyncio.run(run())


def database_at(seconds: float, pool: RequestThreads) -> None:
    for _ in range(KEPT_WAITS):
        pool.record_wait(RequestContext(statements=2, database_seconds=2 * seconds))


def connection(*, gone: bool = False) -> Connection:
    async def receive() -> Any:
        if not gone:
            await asyncio.sleep(SECONDS)
        return {"type": "http.disconnect"}

    return Connection(receive)


class Load:
    """Functions for threads to run, and the number of those that run at the same time."""

    def __init__(self) -> None:
        self.lock, self.finish = threading.Lock(), threading.Event()
        self.running = self.most = 0

    def work(self) -> None:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.finish.wait(SECONDS)
        with self.lock:
            self.running -= 1

    def quick_work(self) -> None:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        time.sleep(0.001)
        with self.lock:
            self.running -= 1


def test_results_and_errors_are_returned() -> None:
    async def test(pool: RequestThreads) -> None:
        assert await pool.run(lambda: 42, "alice") == 42
        with pytest.raises(ZeroDivisionError):
            await pool.run(lambda: 1 // 0, "alice")
        assert (pool.running, pool.quick, pool.started, pool.queue.clients) == (0, 0, {}, {})

    in_a_loop(test)


@pytest.mark.parametrize(
    ("seconds", "concurrency"), [(NEAR_SECONDS / 2, 1), (NEAR_SECONDS * 2, THREADS)]
)
def test_requests_run_concurrently_only_if_the_database_is_far(
    monkeypatch: pytest.MonkeyPatch, seconds: float, concurrency: int
) -> None:
    monkeypatch.setattr(threads, "SLOW_SECONDS", SECONDS)

    async def test(pool: RequestThreads) -> None:
        database_at(seconds, pool)
        load = Load()
        requests = [
            asyncio.create_task(pool.run(load.work, str(number))) for number in range(THREADS + 4)
        ]
        await asyncio.sleep(0.2)
        most, waiting = load.most, pool.queue.waiting
        load.finish.set()
        await asyncio.gather(*requests)

        assert (most, waiting) == (concurrency, THREADS + 4 - concurrency)

    in_a_loop(test)


def test_idle_threads_are_reused_lifo() -> None:
    async def test(pool: RequestThreads) -> None:
        used = {await pool.run(threading.get_ident, "alice") for _ in range(20)}

        assert len(used) == 1  # and so one database connection

    in_a_loop(test)


def test_a_slow_request_does_not_block_others() -> None:
    async def test(pool: RequestThreads) -> None:
        load = Load()
        slow = asyncio.create_task(pool.run(load.work, "alice"))
        await asyncio.sleep(0)

        assert await pool.run(lambda: "done", "bob") == "done"
        load.finish.set()
        await slow
        assert (pool.running, pool.quick, pool.started) == (0, 0, {})

    in_a_loop(test)


def test_quick_requests_run_sequentially() -> None:
    async def test(pool: RequestThreads) -> None:
        load = Load()
        await asyncio.gather(*(pool.run(load.quick_work, str(number)) for number in range(20)))

        assert load.most < THREADS  # on a busy machine some are slow
        assert (pool.running, pool.quick, pool.queue.waiting) == (0, 0, 0)

    in_a_loop(test)


def test_one_client_cannot_use_all_threads() -> None:
    async def test(pool: RequestThreads) -> None:
        database_at(NEAR_SECONDS * 2, pool)
        load = Load()
        requests = [asyncio.create_task(pool.run(load.work, "alice")) for _ in range(20)]
        await asyncio.sleep(0.1)

        assert await pool.run(lambda: "done", "bob") == "done"
        load.finish.set()
        await asyncio.gather(*requests)
        assert load.most < THREADS

    in_a_loop(test)


def test_a_waiting_request_of_a_disconnected_client_is_not_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "CHECK_AFTER_SECONDS", 0)
    monkeypatch.setattr(threads, "SLOW_SECONDS", SECONDS)

    async def test(pool: RequestThreads) -> None:
        load, started = Load(), []
        first = asyncio.create_task(pool.run(load.work, "alice"))
        await asyncio.sleep(0)
        left = pool.run(lambda: started.append("left"), "bob", connection(gone=True))
        stays = pool.run(lambda: started.append("stays"), "carol", connection())
        others = asyncio.gather(left, stays, return_exceptions=True)
        await asyncio.sleep(0.01)
        load.finish.set()
        await first

        assert [type(result) for result in await others] == [ClientGone, type(None)]
        assert started == ["stays"]
        assert (pool.running, pool.quick, pool.queue.clients) == (0, 0, {})

    in_a_loop(test)


def test_a_request_with_a_refusal_does_not_wait_for_a_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "CHECK_AFTER_SECONDS", 0.05)
    monkeypatch.setattr(threads, "SLOW_SECONDS", 0.01)

    async def test(pool: RequestThreads) -> None:
        load = Load()
        busy = [asyncio.create_task(pool.run(load.work, str(number))) for number in range(THREADS)]
        await asyncio.sleep(0.3)
        waits = asyncio.create_task(pool.run(lambda: "done", "alice", refusal=lambda: None))

        with pytest.raises(Unavailable):
            await pool.run(lambda: None, "bob", refusal=Unavailable)
        assert not waits.done()
        load.finish.set()
        assert await waits == "done"
        await asyncio.gather(*busy)
        assert (pool.running, pool.quick, pool.queue.waiting) == (0, 0, 0)

    in_a_loop(test)


def test_a_cancelled_request_keeps_its_thread_until_its_work_ends() -> None:
    async def test(pool: RequestThreads) -> None:
        load = Load()
        request = asyncio.create_task(pool.run(load.work, "alice"))
        await asyncio.sleep(0.05)
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)
        during = pool.running
        load.finish.set()
        while pool.running:
            await asyncio.sleep(0.01)

        assert during == 1
        assert (pool.started, pool.queue.clients) == ({}, {})

    in_a_loop(test)


def test_counters_are_correct_after_random_requests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "CHECK_AFTER_SECONDS", 0.02)
    monkeypatch.setattr(fair_queue, "WAITING", 30)
    monkeypatch.setattr(fair_queue, "WAITING_PER_CLIENT", 10)
    chance = random.Random(0)

    async def send_request(pool: RequestThreads) -> None:
        """Runs a request that may be refused, or cancelled while it waits or runs."""
        request = pool.run(
            partial(time.sleep, chance.random() / 100),
            str(chance.randrange(12)),
            connection() if chance.random() < 0.8 else None,
            Unavailable if chance.random() < 0.3 else lambda: None,
        )
        with suppress(APIException, TimeoutError):
            await asyncio.wait_for(request, chance.choice([SECONDS, chance.random() / 20]))

    async def test(pool: RequestThreads) -> None:
        for _ in range(20):
            pool.is_near = chance.random() < 0.5
            await asyncio.gather(*(send_request(pool) for _ in range(60)))
        while pool.running:
            await asyncio.sleep(0.01)

        assert (pool.quick, pool.started, len(pool.idle)) == (0, {}, THREADS)
        assert (pool.queue.waiting, pool.queue.clients) == (0, {})

    in_a_loop(test)
