"""Responses while the key server is down, slow or sends invalid key sets."""

from collections.abc import Callable

import pytest

from accounts.tests.key_server import KeyServer, SigningKey
from conftest import Serve
from todo_api.tests.faults.service import Service, assert_unavailable, timed


@pytest.fixture
def service(serve: Serve, key_server: KeyServer) -> Callable[[], Service]:
    """Returns a function that starts the service. Its client has a token of the first key."""
    variables = {"BETTER_AUTH_URL": key_server.origin, "BETTER_AUTH_SECRET": ""}
    return lambda: Service(serve("--workers", "1", **variables), key_server.token())


@pytest.mark.slow
def test_known_keys_keep_working_and_unknown_ones_are_refused_within_5_s(
    service: Callable[[], Service], key_server: KeyServer
) -> None:
    running = service()
    assert running.list().status == 200

    def assert_known_key_works(kid: str) -> None:
        unknown = key_server.token(key=SigningKey(kid))
        with running.stays_responsive():
            assert running.list().status == 200
            response, seconds = timed(
                lambda: running.send_request("GET", "/api/tasks", authorization=f"Bearer {unknown}")
            )
        assert (response.status, response.json["code"]) == (401, "token_invalid")
        assert seconds < 5

    key_server.delay = 4
    assert_known_key_works("while-slow")
    key_server.delay = 0
    for number, response in enumerate(
        [
            (200, "text/html", b"<html>", {}),
            (200, "application/json", b'{"keys": []}', {}),
            (500, "text/plain", b"", {}),
            (302, "text/plain", b"", {"Location": "http://127.0.0.1:1/"}),
        ]
    ):
        key_server.response = response
        assert_known_key_works(f"while-invalid-{number}")
    key_server.go_down()
    try:
        assert_known_key_works("while-down")
    finally:
        key_server.come_back()


def test_requests_return_503_until_a_key_set_is_fetched(
    service: Callable[[], Service], key_server: KeyServer
) -> None:
    key_server.go_down()
    try:
        running = service()
        with running.stays_responsive():
            response, seconds = timed(running.list)
    finally:
        key_server.come_back()

    assert_unavailable(response)
    assert seconds < 5
    assert _until_not_503(running) == 200


def _until_not_503(running: Service) -> int:
    """Repeats a request while its status is 503. Returns the first other status."""
    while (status := running.list().status) == 503:
        pass
    return status
