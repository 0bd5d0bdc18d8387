"""When a silent database is asked again."""

import psycopg
import pytest

from todo_api.postgresql import circuit_breaker
from todo_api.postgresql.circuit_breaker import PAUSE_SECONDS, PROBE_SECONDS, CircuitBreaker


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(circuit_breaker, "time", clock)
    return clock


def is_refused(breaker: CircuitBreaker) -> bool:
    try:
        breaker.seconds(10)
    except psycopg.OperationalError:
        return True
    return False


def test_a_closed_circuit_leaves_a_request_all_of_its_time() -> None:
    breaker = CircuitBreaker()

    assert (breaker.seconds(9.5), breaker.seconds(None)) == (9.5, None)


def test_after_a_timeout_requests_fail_at_once_and_one_tries_after_a_pause(clock: Clock) -> None:
    breaker = CircuitBreaker()
    breaker.timed_out(10)

    at_once = is_refused(breaker)
    clock.now += PAUSE_SECONDS
    probe, beside_it = breaker.seconds(10), is_refused(breaker)

    assert (at_once, probe, beside_it) == (True, PROBE_SECONDS, True)


def test_a_probe_has_no_more_time_than_its_request(clock: Clock) -> None:
    breaker = CircuitBreaker()
    breaker.timed_out(10)
    clock.now += PAUSE_SECONDS

    assert breaker.seconds(0.5) == 0.5


def test_a_probe_that_never_ends_is_followed_by_another(clock: Clock) -> None:
    breaker = CircuitBreaker()
    breaker.timed_out(10)
    clock.now += PAUSE_SECONDS
    breaker.seconds(10)

    clock.now += PROBE_SECONDS + PAUSE_SECONDS

    assert breaker.seconds(None) == PROBE_SECONDS


def test_an_answer_closes_the_circuit_for_everybody(clock: Clock) -> None:
    breaker = CircuitBreaker()
    breaker.timed_out(10)

    breaker.closes()

    assert not is_refused(breaker)


def test_a_request_that_had_little_time_left_says_nothing_about_the_database() -> None:
    breaker = CircuitBreaker()

    breaker.timed_out(4.9)

    assert not is_refused(breaker)


def test_a_probe_that_times_out_keeps_the_circuit_open(clock: Clock) -> None:
    breaker = CircuitBreaker()
    breaker.timed_out(10)
    clock.now += PAUSE_SECONDS
    breaker.seconds(10)

    breaker.timed_out(PROBE_SECONDS)

    assert is_refused(breaker)
