"""Fairness: one client or user with too many requests does not delay others."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction

from accounts.models import User
from conftest import ALICE, BOB, Serve, make_task, token_for
from tasks.models import Task
from todo_api.tests.faults.clients import (
    assert_quick,
    connect,
    received,
    repeatedly,
    statuses,
    worker_of,
)
from todo_api.tests.faults.service import Service, timed
from todo_api.tests.http import Response

CHUNKED = b"POST /api/tasks HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
Timed = Future[tuple[Response, float]]


@pytest.fixture
def service(serve: Serve) -> Service:
    """The service with one worker, and Alice's token."""
    return Service(serve("--workers", "1"))


def as_bob(service: Service) -> Service:
    return Service(service.address, token_for(BOB))


@contextmanager
def locked() -> Iterator[None]:
    """Locks all tasks while the block runs: a request that changes one returns 503 after 2 s."""
    with transaction.atomic():
        list(Task.objects.select_for_update().values_list("pk"))
        yield


def change(service: Service, task: Task, token: str = "") -> tuple[Response, float]:
    client = Service(service.address, token or service.token)
    return timed(
        lambda: client.send_request("PATCH", f"/api/tasks/{task.pk}", {"title": "Changed"})
    )


def waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        # Statistics are cached within a transaction.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        (count,) = cursor.fetchone()
    return int(count)


def wait_for_locks(count: int) -> None:
    """Waits until this number of statements wait for a lock. Fails after 1.5 s."""
    until = time.monotonic() + 1.5
    while waiting_for_locks() < count and time.monotonic() < until:
        time.sleep(0.02)
    assert waiting_for_locks() == count


def test_slow_and_abandoned_chunked_bodies_do_not_delay_other_clients(service: Service) -> None:
    stop = threading.Event()

    with ExitStack() as stack:
        slow = [stack.enter_context(connect(service.address)) for _ in range(12)]
        for sock in slow:
            sock.sendall(CHUNKED)

        def send_slowly() -> None:
            while not stop.wait(0.2):
                for sock in slow:
                    sock.sendall(b"1\r\n \r\n")

        sender = stack.enter_context(ThreadPoolExecutor(1)).submit(send_slowly)
        stack.callback(stop.set)
        with (
            repeatedly(lambda: service.send_request("GET", "/healthz")) as healthz,
            repeatedly(service.create) as created,
        ):
            for _ in range(300):
                with connect(service.address) as sock:
                    sock.sendall(CHUNKED)
            time.sleep(1)
        still_sending = not sender.done()

    assert_quick(healthz, 200, 2)
    assert_quick(created, 201, 2)
    assert still_sending


@pytest.mark.slow
def test_unread_large_responses_are_cut_off(
    serve: Serve, tmp_path: Path, alice: User, bob: User
) -> None:
    # 12 MB for each of 20 responses.
    Task.objects.bulk_create(
        Task(user=alice, title=str(number), description="\u20ac" * 10_000) for number in range(400)
    )
    service, log = Service(serve("--workers", "1")), tmp_path / "gunicorn.log"
    worker = worker_of(log)
    before = worker.memory_info().rss
    raw = f"GET /api/tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {service.token}\r\n"

    with ExitStack() as stack:
        unread = [
            stack.enter_context(connect(service.address, receive_buffer=4_096, seconds=3))
            for _ in range(20)
        ]
        with (
            repeatedly(lambda: service.send_request("GET", "/healthz")) as healthz,
            repeatedly(as_bob(service).list) as lists,
            repeatedly(as_bob(service).create) as created,
        ):
            for sock in unread:
                sock.sendall(f"{raw}\r\n".encode())
                time.sleep(0.1)
            time.sleep(4)
        held = worker.memory_info().rss - before
        with ThreadPoolExecutor(20) as pool:
            responses = list(pool.map(received, unread))

    assert_quick(healthz, 200, 2)
    assert_quick(lists, 200, 2)
    assert_quick(created, 201, 2)
    complete = sum(len(found) > 12_000_000 for found in responses)
    assert 1 <= complete < 20
    assert {status for found in responses for status in statuses(found)} <= {200, 429}
    assert held < 300 * 1024 * 1024
    assert worker_of(log) == worker  # it is still the only one
    assert "Traceback" not in log.read_text()


@pytest.mark.slow
def test_slow_requests_with_one_token_queue_and_do_not_delay_other_users(
    service: Service, alice: User, bob: User
) -> None:
    task = make_task(alice)

    with ThreadPoolExecutor(40) as pool:
        with locked():
            changes = [pool.submit(change, service, task) for _ in range(40)]
            wait_for_locks(4)
            with (
                repeatedly(as_bob(service).list) as lists,
                repeatedly(as_bob(service).create) as created,
            ):
                time.sleep(3)
                concurrent = waiting_for_locks()
        found = Counter(future.result()[0].status for future in changes)

    assert_quick(lists, 200, 1)
    assert_quick(created, 201, 1)
    assert concurrent <= 4
    assert set(found) == {200, 503}  # 503: those that timed out on the lock
    assert found[200] >= 28


def test_more_than_four_concurrent_requests_with_tokens_of_one_user_return_429(
    service: Service, alice: User, bob: User
) -> None:
    task = make_task(alice)
    now = int(time.time())
    tokens = [token_for(ALICE, iat=now - number) for number in range(40)]

    with ThreadPoolExecutor(40) as pool:
        with locked():
            changes = [pool.submit(change, service, task, token) for token in tokens]
            wait_for_locks(4)
            with (
                repeatedly(as_bob(service).list) as lists,
                repeatedly(as_bob(service).create) as created,
            ):
                time.sleep(1)
        responses = [future.result()[0] for future in changes]

    assert_quick(lists, 200, 1)
    assert_quick(created, 201, 1)
    refused = [response for response in responses if response.status == 429]
    assert 30 <= len(refused) <= 36
    assert {response.status for response in responses} <= {200, 429, 503}
    assert {response.json["code"] for response in refused} == {"rate_limited"}
    assert min(int(response.headers["retry-after"]) for response in refused) >= 1


def test_more_than_100_waiting_requests_of_one_token_return_429_at_once(
    service: Service, alice: User
) -> None:
    task = make_task(alice)

    with ThreadPoolExecutor(120) as pool:
        with locked():
            changes = [pool.submit(change, service, task) for _ in range(120)]
            until = time.monotonic() + 5
            while not any(future.done() for future in changes) and time.monotonic() < until:
                time.sleep(0.02)
        responses = [future.result() for future in changes]

    refused = [(response, seconds) for response, seconds in responses if response.status == 429]
    assert 1 <= len(refused) <= 16  # four are being processed
    assert max(seconds for _, seconds in refused) < 1.5
    assert {response.json["code"] for response, _ in refused} == {"rate_limited"}
    assert {response.headers["retry-after"] for response, _ in refused} == {"1"}


def test_healthz_responds_while_all_threads_of_the_worker_are_busy(service: Service) -> None:
    users = [User.objects.create(id=f"user-{number}", password="!") for number in range(8)]
    tasks = [make_task(user) for user in users]

    with ThreadPoolExecutor(9) as pool:
        with locked():
            changes = [
                pool.submit(change, service, task, token_for(task.user_id)) for task in tasks
            ]
            wait_for_locks(8)
            waiting = pool.submit(as_bob(service).list)
            with repeatedly(lambda: service.send_request("GET", "/healthz"), pause=0.05) as healthz:
                time.sleep(0.5)
            waited = not waiting.done()
        responses = [future.result()[0].status for future in changes]

    assert_quick(healthz, 200, 1)
    assert waited
    assert set(responses) <= {200, 503}
    assert waiting.result().status == 200
