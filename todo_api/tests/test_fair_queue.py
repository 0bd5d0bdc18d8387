"""Whose request is next."""

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


def test_a_client_has_so_many_requests_at_work_and_no_more() -> None:
    def test(queue: FairQueue) -> None:
        entered = [queue.enter("alice") for _ in range(PER_CLIENT + 1)]

        assert entered == [True] * PER_CLIENT + [False]
        assert queue.enter("bob")

    in_a_loop(test)


def test_a_request_that_waits_begins_when_another_of_its_client_ends() -> None:
    def test(queue: FairQueue) -> None:
        for _ in range(PER_CLIENT):
            queue.enter("alice")
        turn = queue.wait("alice")

        too_early = queue.next()
        queue.leave("alice")

        assert (too_early, turn.done(), queue.next(), turn.done()) == (False, False, True, True)

    in_a_loop(test)


def test_clients_take_turns_however_many_requests_each_has() -> None:
    def test(queue: FairQueue) -> None:
        turns = [queue.wait(name) for name in ("alice", "alice", "alice", "bob", "carol")]
        order: list[int] = []

        while queue.next():
            order.extend(n for n, turn in enumerate(turns) if turn.done() and n not in order)

        assert order == [0, 3, 4, 1, 2]
        assert queue.waiting == 0

    in_a_loop(test)


def test_a_client_that_waits_is_not_overtaken_by_its_own_next_request() -> None:
    def test(queue: FairQueue) -> None:
        queue.wait("alice")

        assert not queue.enter("alice")
        assert queue.enter("bob")

    in_a_loop(test)


def test_a_request_whose_client_has_left_takes_no_turn() -> None:
    def test(queue: FairQueue) -> None:
        left, waits = queue.wait("alice"), queue.wait("bob")
        left.cancel()

        assert (queue.next(), waits.done(), queue.next()) == (True, True, False)
        assert list(queue.clients) == ["bob"]

    in_a_loop(test)


@pytest.mark.parametrize(
    ("limit", "refusal"), [("WAITING_PER_CLIENT", Throttled), ("WAITING", Unavailable)]
)
def test_where_too_many_wait_the_next_is_refused(
    monkeypatch: pytest.MonkeyPatch, limit: str, refusal: Any
) -> None:
    monkeypatch.setattr(fair_queue, limit, 2)

    def test(queue: FairQueue) -> None:
        queue.wait("alice")
        queue.wait("alice")

        with pytest.raises(refusal):
            queue.wait("alice")
        assert not queue.wait("alice", refuse=False).done()  # a part of a response that has begun

    in_a_loop(test)


def test_in_a_full_queue_a_new_client_takes_the_place_of_the_newest_of_the_largest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fair_queue, "WAITING", 3)

    def test(queue: FairQueue) -> None:
        alice = [queue.wait("alice") for _ in range(3)]
        bob = queue.wait("bob")

        assert [turn.done() for turn in (*alice, bob)] == [False, False, True, False]
        assert isinstance(alice[2].exception(), Unavailable)
        with pytest.raises(Unavailable):
            queue.wait("bob")  # they have nearly as many as the other now
        assert queue.waiting == 3

    in_a_loop(test)


def test_requests_that_are_given_up_make_room() -> None:
    def test(queue: FairQueue) -> None:
        turn = queue.wait("alice")
        turn.cancel()

        queue.give_up("alice", turn)
        queue.give_up("alice", turn)

        assert (queue.waiting, queue.clients, queue.next()) == (0, {}, False)

    in_a_loop(test)


def test_a_client_that_comes_again_after_it_gave_up_is_counted_right() -> None:
    def test(queue: FairQueue) -> None:
        gone = queue.wait("alice")
        gone.cancel()
        queue.give_up("alice", gone)
        again = queue.wait("alice")

        assert (queue.next(), again.done()) == (True, True)
        assert queue.clients["alice"].at_work == 1
        queue.leave("alice")
        assert (queue.clients, queue.next()) == ({}, False)

    in_a_loop(test)


def test_clients_that_are_done_are_forgotten() -> None:
    def test(queue: FairQueue) -> None:
        for number in range(100):
            queue.enter(str(number))
            queue.leave(str(number))

        assert queue.clients == {}

    in_a_loop(test)
