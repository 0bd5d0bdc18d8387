"""The key set while the key server responds: caching, refreshing, and unknown key ids."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts import keys
from accounts.keys import BURST, MAX_UNKNOWN_IDS, REFRESH_SECONDS, KeySet, KeysUnavailable
from accounts.tests.key_server import KeyServer, SigningKey
from accounts.tests.token_helpers import Clock, outcome, verifier_of


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(keys, "time", clock)
    return clock


def until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Waits until the condition is true. Returns whether it was in time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def in_threads(count: int, call: Callable[[int], object]) -> list[object]:
    """Calls with 0, 1, … in threads that start together. Returns the results in order."""
    together = threading.Barrier(count)

    def run(number: int) -> object:
        together.wait(10)
        return call(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


# --- Known keys -----------------------------------------------------------------------------------


def test_known_keys_are_cached(key_server: KeyServer) -> None:
    key_set = KeySet(key_server.url)

    found = {key_set.find("first") for _ in range(1_000)}

    assert len(found) == 1
    assert key_server.requests == 1
    assert key_server.headers["User-Agent"] == "todo-api"
    assert key_server.headers["Accept"] == "application/json"


def test_known_keys_need_no_lock(key_server: KeyServer) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")

    with key_set._lock, ThreadPoolExecutor(1) as thread:
        key = thread.submit(key_set.find, "first").result(timeout=5)

    assert key


def test_keys_are_refreshed_after_the_interval(key_server: KeyServer, clock: Clock) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")

    clock.ahead = REFRESH_SECONDS * 0.7
    key_set.find("first")
    early = key_server.requests
    clock.ahead = REFRESH_SECONDS * 1.3
    key_set.find("first")

    assert early == 1
    assert until(lambda: key_server.requests == 2)
    assert until(lambda: (key_set.age_seconds or 0) < 60)


def test_a_slow_refresh_does_not_delay_known_keys(key_server: KeyServer, clock: Clock) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")
    key_server.delay, clock.ahead = 2, REFRESH_SECONDS * 1.3

    started_at = time.monotonic()
    found = in_threads(20, lambda _: key_set.find("first"))
    seconds = time.monotonic() - started_at

    assert all(found)
    assert seconds < 1
    assert until(lambda: key_server.requests == 2)


def test_a_key_that_is_no_longer_listed_is_refused(key_server: KeyServer, clock: Clock) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")
    key_server.keys = [SigningKey("second")]

    clock.ahead = REFRESH_SECONDS * 1.3
    key_set.find("first")

    assert until(lambda: list(key_set.known()) == ["second"])
    assert key_set.find("first") is None


def test_a_refresh_that_changes_nothing_keeps_the_same_objects(key_server: KeyServer) -> None:
    key_set = KeySet(key_server.url)
    before = key_set.find("first")
    key_server.keys.append(SigningKey("second"))

    assert key_set.refresh()

    assert key_set.find("first") is before
    assert list(key_set.known()) == ["first", "second"]


def test_the_age_is_that_of_the_last_valid_response(key_server: KeyServer, clock: Clock) -> None:
    key_set = KeySet(key_server.url)
    before = key_set.age_seconds

    key_set.refresh()
    clock.ahead = 100

    assert before is None
    assert 100 <= (key_set.age_seconds or 0) < 110


def test_refreshes_have_jitter(key_server: KeyServer) -> None:
    key_sets = [KeySet(key_server.url) for _ in range(8)]

    for key_set in key_sets:
        key_set.refresh()

    moments = [key_set._refresh_at for key_set in key_sets]
    assert max(moments) - min(moments) > 1


# --- Unknown ids ----------------------------------------------------------------------------------


def test_the_first_token_of_a_new_key_is_accepted(key_server: KeyServer) -> None:
    verifier = verifier_of(key_server)
    assert outcome(verifier, key_server.token()) == "accepted"
    new = SigningKey("second", "ES256")
    key_server.keys.append(new)

    assert outcome(verifier, key_server.token(key=new)) == "accepted"
    assert key_server.requests == 2


def test_a_new_key_is_found_after_a_running_refresh_that_began_too_early(
    key_server: KeyServer, clock: Clock
) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")
    old, new = key_server.document(), SigningKey("second")
    gate = threading.Event()

    def respond_late(write: Callable[[bytes], object]) -> None:
        key_server.write_response = None
        gate.wait(5)
        write(b"HTTP/1.0 200 OK\r\n\r\n" + old)

    key_server.write_response, clock.ahead = respond_late, REFRESH_SECONDS * 1.3
    key_set.find("first")
    assert until(lambda: key_server.requests == 2)
    key_server.keys.append(new)
    with ThreadPoolExecutor(20) as threads:
        futures = [threads.submit(key_set.find, "second") for _ in range(20)]
        time.sleep(0.1)
        gate.set()

    assert all(future.result() for future in futures)
    assert key_server.requests == 3


def test_twenty_threads_with_a_new_key_cause_one_fetch(key_server: KeyServer) -> None:
    verifier = verifier_of(key_server)
    outcome(verifier, key_server.token())
    new = SigningKey("second")
    key_server.keys.append(new)
    key_server.delay = 0.2
    tokens = [key_server.token(f"person-{number}", key=new) for number in range(20)]

    outcomes = in_threads(20, lambda number: outcome(verifier, tokens[number]))

    assert outcomes == ["accepted"] * 20
    assert key_server.requests == 2


def test_a_key_that_became_known_meanwhile_causes_no_fetch(key_server: KeyServer) -> None:
    key_set = KeySet(key_server.url)
    key = key_set.find("first")

    late = key_set._find_unknown("first")

    assert late is key
    assert key_server.requests == 1


def test_twenty_threads_without_any_key_cause_one_fetch(key_server: KeyServer) -> None:
    key_set = KeySet(key_server.url)
    key_server.delay = 1.2  # longer than JOIN_SECONDS: the first fetch is waited for longer

    found = in_threads(20, lambda _: key_set.find("first"))

    assert all(found)
    assert key_server.requests == 1


def test_a_flood_of_unknown_ids_causes_few_fetches(key_server: KeyServer) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")

    alone = [key_set.find(f"unknown-{number}") for number in range(200)]
    together = in_threads(40, lambda number: [key_set.find(f"{number}-{i}") for i in range(5)])

    assert alone == [None] * 200
    assert together == [[None] * 5] * 40
    assert 1 + BURST <= key_server.requests <= 1 + BURST + 2


def test_the_token_bucket_refills_after_a_flood(key_server: KeyServer, clock: Clock) -> None:
    key_set = KeySet(key_server.url)
    for number in range(50):
        key_set.find("first")
        key_set.find(f"unknown-{number}")
    key_server.keys.append(SigningKey("second"))
    spent = key_set.find("second")

    clock.ahead = keys.REFILL_SECONDS

    assert spent is None
    assert key_set.find("second")


def test_a_flood_does_not_prevent_a_scheduled_refresh(key_server: KeyServer, clock: Clock) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")
    for number in range(50):
        key_set.find(f"unknown-{number}")
    key_set._bucket = -1_000
    before = key_server.requests

    clock.ahead = REFRESH_SECONDS * 1.3
    key_set.find("first")

    assert until(lambda: key_server.requests == before + 1)


def test_an_unknown_id_is_cached_for_a_short_time(key_server: KeyServer, clock: Clock) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")

    for _ in range(100):
        key_set.find("late")
    fetches = key_server.requests
    key_server.keys.append(SigningKey("late"))
    too_early = key_set.find("late")
    clock.ahead = keys.UNKNOWN_ID_SECONDS + 1

    assert fetches == 2
    assert too_early is None
    assert key_set.find("late")


def test_a_cached_unknown_id_is_found_once_a_fetch_lists_it(key_server: KeyServer) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")
    key_set.find("late")
    key_server.keys.append(SigningKey("late"))

    key_set.refresh()

    assert key_set.find("late")


def test_the_cache_of_unknown_ids_is_bounded(key_server: KeyServer, clock: Clock) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")
    key_set._bucket = float("inf")

    for number in range(MAX_UNKNOWN_IDS + 50):
        key_set._cache_unknown_id(f"unknown-{number}")
    full = len(key_set._unknown_ids)
    clock.ahead = keys.UNKNOWN_ID_SECONDS + 1
    key_set._cache_unknown_id("another")

    assert full == MAX_UNKNOWN_IDS
    assert list(key_set._unknown_ids) == ["another"]


# --- No key yet -----------------------------------------------------------------------------------


def test_a_server_without_keys_is_fetched_again_soon(key_server: KeyServer, clock: Clock) -> None:
    key_set, first, key_server.keys = KeySet(key_server.url), key_server.keys, []
    for second in range(0, 120, 5):  # at the interval of a readiness probe
        clock.ahead = second
        assert not key_set.refresh()

    with pytest.raises(KeysUnavailable):
        key_set.find("first")
    key_server.keys = first
    clock.ahead += 2.5

    assert key_set.find("first")


def test_static_keys_are_used_until_the_first_fetch(key_server: KeyServer) -> None:
    static = key_server.document().decode()
    key_server.keys = [SigningKey("second")]
    key_server.go_down()
    key_set = KeySet(key_server.url, static=static)

    while_down = key_set.find("first")
    assert until(lambda: key_set._fetch is None)
    key_server.come_back()
    key_set._refresh_at = 0
    key_set.find("first")

    assert while_down
    assert until(lambda: list(key_set.known()) == ["second"])
