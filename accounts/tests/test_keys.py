"""The key set while the key server answers: memory, refresh, and unknown key ids."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts import keys
from accounts.keys import BURST, REFRESH_SECONDS, REFUSED_IDS, KeySet, KeysUnavailable
from accounts.tests.key_server import KeyServer, SigningKey
from accounts.tests.verdicts import Clock, outcome, verifier_of


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(keys, "time", clock)
    return clock


def until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Waits until the condition holds. Returns whether it did in time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def in_threads(count: int, call: Callable[[int], object]) -> list[object]:
    """Calls with 0, 1, … in threads that start together; returns the results in order."""
    together = threading.Barrier(count)

    def run(number: int) -> object:
        together.wait(10)
        return call(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


# --- Known keys -----------------------------------------------------------------------------------


def test_known_keys_come_from_memory(key_server: KeyServer) -> None:
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


def test_keys_are_refreshed_when_they_are_due(key_server: KeyServer, clock: Clock) -> None:
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


def test_a_slow_refresh_delays_nobody_whose_key_is_known(
    key_server: KeyServer, clock: Clock
) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")
    key_server.delay, clock.ahead = 2, REFRESH_SECONDS * 1.3

    started_at = time.monotonic()
    found = in_threads(20, lambda _: key_set.find("first"))
    seconds = time.monotonic() - started_at

    assert all(found)
    assert seconds < 1
    assert until(lambda: key_server.requests == 2)


def test_a_key_that_is_no_longer_listed_is_refused_from_then_on(
    key_server: KeyServer, clock: Clock
) -> None:
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


def test_the_age_is_that_of_the_last_good_answer(key_server: KeyServer, clock: Clock) -> None:
    key_set = KeySet(key_server.url)
    before = key_set.age_seconds

    key_set.refresh()
    clock.ahead = 100

    assert before is None
    assert 100 <= (key_set.age_seconds or 0) < 110


def test_refreshes_are_spread(key_server: KeyServer) -> None:
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


def test_it_is_accepted_also_when_a_refresh_is_under_way_that_left_too_early(
    key_server: KeyServer, clock: Clock
) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")
    old, new = key_server.document(), SigningKey("second")
    gate = threading.Event()

    def answer_late(write: Callable[[bytes], object]) -> None:
        key_server.speak = None
        gate.wait(5)
        write(b"HTTP/1.0 200 OK\r\n\r\n" + old)

    key_server.speak, clock.ahead = answer_late, REFRESH_SECONDS * 1.3
    key_set.find("first")
    assert until(lambda: key_server.requests == 2)
    key_server.keys.append(new)
    with ThreadPoolExecutor(20) as threads:
        asked = [threads.submit(key_set.find, "second") for _ in range(20)]
        time.sleep(0.1)
        gate.set()

    assert all(future.result() for future in asked)
    assert key_server.requests == 3


def test_twenty_threads_with_a_new_key_cost_one_fetch(key_server: KeyServer) -> None:
    verifier = verifier_of(key_server)
    outcome(verifier, key_server.token())
    new = SigningKey("second")
    key_server.keys.append(new)
    key_server.delay = 0.2
    tokens = [key_server.token(f"person-{number}", key=new) for number in range(20)]

    outcomes = in_threads(20, lambda number: outcome(verifier, tokens[number]))

    assert outcomes == ["accepted"] * 20
    assert key_server.requests == 2


def test_who_looked_just_before_a_fetch_ended_costs_no_other(key_server: KeyServer) -> None:
    key_set = KeySet(key_server.url)
    key = key_set.find("first")

    late = key_set._find_unknown("first")

    assert late is key
    assert key_server.requests == 1


def test_twenty_threads_at_the_very_start_cost_one_fetch(key_server: KeyServer) -> None:
    key_set = KeySet(key_server.url)
    key_server.delay = 1.2  # a cold start takes its time, and nothing works without it

    found = in_threads(20, lambda _: key_set.find("first"))

    assert all(found)
    assert key_server.requests == 1


def test_a_flood_of_unknown_ids_costs_a_handful_of_fetches(key_server: KeyServer) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")

    alone = [key_set.find(f"unknown-{number}") for number in range(200)]
    together = in_threads(40, lambda number: [key_set.find(f"{number}-{i}") for i in range(5)])

    assert alone == [None] * 200
    assert together == [[None] * 5] * 40
    assert 1 + BURST <= key_server.requests <= 1 + BURST + 2


def test_after_a_flood_the_allowance_comes_back(key_server: KeyServer, clock: Clock) -> None:
    key_set = KeySet(key_server.url)
    for number in range(50):
        key_set.find("first")
        key_set.find(f"unknown-{number}")
    key_server.keys.append(SigningKey("second"))
    spent = key_set.find("second")

    clock.ahead = keys.REFILL_SECONDS

    assert spent is None
    assert key_set.find("second")


def test_a_flood_does_not_keep_a_due_refresh_from_happening(
    key_server: KeyServer, clock: Clock
) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")
    for number in range(50):
        key_set.find(f"unknown-{number}")
    key_set._allowance = -1_000
    before = key_server.requests

    clock.ahead = REFRESH_SECONDS * 1.3
    key_set.find("first")

    assert until(lambda: key_server.requests == before + 1)


def test_a_refused_id_is_remembered_for_a_short_time(key_server: KeyServer, clock: Clock) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")

    for _ in range(100):
        key_set.find("late")
    remembered = key_server.requests
    key_server.keys.append(SigningKey("late"))
    too_early = key_set.find("late")
    clock.ahead = keys.REFUSED_SECONDS + 1

    assert remembered == 2
    assert too_early is None
    assert key_set.find("late")


def test_a_refused_id_is_good_as_soon_as_any_fetch_lists_it(key_server: KeyServer) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")
    key_set.find("late")
    key_server.keys.append(SigningKey("late"))

    key_set.refresh()

    assert key_set.find("late")


def test_the_memory_of_refused_ids_is_bounded(key_server: KeyServer, clock: Clock) -> None:
    key_set = KeySet(key_server.url)
    key_set.find("first")
    key_set._allowance = float("inf")

    for number in range(REFUSED_IDS + 50):
        key_set._refuse(f"unknown-{number}")
    full = len(key_set._refused)
    clock.ahead = keys.REFUSED_SECONDS + 1
    key_set._refuse("another")

    assert full == REFUSED_IDS
    assert list(key_set._refused) == ["another"]


# --- No key yet -----------------------------------------------------------------------------------


def test_a_server_that_has_made_no_key_yet_is_asked_again_soon(
    key_server: KeyServer, clock: Clock
) -> None:
    key_set, first, key_server.keys = KeySet(key_server.url), key_server.keys, []
    for second in range(0, 120, 5):  # as a readiness probe asks
        clock.ahead = second
        assert not key_set.refresh()

    with pytest.raises(KeysUnavailable):
        key_set.find("first")
    key_server.keys = first
    clock.ahead += 2.5

    assert key_set.find("first")


def test_a_key_set_may_be_given_beforehand(key_server: KeyServer) -> None:
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
