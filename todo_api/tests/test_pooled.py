"""Twelve users on one server connection of a transaction pooler. Runs in `make test-pooled`."""

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from conftest import ALICE, Serve, token_for
from todo_api.tests.http import request, send
from todo_api.tests.owners import manage, query
from todo_api.tests.pooled.servers import address, pgbouncer
from todo_api.tests.test_migrations import GUARDED, POLICIES

DIRECT = os.environ.get("DATABASE_URL_UNPOOLED", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DIRECT, reason="needs a server behind PgBouncer: make test-pooled"),
]
USERS = [f"user-{number}" for number in range(12)]
# The server process, and all session state that the next transaction could see.
SESSION_STATE = """
SELECT pg_backend_pid() AS pid, current_user, session_user,
    nullif(current_setting('app.user_id', true), '') AS user_id,
    (SELECT json_object_agg(name, setting) FROM pg_settings
        WHERE source = 'session' AND setting <> reset_val) AS settings,
    (SELECT count(*) FROM pg_prepared_statements) AS statements,
    (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory') AS locks,
    (SELECT count(*) FROM pg_listening_channels()) AS channels, pg_my_temp_schema() AS temporary
"""
# Messages to the server, for each request.
ROUND_TRIPS = {
    ("GET", "/api/tasks"): 1,
    ("GET", "/api/tasks/{id}"): 1,
    ("PATCH", "/api/tasks/{id}"): 1,
    ("PUT", "/api/tasks/{id}"): 1,
    ("POST", "/api/tasks/{id}/complete"): 1,
    ("PATCH", "/api/tasks/{id}/toggle"): 1,
    ("DELETE", "/api/tasks/{id}"): 1,
    ("POST", "/api/tasks"): 1,
    ("GET", "/api/me"): 1,
    ("POST", "/api/auth/verify"): 1,
}
Send = Callable[..., tuple[int, Any]]


@pytest.fixture
def one_connection(transactional_db: None) -> Iterator[int]:
    """The port of a pooler that has one connection to the server for this test's database."""
    with pgbouncer(urlsplit(DIRECT).port or 5432, pool_size=1) as port:
        yield port


@pytest.fixture
def start(serve: Serve, one_connection: int) -> Callable[..., Send]:
    """Starts the service on that pooler. Returns a function that sends a request as a user."""

    def start(*arguments: str) -> Send:
        service = serve(*arguments, DATABASE_URL=address(one_connection, database()))

        def send_as(user: str, method: str, path: str, **fields: Any) -> tuple[int, Any]:
            body = json.dumps(fields).encode() if fields else b""
            token = f"Bearer {token_for(user)}"
            json_type = "application/json"
            response = send(
                service, request(method, path, body, authorization=token, content_type=json_type)
            )
            return response.status, response.json if response.body else None

        return send_as

    return start


def database() -> str:
    return str(connection.settings_dict["NAME"])


def rows_of(port: int, name: str, sql: str) -> list[dict[str, Any]]:
    """Returns the rows of a query to a database behind the pooler, or to the pooler's console."""
    with psycopg.connect(
        address(port, name), autocommit=True, row_factory=psycopg.rows.dict_row
    ) as session:
        return session.execute(sql.encode()).fetchall()


def round_trips(port: int) -> int:
    """Returns the number of round trips that the pooler has counted for this test's database."""
    rows = rows_of(port, "pgbouncer", "SHOW STATS_TOTALS")
    return sum(int(row["query_count"]) for row in rows if row["database"] == database())


def sixty_requests(send_as: Send, user: str) -> set[tuple[str, str]]:
    """Sends ten rounds of six requests. Returns owner and title of every task in the responses."""
    shown, titles = set(), []
    for number in range(10):
        titles.append(f"{number} of {user}")
        status, task = send_as(user, "POST", "/api/tasks", title=titles[-1])
        assert status == 201, task
        path = f"/api/tasks/{task['id']}"
        responses = [
            send_as(user, "GET", path),
            send_as(user, "PATCH", path, priority="high"),
            send_as(user, "POST", f"{path}/complete"),
            send_as(user, "GET", "/api/tasks"),
        ]
        assert [status for status, _ in responses] == [200] * 4, responses
        listed = responses.pop()[1]
        assert [one["title"] for one in listed] == titles[::-1]
        shown |= {(one["user_id"], one["title"]) for _, one in responses}
        shown |= {(one["user_id"], one["title"]) for one in [task, *listed]}
        if number % 2:
            assert send_as(user, "DELETE", path) == (204, None)
            titles.pop()
        else:
            status, me = send_as(user, "GET", "/api/me")
            assert (status, me["id"]) == (200, user)
    return shown


@pytest.mark.django_db
def test_the_server_is_configured_like_neon() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int / 10000, rolsuper, rolbypassrls"
            " FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (15, False, False)
    assert connection.connection.pgconn.ssl_in_use
    assert connection.settings_dict["PORT"] != urlsplit(DIRECT).port


def test_concurrent_users_on_one_server_connection_see_only_their_own_tasks(
    start: Callable[..., Send], one_connection: int
) -> None:
    send_as = start()
    before = rows_of(one_connection, database(), SESSION_STATE)

    with ThreadPoolExecutor(len(USERS)) as threads:
        shown = list(threads.map(lambda user: sixty_requests(send_as, user), USERS))

    for user, own in zip(USERS, shown, strict=True):
        assert own == {(user, f"{number} of {user}") for number in range(10)}
    # The same connection, with the same session state.
    assert rows_of(one_connection, database(), SESSION_STATE) == before


def test_each_operation_needs_its_known_number_of_round_trips(
    start: Callable[..., Send], one_connection: int
) -> None:
    send_as = start("--workers", "1", "--threads", "1")
    # The first request connects and creates the user.
    _, task = send_as(ALICE, "POST", "/api/tasks", title="Water the plants")

    costs = {}
    for method, path in ROUND_TRIPS:
        before = round_trips(one_connection)
        fields = {} if method == "GET" else {"title": "Buy milk", "completed": True}
        status, body = send_as(ALICE, method, path.replace("{id}", task["id"]), **fields)
        assert status < 300, body
        costs[method, path] = round_trips(one_connection) - before

    assert costs == ROUND_TRIPS


def test_migrations_go_forward_back_and_forward_on_postgresql_15() -> None:
    name = f"migrations_{os.getpid()}"
    target = urlsplit(DIRECT)._replace(path=f"/{name}").geturl()
    with psycopg.connect(DIRECT, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}")
        try:
            manage(target, "migrate", "--verbosity=0")
            manage(target, "migrate", "tasks", "0001", "--verbosity=0")
            manage(target, "migrate", "accounts", "0001", "--verbosity=0")
            taken_back = [query(target, GUARDED), query(target, POLICIES)]
            manage(target, "migrate", "--verbosity=0")
            proof = manage(target, "verify_isolation", "--verbosity=0")
        finally:
            owner.execute(f"DROP DATABASE {name} WITH (FORCE)")

    assert taken_back == [[], []]
    assert proof.endswith("checks, no hole\n")
