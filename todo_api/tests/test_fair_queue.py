"""The order in which waiting requests start."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.exceptions import Throttled

from todo_api.server import fair_queue
from todo_api.server.fair_queue import PER_CLIENT, FairQueue
from todo_api.web.exceptions import Unavailable


def in_a_loop(test: Callable[[FairQueue], None]) -> None:
    async def run() -> None:
        test(FairQueue())

    asyncio.run(run())


def test_a_client_has_a_limited_number_of_requests_in_progress() -> None:
    def test(queue: FairQueue) -> None:
        entered = [queue.try_start("alice") for _ in range(PER_CLIENT + 1)]

        assert entered == [True] * PER_CLIENT + [False]
        assert queue.try_start("bob")

    in_a_loop(test)


def test_a_waiting_request_starts_when_another_of_its_client_ends() -> None:
    def test(queue: FairQueue) -> None:
        for _ in range(PER_CLIENT):
            queue.try_start("alice")
        turn = queue.wait("alice")

        too_early = queue.start_next()
        queue.finish("alice")

        assert (too_early, turn.done(), queue.start_next(), turn.done()) == (
            False,
            False,
            True,
            True,
        )

    in_a_loop(test)


def test_requests_start_round_robin_by_client() -> None:
    def test(queue: FairQueue) -> None:
        turns = [queue.wait(name) for name in ("alice", "alice", "alice", "bob", "carol")]
        order: list[int] = []

        while queue.start_next():
            order.extend(n for n, turn in enumerate(turns) if turn.done() and n not in order)

        assert order == [0, 3, 4, 1, 2]
        assert queue.waiting == 0

    in_a_loop(test)


def test_a_later_request_of_a_waiting_client_does_not_start_first() -> None:
    def test(queue: FairQueue) -> None:
        queue.wait("alice")

        assert not queue.try_start("alice")
        assert queue.try_start("bob")

    in_a_loop(test)


def test_a_request_whose_client_has_disconnected_is_skipped() -> None:
    def test(queue: FairQueue) -> None:
        left, waits = queue.wait("alice"), queue.wait("bob")
        left.cancel()

        assert (queue.start_next(), waits.done(), queue.start_next()) == (True, True, False)
        assert list(queue.clients) == ["bob"]

    in_a_loop(test)


@pytest.mark.parametrize(
    ("limit", "error"), [("WAITING_PER_CLIENT", Throttled), ("WAITING", Unavailable)]
)
def test_a_request_above_a_limit_of_the_queue_is_refused(
    monkeypatch: pytest.MonkeyPatch, limit: str, error: Any
) -> None:
    monkeypatch.setattr(fair_queue, limit, 2)

    def test(queue: FairQueue) -> None:
        queue.wait("alice")
        queue.wait("alice")

        with pytest.raises(error):
            queue.wait("alice")
        assert not queue.wait("alice", refuse=False).done()  # for the rest of a response

    in_a_loop(test)


def test_in_a_full_queue_a_new_client_displaces_the_newest_request_of_the_client_with_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fair_queue, "WAITING", 3)

    def test(queue: FairQueue) -> None:
        alice = [queue.wait("alice") for _ in range(3)]
        bob = queue.wait("bob")

        assert [turn.done() for turn in (*alice, bob)] == [False, False, True, False]
        assert isinstance(alice[2].exception(), Unavailable)
        with pytest.raises(Unavailable):
            queue.wait("bob")  # bob waits for nearly as many as alice now
        assert queue.waiting == 3

    in_a_loop(test)


def test_cancelled_requests_leave_the_queue() -> None:
    def test(queue: FairQueue) -> None:
        turn = queue.wait("alice")
        turn.cancel()

        queue.cancel("alice", turn)
        queue.cancel("alice", turn)

        assert (queue.waiting, queue.clients, queue.start_next()) == (0, {}, False)

    in_a_loop(test)


def test_a_client_that_returns_after_cancelling_is_counted_correctly() -> None:
    def test(queue: FairQueue) -> None:
        gone = queue.wait("alice")
        gone.cancel()
        queue.cancel("alice", gone)
        again = queue.wait("alice")

        assert (queue.start_next(), again.done()) == (True, True)
        assert queue.clients["alice"].running == 1
        queue.finish("alice")
        assert (queue.clients, queue.start_next()) == ({}, False)

    in_a_loop(test)


def test_clients_without_requests_are_removed() -> None:
    def test(queue: FairQueue) -> None:
        for number in range(100):
            queue.try_start(str(number))
            queue.finish(str(number))

        assert queue.clients == {}

    in_a_loop(test)
