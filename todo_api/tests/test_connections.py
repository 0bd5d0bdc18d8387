"""Database connections of the service: number, reuse, and round trips for each request."""

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection

from conftest import ALICE, POOLED, Serve, token_for
from todo_api.middleware import close_old_connection
from todo_api.tests.faults.proxy import Proxy
from todo_api.tests.faults.service import JSON, Service, assert_unavailable
from todo_api.tests.http import request, send

INVALID = "Bearer nonsense"


@pytest.fixture
def proxy(transactional_db: None) -> Iterator[Proxy]:
    """A proxy that counts the connections and messages to the database of this test."""
    connection.ensure_connection()
    at: psycopg.ConnectionInfo = connection.connection.info
    unix = f"{at.host}/.s.PGSQL.{at.port}"
    with Proxy(unix if at.host.startswith("/") else (at.host, at.port)) as proxy:
        yield proxy


@pytest.fixture
def service(serve: Serve, proxy: Proxy) -> Service:
    """The service with one thread, so that all requests use the same connection."""
    at: psycopg.ConnectionInfo = connection.connection.info
    address = f"postgresql://{at.user}:{at.password}@127.0.0.1:{proxy.port}/{at.dbname}"
    return Service(
        serve("--workers", "1", "--threads", "1", DATABASE_URL=f"{address}?sslmode=disable")
    )


def test_requests_share_a_connection_and_need_one_or_two_round_trips(
    service: Service, proxy: Proxy
) -> None:
    task = f"/api/tasks/{service.create().json['id']}"
    opened, trips = proxy.connections, {}

    for name, method, target, body in [
        ("list", "GET", "/api/tasks", None),
        ("get", "GET", task, None),
        ("create", "POST", "/api/tasks", {"title": "Second"}),
        ("update", "PATCH", task, {"title": "Changed"}),
        ("put", "PUT", task, {"title": "Changed again"}),
        ("complete", "POST", f"{task}/complete", {"completed": True}),
        ("flip", "POST", f"{task}/complete", None),
    ]:
        before = proxy.round_trips
        assert service.send_request(method, target, body).status in {200, 201, 204}
        trips[name] = proxy.round_trips - before

    assert [trips[name] for name in ("list", "get", "create")] == [1, 1, 1]
    assert max(trips.values()) <= 2
    assert proxy.connections == opened == 1


def test_a_delete_needs_one_round_trip(service: Service, proxy: Proxy) -> None:
    task = service.create().json["id"]
    before = proxy.round_trips

    assert service.send_request("DELETE", f"/api/tasks/{task}").status == 204
    assert proxy.round_trips - before == 1


def test_a_refused_request_opens_no_database_connection(service: Service, proxy: Proxy) -> None:
    signed_in: dict[str, Any] = {"authorization": f"Bearer {service.token}"}
    cases = [
        (401, request("GET", "/api/tasks")),
        (401, request("GET", "/api/tasks", authorization=INVALID)),
        (401, request("GET", "/api/tasks", authorization=f"Bearer {token_for(ALICE, exp=1)}")),
        (401, request("POST", "/api/tasks", b'{"title": "x"}', authorization=INVALID, **JSON)),
        (400, request("POST", "/api/tasks", b"{", **signed_in, **JSON)),
        (400, request("POST", "/api/tasks", b'{"title": " "}', **signed_in, **JSON)),
        (400, request("GET", "/api/tasks?due_before=soon", **signed_in)),
        (413, request("POST", "/api/tasks", b" " * 1_048_577, **signed_in, **JSON)),
        (415, request("POST", "/api/tasks", b"a=b", content_type="text/plain", **signed_in)),
        (403, request("GET", "/api/other-user/tasks", **signed_in)),
        (404, request("GET", "/api/tasks/nonsense", **signed_in)),
        (404, request("GET", "/api/nowhere", **signed_in)),
        (200, request("GET", "/healthz")),
    ]

    statuses = [send(service.address, raw).status for _, raw in cases]

    assert statuses == [status for status, _ in cases]
    assert proxy.connections == 0


def test_connecting_is_retried_once(service: Service, proxy: Proxy) -> None:
    proxy.drop_next = 1

    response = service.list()

    assert response.status == 200
    assert proxy.connections == 2


def test_connecting_is_not_retried_twice(service: Service, proxy: Proxy) -> None:
    proxy.drop_next = 2

    response = service.list()

    assert_unavailable(response)
    assert proxy.connections == 2


def test_a_statement_that_may_have_run_is_not_retried(service: Service, proxy: Proxy) -> None:
    service.create("Before")
    before = proxy.round_trips

    proxy.lose_responses_to = b"INSERT"
    response = service.create("Once")
    proxy.behave()

    assert_unavailable(response)
    assert (proxy.connections, proxy.round_trips - before) == (1, 0)
    assert [task["title"] for task in service.list().json] == ["Once", "Before"]


@pytest.mark.django_db(transaction=True)
def test_a_connection_is_kept_for_60_s_at_most() -> None:
    connection.close()
    connection.ensure_connection()
    opened = connection.connection

    assert connection.close_at is not None
    assert 0 < connection.close_at - time.monotonic() <= 60

    close_old_connection()
    assert connection.connection is opened
    connection.close_at = time.monotonic()
    close_old_connection()
    assert connection.connection is None


@pytest.mark.django_db(transaction=True)
def test_a_connection_with_a_pending_statement_is_unusable() -> None:
    connection.ensure_connection()
    assert connection.is_usable()

    connection.connection.pgconn.send_query(b"SELECT pg_sleep(0)")

    assert not connection.is_usable()
    connection.close()


@pytest.mark.skipif(POOLED, reason="a pooler replaces connections that the server has closed")
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_has_closed_is_unusable() -> None:
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid

    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    assert not connection.is_usable()
    connection.close()
