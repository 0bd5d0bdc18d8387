"""The key set while the key server is down, slow, or sends invalid responses."""

import json
import logging
import time
from itertools import pairwise

import pytest

from accounts import keys
from accounts.fetch import MAX_BYTES
from accounts.keys import REFRESH_SECONDS, KeySet, KeysUnavailable
from accounts.tests.key_server import KeyServer, SigningKey
from accounts.tests.test_keys import in_threads, until
from accounts.tests.token_helpers import Clock, outcome, verifier_of

HOUR = 3_600
JSON = "application/json"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(keys, "time", clock)
    return clock


def many(count: int) -> bytes:
    return json.dumps({"keys": [SigningKey(f"key-{n}").jwk() for n in range(count)]}).encode()


INVALID_RESPONSES: dict[str, tuple[int, str, bytes, dict[str, str]]] = {
    "500": (500, JSON, b'{"keys": []}', {}),
    "404": (404, JSON, b'{"message": "Not found"}', {}),
    "429": (429, "text/plain", b"slow down", {"Retry-After": "10"}),
    "204": (204, JSON, b"", {}),
    "203 with keys": (203, JSON, many(1), {}),
    "401 with keys": (401, JSON, many(1), {}),
    "a page": (200, "text/html", b"<!doctype html><title>Sign in</title>", {}),
    "a list": (200, JSON, b"[]", {}),
    "an empty body": (200, JSON, b"", {}),
    "an empty set": (200, JSON, b'{"keys": []}', {}),
    "a set of unusable keys": (200, JSON, b'{"keys": [{"kty": "oct", "k": "AA"}]}', {}),
    "cut JSON": (200, JSON, b'{"keys": [', {}),
    "more than 256 KiB": (200, JSON, b" " * MAX_BYTES + many(1), {}),
    "65 keys": (200, JSON, many(65), {}),
    "gzip": (200, JSON, b"\x1f\x8b\x08\x00\x00", {"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("name", INVALID_RESPONSES)
def test_an_invalid_response_keeps_the_last_key_set(key_server: KeyServer, name: str) -> None:
    verifier, key_set = verifier_of(key_server), KeySet(key_server.url)
    token = key_server.token()
    assert outcome(verifier, token) == "accepted"
    assert verifier.key_set
    key_server.response = INVALID_RESPONSES[name]

    verifier.key_set.refresh()

    assert until(lambda: key_server.requests == 2)
    assert outcome(verifier, token) == "accepted"
    assert outcome(verifier, key_server.token(key=SigningKey("unknown"))) == "key"
    with pytest.raises(KeysUnavailable):
        key_set.find("first")


def test_an_unreachable_server_keeps_the_last_key_set(key_server: KeyServer) -> None:
    verifier, token = verifier_of(key_server), key_server.token()
    assert outcome(verifier, token) == "accepted"
    assert verifier.key_set
    new = SigningKey("second")

    key_server.go_down()
    verifier.key_set.refresh()
    down = outcome(verifier, token), outcome(verifier, key_server.token(key=new))
    key_server.come_back()
    key_server.keys.append(new)
    verifier.key_set._refresh_at = 0  # ends the back-off

    assert down == ("accepted", "key")
    assert outcome(verifier, key_server.token(key=new)) == "accepted"


def test_the_last_key_set_expires_after_a_day(key_server: KeyServer, clock: Clock) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")
    key_server.go_down()

    clock.ahead = 23.9 * HOUR
    before = key_set.find("first")
    assert until(lambda: key_set._fetch is None)
    clock.ahead = 24.1 * HOUR

    assert before
    assert key_set.known() == {}
    with pytest.raises(KeysUnavailable):
        key_set.find("first")
    key_server.come_back()
    clock.ahead += 60
    assert key_set.find("first")


def test_how_long_it_stays_can_be_set(key_server: KeyServer, clock: Clock) -> None:
    key_set = KeySet(key_server.url, max_stale_seconds=HOUR)
    key_set.find("first")
    key_server.go_down()

    clock.ahead = 1.1 * HOUR

    with pytest.raises(KeysUnavailable):
        key_set.find("first")


def test_static_keys_do_not_expire(key_server: KeyServer, clock: Clock) -> None:
    key_set = KeySet(key_server.url, static=key_server.document().decode())
    key_server.go_down()

    clock.ahead = 1_000 * HOUR

    assert key_set.find("first")
    assert key_set.age_seconds is None


def test_without_any_key_verification_is_unavailable(key_server: KeyServer, clock: Clock) -> None:
    verifier, token = verifier_of(key_server), key_server.token()
    key_server.go_down()

    for clock.ahead in range(20):
        with pytest.raises(KeysUnavailable):
            verifier.verify(token)
    key_server.come_back()
    clock.ahead += 2.5  # a little more than Retry-After

    assert outcome(verifier, token) == "accepted"


def test_failures_are_retried_with_exponential_backoff(key_server: KeyServer, clock: Clock) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")
    key_server.response = INVALID_RESPONSES["500"]
    requested_at, clock.ahead = [], REFRESH_SECONDS * 1.3

    for second in range(240):
        clock.ahead += 1
        before = key_server.requests
        key_set.find("first")
        until(lambda: key_set._fetch is None)
        if key_server.requests > before:
            requested_at.append(second)

    intervals = [later - earlier for earlier, later in pairwise(requested_at)]
    assert intervals[0] <= 2
    assert all(23 <= interval <= 37 for interval in intervals[5:])
    assert 8 <= len(requested_at) <= 16


def test_unknown_ids_do_not_bypass_the_backoff(key_server: KeyServer) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")
    key_server.response = INVALID_RESPONSES["500"]
    key_set.refresh()
    key_set._refresh_at += 60

    found = in_threads(20, lambda number: key_set.find(f"unknown-{number}"))

    assert found == [None] * 20
    assert key_server.requests == 2


def test_while_the_server_stalls_only_one_request_waits(key_server: KeyServer) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")
    key_server.response = INVALID_RESPONSES["500"]
    key_set.refresh()
    key_set._refresh_at, key_server.delay = 0, 1

    def seconds(number: int) -> float:
        started_at = time.monotonic()
        assert key_set.find(f"unknown-{number}") is None
        return time.monotonic() - started_at

    waited = [took for took in in_threads(8, seconds) if isinstance(took, float) and took > 0.5]

    assert len(waited) == 1
    assert key_server.requests == 3


def test_each_change_of_state_is_logged_once(
    key_server: KeyServer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="accounts.keys")
    key_set = KeySet(key_server.url, source="https://app.todo.test")
    good = key_server.document()
    error, page = INVALID_RESPONSES["500"], INVALID_RESPONSES["a page"]

    for hours, response in (
        (0, (200, JSON, good, {})), (1, (200, JSON, good, {})),
        (2, error), (3, page), (4, error), (29, error), (30, page), (31, (200, JSON, good, {})),
    ):  # fmt: skip
        clock.ahead, key_server.response = hours * HOUR, response
        key_set.refresh()

    where = f"issuer https://app.todo.test, address {key_server.url}"
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", f"Key set in reach (1 keys): {where}"),
        (
            "WARNING",
            f"Key set out of reach, known keys stay in use (status 500): {where}",
        ),
        (
            "ERROR",
            f"Key set out of reach and no key is known (status 500): {where}",
        ),
        ("INFO", f"Key set in reach (1 keys): {where}"),
    ]


def test_refused_keys_are_logged_once(
    key_server: KeyServer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    listed = [key_server.keys[0].jwk(), {"kty": "oct", "kid": "leaked", "k": "c2VjcmV0"}]
    key_server.response = (200, JSON, json.dumps({"keys": listed}).encode(), {})
    key_set = KeySet(key_server.url, source="https://app.todo.test")

    for clock.ahead in (0, 400, 800):
        assert key_set.refresh()

    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert line == (
        "Key set of https://app.todo.test has keys that are refused: "
        "'leaked' is a private or symmetric key and must not be published"
    )


@pytest.mark.slow
def test_an_unknown_id_waits_three_seconds_for_a_stalled_server(
    key_server: KeyServer,
) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")
    key_server.delay = 6

    def seconds(number: int) -> float:
        time.sleep(number / 10)
        started_at = time.monotonic()
        assert key_set.find(f"unknown-{number}") is None
        return time.monotonic() - started_at

    first, *others = (took for took in in_threads(4, seconds) if isinstance(took, float))

    assert 2.5 < first < 4.5
    assert max(others) < 2
    assert key_set.find("first")
