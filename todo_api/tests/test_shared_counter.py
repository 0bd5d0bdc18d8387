"""Counters in a real Redis, and the fallback to memory while Redis does not respond."""

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import time_machine

from conftest import Serve, free_port, token_for
from todo_api.limits.rate_limits import hit
from todo_api.limits.shared_counter import RETRY_SECONDS, SharedCounter
from todo_api.tests.http import request, send
from todo_api.tests.redis_server import RedisServer

LOST = "Redis out of reach, each process counts alone: ConnectionError"
FOUND = "Redis in reach, processes count together"


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer(free_port()) as server:
        yield server


def test_two_processes_share_counts_that_expire(
    redis: RedisServer,
) -> None:
    one, other = SharedCounter(redis.url), SharedCounter(redis.url)

    counts = [one.add("a", 1), other.add("a", 1), one.add("b", 1), one.add("a", 2)]

    with redis.client() as client:
        left = {key: client.ttl(key) for key in client.scan_iter()}
    assert counts == [1, 2, 1, 1]
    assert set(left) == {"todo-api:a:1", "todo-api:b:1", "todo-api:a:2"}
    assert all(60 < seconds <= 120 for seconds in left.values())


def test_a_count_needs_one_round_trip(redis: RedisServer) -> None:
    counter = SharedCounter(redis.url)
    counter.add("a", 1)  # connects

    with redis.client() as client:
        before = client.info("stats")["total_reads_processed"]
        counter.add("a", 1)
        after = client.info("stats")["total_reads_processed"]

    assert after - before == 2  # the count, and the second INFO


def test_without_redis_it_counts_in_memory_logs_once_and_retries_later(
    redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        counter = SharedCounter(redis.url)
        counter.add("a", 1)
        counter.add("a", 1)
        redis.kill()

        alone = [counter.add("a", 1), counter.add("a", 1)]
        clock.shift(RETRY_SECONDS)
        still_alone = counter.add("a", 1)
        redis.start()
        not_yet = counter.add("a", 1)
        clock.shift(RETRY_SECONDS)
        together = counter.add("a", 1)

    assert (alone, still_alone, not_yet, together) == ([1, 2], 3, 4, 1)
    assert caplog.messages == [LOST, FOUND]


def test_concurrent_failures_are_logged_once(
    redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    counter = SharedCounter(redis.url)
    redis.kill()

    with ThreadPoolExecutor(16) as threads:
        counts = list(threads.map(lambda _: counter.add("a", 1), range(200)))

    assert sorted(counts) == list(range(1, 201))
    assert caplog.messages == [LOST]


def test_a_redis_that_does_not_respond_delays_only_one_request(
    redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    counter = SharedCounter(redis.url)
    counter.add("a", 1)
    redis.freeze()
    started = time.monotonic()

    counts = [counter.add("a", 1) for _ in range(100)]

    assert counts == list(range(1, 101))
    assert time.monotonic() - started < 2
    assert caplog.messages == [LOST.replace("ConnectionError", "TimeoutError")]


def test_with_a_wrong_password_it_counts_in_memory(
    redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    counter = SharedCounter(redis.url.replace(redis.password, "another"))

    assert [counter.add("a", 1), counter.add("a", 1)] == [1, 2]
    assert caplog.messages == [LOST.replace("ConnectionError", "AuthenticationError")]
    assert "another" not in caplog.text


@pytest.mark.slow
def test_services_share_a_limit_and_continue_without_redis(
    redis: RedisServer, serve: Serve, tmp_path: Path
) -> None:
    variables = {"REDIS_URL": redis.url, "RATE_LIMIT_PER_MINUTE": "4"}
    services = [serve("--workers", "1", **variables) for _ in range(2)]
    # A user whose minute does not end during the test.
    users = (f"person-{number}" for number in range(99))
    user = next(name for name in users if hit(f"person:{name}")[1] > 40)

    def send_to(number: int) -> Any:
        raw = request("GET", "/api/tasks", authorization=f"Bearer {token_for(user)}")
        return send(services[number % 2], raw)

    together = [send_to(number).status for number in range(10)]
    redis.kill()
    alone = [send_to(number) for number in range(4)]

    assert together == [200] * 4 + [429] * 6
    assert [response.status for response in alone] == [200] * 4
    assert all(response.headers["ratelimit"] for response in alone)
    log = (tmp_path / "gunicorn.log").read_text()
    assert log.count(LOST) == 2  # once in each process
    assert redis.password not in log
