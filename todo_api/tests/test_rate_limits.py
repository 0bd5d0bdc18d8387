"""Rate limits of a user, and of an address without a valid token."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.key_server import KeyServer
from accounts.tests.libpq_trace import sent_messages
from conftest import ALICE, BOB, client_of, token_for
from tasks.models import Task
from todo_api.limits.rate_limits import counter

LIMIT, ANONYMOUS_LIMIT = 5, 3
NOW = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(settings: Any) -> Iterator[time_machine.Traveller]:
    """Turns the limits on, with empty counters and a stopped clock."""
    settings.RATE_LIMIT_PER_MINUTE = LIMIT
    settings.RATE_LIMIT_ANONYMOUS_PER_MINUTE = ANONYMOUS_LIMIT
    counter.cache_clear()
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock
    counter.cache_clear()


def with_bad_token(address: str = "192.0.2.1", token: str = "nonsense") -> Any:
    return APIClient().get("/api/tasks", REMOTE_ADDR=address, HTTP_AUTHORIZATION=f"Bearer {token}")


def test_a_user_is_limited_per_minute_and_headers_report_what_is_left(
    db: None, clock: time_machine.Traveller
) -> None:
    client = client_of(ALICE)

    responses = [client.get("/api/tasks") for _ in range(LIMIT + 1)]

    refused = responses[-1]
    seconds = int(refused.headers["Retry-After"])
    assert 1 <= seconds <= 60
    assert [response.status_code for response in responses] == [200] * LIMIT + [429]
    assert {response.headers["RateLimit-Policy"] for response in responses} == {'"person";q=5;w=60'}
    assert [response.headers["RateLimit"] for response in responses] == [
        f'"person";r={left};t={seconds}' for left in (4, 3, 2, 1, 0, 0)
    ]
    text = f"Too many requests. Expected available in {seconds} seconds."
    assert refused.json() == {
        "type": "about:blank", "title": "Too Many Requests", "status": 429, "detail": text,
        "error": text, "code": "rate_limited", "request_id": refused.headers["X-Request-ID"],
    }  # fmt: skip
    clock.shift(seconds - 1)
    assert client.get("/api/tasks").status_code == 429
    clock.shift(1)
    assert client.get("/api/tasks").headers["RateLimit"] == '"person";r=4;t=60'


@pytest.mark.django_db(transaction=True)
def test_a_refused_request_sends_no_query_and_changes_nothing(alice: User) -> None:
    client = client_of(ALICE)
    for _ in range(LIMIT):
        client.get("/api/tasks")

    with sent_messages() as messages:
        response = client.post("/api/tasks", {"title": "One too many"})

    assert (response.status_code, messages) == (429, [])
    assert not Task.objects.exists()


def test_each_user_has_a_separate_limit_independent_of_the_address(db: None) -> None:
    def status_for(user: str, address: str) -> int:
        return client_of(user).get("/api/tasks", REMOTE_ADDR=address).status_code

    for number in range(LIMIT):
        status_for(ALICE, f"192.0.2.{number}")

    assert (status_for(ALICE, "192.0.2.99"), status_for(BOB, "192.0.2.1")) == (429, 200)


def test_all_paths_and_refused_requests_count_against_the_same_limit(db: None) -> None:
    client = client_of(ALICE)
    paths = ("/api/v1/tasks", f"/api/{BOB}/tasks", "/api/tasks/nonsense", "/api/me", "/api/tasks/")

    statuses = [client.get(path).status_code for path in paths]

    assert statuses == [200, 403, 404, 200, 200]
    assert client.get("/api/tasks").status_code == 429


def test_without_a_limit_for_users_their_requests_are_not_counted_by_address(
    db: None, settings: Any
) -> None:
    settings.RATE_LIMIT_PER_MINUTE = 0

    responses = [client_of(ALICE).get("/api/tasks") for _ in range(ANONYMOUS_LIMIT + 1)]

    assert [response.status_code for response in responses] == [200] * (ANONYMOUS_LIMIT + 1)
    assert "RateLimit" not in responses[-1].headers


def test_the_limit_is_off_at_zero(db: None, settings: Any) -> None:
    settings.RATE_LIMIT_PER_MINUTE = settings.RATE_LIMIT_ANONYMOUS_PER_MINUTE = 0
    client = client_of(ALICE)

    responses = [client.get("/api/tasks") for _ in range(LIMIT + 1)]
    responses += [with_bad_token() for _ in range(ANONYMOUS_LIMIT + 1)]

    assert {response.status_code for response in responses} == {200, 401}
    assert not any("RateLimit" in response.headers for response in responses)


# --- Without a valid token ------------------------------------------------------------------------
# Without the `db` fixture any query would raise.


@pytest.mark.parametrize(
    "token",
    [
        "nonsense",
        token_for(ALICE, secret="another-secret-of-sufficient-length-0123456789"),
        token_for(ALICE, exp=1),
    ],
    ids=["nonsense", "another key", "expired"],
)
def test_bad_tokens_are_limited_without_a_query(token: str) -> None:
    responses = [with_bad_token(token=token) for _ in range(ANONYMOUS_LIMIT + 1)]

    refused = responses[-1]
    assert [response.status_code for response in responses] == [401] * ANONYMOUS_LIMIT + [429]
    assert refused.json()["code"] == "rate_limited"
    assert refused.headers["RateLimit-Policy"] == '"anonymous";q=3;w=60'
    assert refused.headers["RateLimit"] == f'"anonymous";r=0;t={refused.headers["Retry-After"]}'
    assert "WWW-Authenticate" not in refused.headers
    assert with_bad_token("192.0.2.2").status_code == 401


def test_bad_tokens_do_not_block_users_at_the_same_address(db: None) -> None:
    for _ in range(ANONYMOUS_LIMIT + 1):
        refused = with_bad_token("192.0.2.1")

    response = client_of(ALICE).get("/api/tasks", REMOTE_ADDR="192.0.2.1")

    assert refused.status_code == 429
    assert (response.status_code, response.headers["RateLimit"][:12]) == (200, '"person";r=4')


def test_requests_without_a_token_share_the_limit_of_their_address(
    db: None, anonymous: APIClient
) -> None:
    statuses = [
        anonymous.get("/api/tasks").status_code,
        anonymous.post("/api/auth/logout").status_code,
        # This view checks no token, so that a bad one does not bypass the limit.
        anonymous.post("/api/auth/logout", HTTP_AUTHORIZATION="Bearer x").status_code,
        anonymous.post("/api/auth/login", {"email": "a@todo.test", "password": "x"}).status_code,
        anonymous.get("/api/schema").status_code,
        anonymous.get("/api/docs").status_code,
    ]

    assert statuses == [401, 200, 200, 429, 429, 429]


def test_an_ipv6_network_is_one_client() -> None:
    statuses = [with_bad_token(f"2001:db8:1:2::{number}").status_code for number in range(4)]

    assert statuses == [401] * 3 + [429]
    assert with_bad_token("2001:db8:1:3::1").status_code == 401


@pytest.mark.parametrize("path", ["/healthz", "/health", "/api/health", "/readyz"])
def test_probes_are_never_limited(db: None, anonymous: APIClient, path: str) -> None:
    responses = [anonymous.get(path) for _ in range(ANONYMOUS_LIMIT + 1)]

    assert {response.status_code for response in responses} == {200}
    assert "RateLimit" not in responses[-1].headers


def test_browsers_can_read_the_headers_of_a_429() -> None:
    for _ in range(ANONYMOUS_LIMIT + 1):
        response = APIClient(HTTP_ORIGIN="http://localhost:3000").get("/api/tasks")

    exposed = response.headers["Access-Control-Expose-Headers"].split(", ")
    assert response.status_code == 429
    assert response.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(exposed)


def test_a_304_has_the_header_ratelimit(db: None) -> None:
    client = client_of(ALICE)
    etag = client.get("/api/tasks").headers["ETag"]

    response = client.get("/api/tasks", HTTP_IF_NONE_MATCH=etag)

    assert response.status_code == 304
    assert response.headers["RateLimit"].startswith('"person";r=3')


def test_a_token_of_another_client_counts_for_its_user(
    better_auth: KeyServer, db: None, anonymous: APIClient
) -> None:
    token = better_auth.token("someone", scope="openid")
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    statuses = [anonymous.get("/api/tasks").status_code for _ in range(LIMIT + 1)]

    assert statuses == [403] * LIMIT + [429]
