"""A database that keeps connections open without responding, and more clients than threads."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from conftest import token_for
from todo_api.request.context import DEADLINE_SECONDS
from todo_api.server.threads import THREADS
from todo_api.tests.faults.clients import assert_quick, connect, repeatedly, signed_in
from todo_api.tests.faults.postgres import Postgres
from todo_api.tests.faults.proxy import Proxy
from todo_api.tests.faults.service import Service, assert_unavailable, timed
from todo_api.tests.http import request


def users_of(service: Service, count: int) -> list[Service]:
    """Returns `count` clients of the service, three for each user."""
    now = int(time.time())
    tokens = [token_for(f"user-{n // 3}", iat=now - n % 3) for n in range(count)]
    return [Service(service.address, token) for token in tokens]


def recovery(service: Service) -> float:
    """Returns the seconds until a request returns 200, at most about 10."""
    started = time.monotonic()
    while service.list().status != 200 and time.monotonic() < started + 10:
        time.sleep(0.1)
    return time.monotonic() - started


@pytest.mark.slow
def test_60_requests_to_a_silent_database_return_503_by_the_deadline(
    service: Service, proxy: Proxy
) -> None:
    service.create("Before")
    clients = users_of(service, 60)

    proxy.black_hole = True
    with (
        ThreadPoolExecutor(60) as pool,
        repeatedly(lambda: service.send_request("GET", "/healthz")) as healthz,
    ):
        responses = list(pool.map(lambda client: timed(client.list), clients))
    proxy.behave()
    recovered = recovery(service)

    assert_quick([(response.status, seconds) for response, seconds in responses], 503, 12)
    assert_unavailable(responses[0][0])
    assert_quick(healthz, 200, 1)
    assert recovered < 5


@pytest.mark.slow
def test_a_bad_token_returns_401_within_2_s_while_all_threads_wait_for_the_database(
    service: Service, proxy: Proxy
) -> None:
    service.create("Before")

    proxy.black_hole = True
    with (
        ThreadPoolExecutor(20) as pool,
        repeatedly(
            lambda: service.send_request("GET", "/api/tasks", authorization="Bearer x")
        ) as refused,
    ):
        list(pool.map(Service.list, users_of(service, 20)))

    assert_quick(refused, 401, 2)


@pytest.mark.slow
def test_after_a_timeout_further_requests_return_503_at_once(
    service: Service, proxy: Proxy
) -> None:
    service.create("Before")

    proxy.black_hole = True
    first, first_seconds = timed(service.list)
    with ThreadPoolExecutor(20) as pool:
        probe = pool.submit(timed, service.list)  # one request at a time probes the database
        time.sleep(0.2)
        further = list(pool.map(lambda client: timed(client.list), users_of(service, 20)))
    proxy.behave()
    recovered = recovery(service)

    assert_unavailable(first)
    assert first_seconds < 12
    assert probe.result()[1] < 3
    slow = [(response.status, seconds) for response, seconds in further if seconds >= 1]
    assert len(slow) <= 1  # the next probe
    assert {response.status for response, _ in further} == {503}
    assert recovered < 5


def abandon_requests(service: Service, count: int, seconds: float) -> None:
    """Sends `count` requests that create a task, each as another user, and closes all connections
    after `seconds`.
    """
    body = b'{"title": "Abandoned"}'
    with ExitStack() as stack:
        for number in range(count):
            sock = stack.enter_context(connect(service.address))
            sock.sendall(request("POST", "/api/tasks", body, **signed_in(f"user-{number}")))
        time.sleep(seconds)


@pytest.mark.slow
def test_abandoned_requests_are_not_started_while_the_database_is_silent(
    service: Service, postgres: Postgres, proxy: Proxy
) -> None:
    service.create("Before")

    proxy.black_hole = True
    abandon_requests(service, 60, seconds=2)
    proxy.behave()
    time.sleep(DEADLINE_SECONDS)  # until the requests that were started have ended

    assert postgres.titles().count("Abandoned") <= THREADS
    assert service.send_request("GET", "/healthz").status == 200


@pytest.mark.slow
def test_abandoned_requests_are_not_started_while_the_database_is_slow(
    service: Service, postgres: Postgres
) -> None:
    service.create("Before")
    postgres.before_each_write("PERFORM pg_sleep(1)")

    abandon_requests(service, 60, seconds=0.7)
    time.sleep(3)  # enough for three times as many

    assert 1 <= postgres.titles().count("Abandoned") <= THREADS
    assert service.create("After").status == 201
