"""The key server is down, slow or talks nonsense: known keys keep working."""

from collections.abc import Callable

import pytest

from accounts.tests.key_server import KeyServer, SigningKey
from conftest import Serve
from todo_api.tests.faults.service import Service, assert_unavailable, timed


@pytest.fixture
def service(serve: Serve, key_server: KeyServer) -> Callable[[], Service]:
    """Starts the service beside the key server, asked with a token of its first key."""
    variables = {"BETTER_AUTH_URL": key_server.origin, "BETTER_AUTH_SECRET": ""}
    return lambda: Service(serve("--workers", "1", **variables), key_server.token())


@pytest.mark.slow
def test_known_keys_keep_working_and_unknown_ones_are_refused_within_5_s(
    service: Callable[[], Service], key_server: KeyServer
) -> None:
    running = service()
    assert running.list().status == 200

    def assert_holds(kid: str) -> None:
        unknown = key_server.token(key=SigningKey(kid))
        with running.stays_awake():
            assert running.list().status == 200
            response, seconds = timed(
                lambda: running.ask("GET", "/api/tasks", authorization=f"Bearer {unknown}")
            )
        assert (response.status, response.json["code"]) == (401, "token_invalid")
        assert seconds < 5

    key_server.delay = 4
    assert_holds("while-slow")
    key_server.delay = 0
    for number, response in enumerate(
        [
            (200, "text/html", b"<html>", {}),
            (200, "application/json", b'{"keys": []}', {}),
            (500, "text/plain", b"", {}),
            (302, "text/plain", b"", {"Location": "http://127.0.0.1:1/"}),
        ]
    ):
        key_server.answer = response
        assert_holds(f"while-lying-{number}")
    key_server.go_down()
    try:
        assert_holds("while-down")
    finally:
        key_server.come_back()


def test_without_any_key_ever_seen_it_is_a_503_until_one_is(
    service: Callable[[], Service], key_server: KeyServer
) -> None:
    key_server.go_down()
    try:
        running = service()
        with running.stays_awake():
            response, seconds = timed(running.list)
    finally:
        key_server.come_back()

    assert_unavailable(response)
    assert seconds < 5
    assert _until_not_503(running) == 200


def _until_not_503(running: Service) -> int:
    """Comes back as often as a patient caller would."""
    while (status := running.list().status) == 503:
        pass
    return status
