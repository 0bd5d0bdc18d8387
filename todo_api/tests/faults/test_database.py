"""Responses and their delay while the database is stopped, suspended, slow, full or silent."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from conftest import Serve
from todo_api.tests.faults.postgres import Postgres
from todo_api.tests.faults.proxy import Proxy
from todo_api.tests.faults.service import Service, assert_unavailable, timed
from todo_api.tests.http import Response


def test_terminated_idle_connections_are_replaced_without_errors(
    service: Service, postgres: Postgres
) -> None:
    service.create("0")

    with ThreadPoolExecutor(4) as pool, service.stays_responsive():
        before = list(pool.map(service.create, ["1", "2", "3", "4"]))
        ended = postgres.terminate_back_ends()
        time.sleep(0.5)  # a back end closes its socket after its last sign in the database
        after = list(pool.map(service.create, ["5", "6", "7", "8"]))

    assert ended > 0
    assert [response.status for response in before + after] == [201] * 8


@pytest.mark.slow
def test_connecting_waits_5_s_for_a_suspended_database(service: Service, proxy: Proxy) -> None:
    proxy.delay_seconds = 3.5

    with ThreadPoolExecutor(3) as pool, service.stays_responsive():
        responses = list(pool.map(lambda _: service.list(), range(3)))

    assert [response.status for response in responses] == [200] * 3


def test_a_connection_terminated_during_a_query_returns_503_and_the_next_request_works(
    service: Service, postgres: Postgres
) -> None:
    task = service.create()

    with ThreadPoolExecutor(1) as pool, service.stays_responsive(), postgres.session() as session:
        session.execute("BEGIN; LOCK TABLE tasks_task IN EXCLUSIVE MODE")
        waiting = pool.submit(service.change, task, title="Never")
        while not postgres.terminate_back_ends("wait_event_type = 'Lock'"):
            time.sleep(0.02)
        response, seconds = timed(waiting.result)
        session.execute("ROLLBACK")

    assert_unavailable(response)
    assert seconds < 1
    assert service.change(task, title="Again").status == 200
    assert postgres.titles() == ["Again"]


def test_a_stopped_database_returns_503_at_once_until_it_is_started(
    service: Service, postgres: Postgres, tmp_path: Path
) -> None:
    service.create("Before")

    postgres.stop()
    with service.stays_responsive():
        read, read_seconds = timed(service.list)
        write, write_seconds = timed(service.create)
        health = service.send_request("GET", "/health")
    postgres.start()
    after = service.create("After")

    assert_unavailable(read)
    assert_unavailable(write)
    assert max(read_seconds, write_seconds) < 1
    assert (health.status, health.json) == (503, {"status": "unhealthy"})
    assert after.status == 201
    assert postgres.titles() == ["After", "Before"]
    assert "Traceback" not in (tmp_path / "gunicorn.log").read_text()


def test_a_refused_connection_returns_503_at_once(service: Service, proxy: Proxy) -> None:
    service.create("Before")

    proxy.refuse()
    proxy.close_connections()
    with service.stays_responsive():
        response, seconds = timed(service.list)
    proxy.listen()

    assert_unavailable(response)
    assert seconds < 1
    assert service.list().status == 200


@pytest.mark.slow
def test_a_statement_times_out_after_5_s(service: Service, postgres: Postgres) -> None:
    postgres.before_each_write("PERFORM pg_sleep(30)")

    with service.stays_responsive():
        response, seconds = timed(service.create)

    assert_unavailable(response)
    assert seconds < 6
    assert postgres.titles() == []


@pytest.mark.slow
def test_a_lock_times_out_after_2_s(service: Service, postgres: Postgres) -> None:
    task = service.create("Locked")

    with service.stays_responsive(), postgres.session() as session:
        session.execute("BEGIN; SELECT FROM tasks_task FOR UPDATE")
        response, seconds = timed(lambda: service.change(task, title="Never"))
        read = service.list()
        session.execute("ROLLBACK")

    assert_unavailable(response)
    assert seconds < 3
    assert read.status == 200
    assert postgres.titles() == ["Locked"]


@pytest.mark.slow
def test_a_black_hole_returns_503_after_10_s_on_open_and_on_new_connections(
    service: Service, postgres: Postgres, proxy: Proxy
) -> None:
    service.create("Before")
    opened = proxy.connections

    proxy.black_hole = True
    with ThreadPoolExecutor(6) as pool, service.stays_responsive():
        requests: list[Future[tuple[Response, float]]] = []
        # The thread of a request cannot be chosen: repeat until both kinds of connection were used.
        while not (proxy.swallowed and proxy.connections > opened) and len(requests) < 6:
            requests.append(pool.submit(timed, service.list))
            time.sleep(0.3)
        responses = [future.result() for future in requests]
    used = (proxy.swallowed > 0, proxy.connections > opened)
    proxy.behave()
    after = retried_within(5, lambda: service.create("After"))

    for response, seconds in responses:
        assert_unavailable(response)
        assert seconds < 12
    assert used == (True, True)
    assert after.status == 201
    assert postgres.titles() == ["After", "Before"]


def retried_within(seconds: float, call: Callable[[], Response]) -> Response:
    """Repeats a request while the circuit breaker refuses it. Returns the last response."""
    until = time.monotonic() + seconds
    while (response := call()).status == 503 and time.monotonic() < until:
        time.sleep(0.2)
    return response


@pytest.mark.slow
def test_parameters_of_the_database_url_do_not_extend_the_10_s(serve: Serve, proxy: Proxy) -> None:
    proxy.black_hole = True
    # Three hosts with a connect timeout of 30 s each.
    hosts = "host=127.0.0.1,127.0.0.1,127.0.0.1&connect_timeout=30"
    ports = ",".join([str(proxy.port)] * 3)
    address = f"postgresql://postgres@/postgres?{hosts}&port={ports}"

    response, seconds = timed(Service(serve("--workers", "1", DATABASE_URL=address)).list)

    assert_unavailable(response)
    assert seconds < 12


def test_on_a_read_only_server_reads_succeed_and_writes_return_503(
    service: Service, postgres: Postgres
) -> None:
    task = service.create("Written before")

    postgres.read_only()
    with service.stays_responsive():
        reads = [service.list(), service.send_request("GET", f"/api/tasks/{task.json['id']}")]
        writes = [
            service.create(),
            service.change(task, title="Never"),
            service.send_request("POST", f"/api/tasks/{task.json['id']}/complete"),
            service.send_request("DELETE", f"/api/tasks/{task.json['id']}"),
        ]

    assert [response.status for response in reads] == [200, 200]
    for response in writes:
        assert_unavailable(response)
    assert postgres.titles() == ["Written before"]


def test_on_a_full_disk_reads_succeed_and_writes_return_503(
    service: Service, postgres: Postgres
) -> None:
    task = service.create("Written before")

    postgres.before_each_write("RAISE 'could not extend file' USING ERRCODE = '53100'")
    with service.stays_responsive():
        read = service.list()
        writes = [service.create(), service.change(task, title="Never")]

    assert read.status == 200
    for response in writes:
        assert_unavailable(response)
    assert postgres.titles() == ["Written before"]


def test_a_write_whose_response_is_lost_is_not_repeated_and_returns_503(
    service: Service, postgres: Postgres, proxy: Proxy
) -> None:
    service.create("Before")

    proxy.lose_responses_to = b'INSERT INTO "tasks_task"'
    with service.stays_responsive():
        response = service.create("Lost")
    proxy.behave()

    assert_unavailable(response)
    assert postgres.titles() == ["Before", "Lost"]
    assert service.list().status == 200
