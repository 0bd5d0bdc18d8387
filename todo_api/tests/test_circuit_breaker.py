"""The circuit breaker in front of a database that does not respond."""

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


def test_a_closed_circuit_does_not_shorten_timeouts() -> None:
    breaker = CircuitBreaker()

    assert (breaker.seconds(9.5), breaker.seconds(None)) == (9.5, None)


def test_an_open_circuit_refuses_requests_and_allows_one_probe_after_a_pause(clock: Clock) -> None:
    breaker = CircuitBreaker()
    breaker.record_timeout(10)

    refused = is_refused(breaker)
    clock.now += PAUSE_SECONDS
    probe, second_refused = breaker.seconds(10), is_refused(breaker)

    assert (refused, probe, second_refused) == (True, PROBE_SECONDS, True)


def test_the_timeout_of_a_probe_is_at_most_that_of_its_request(clock: Clock) -> None:
    breaker = CircuitBreaker()
    breaker.record_timeout(10)
    clock.now += PAUSE_SECONDS

    assert breaker.seconds(0.5) == 0.5


def test_a_probe_that_never_ends_is_followed_by_another(clock: Clock) -> None:
    breaker = CircuitBreaker()
    breaker.record_timeout(10)
    clock.now += PAUSE_SECONDS
    breaker.seconds(10)

    clock.now += PROBE_SECONDS + PAUSE_SECONDS

    assert breaker.seconds(None) == PROBE_SECONDS


def test_a_response_closes_the_circuit(clock: Clock) -> None:
    breaker = CircuitBreaker()
    breaker.record_timeout(10)

    breaker.close()

    assert not is_refused(breaker)


def test_a_timeout_near_the_deadline_of_a_request_does_not_open_the_circuit() -> None:
    breaker = CircuitBreaker()

    breaker.record_timeout(4.9)

    assert not is_refused(breaker)


def test_a_probe_that_times_out_keeps_the_circuit_open(clock: Clock) -> None:
    breaker = CircuitBreaker()
    breaker.record_timeout(10)
    clock.now += PAUSE_SECONDS
    breaker.seconds(10)

    breaker.record_timeout(PROBE_SECONDS)

    assert is_refused(breaker)
