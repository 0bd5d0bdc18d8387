"""Limits on large responses that wait for slow clients, and the choice of those to cut off."""

import asyncio

import pytest

from todo_api.limits import send_buffers
from todo_api.limits.send_buffers import SendBuffers

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send_buffers, "PER_USER_BYTES", 10)
    monkeypatch.setattr(send_buffers, "ALL_BYTES", 30)


def cut(*responses: tuple[str, int]) -> list[int]:
    """Returns the indexes of those that are cut off when all wait, started in this order."""

    async def hold(held: SendBuffers, user: str, size: int) -> None:
        with held.holding(user, size):
            await asyncio.sleep(60)

    async def hold_all() -> list[int]:
        held = SendBuffers()
        tasks = []
        for user, size in responses:
            tasks.append(asyncio.create_task(hold(held, user, size)))
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        found = [number for number, task in enumerate(tasks) if task.cancelled()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert held.buffers == []
        return found

    return asyncio.run(hold_all())


def test_within_the_limits_no_response_is_cut() -> None:
    assert cut(("alice", 5), ("alice", 5), ("bob", 10), ("carol", 10)) == []


def test_above_the_limit_of_a_user_the_oldest_response_is_cut() -> None:
    assert cut(("alice", 5), ("bob", 9), ("alice", 5), ("alice", 5), ("alice", 5)) == [0, 2]


def test_a_single_response_may_exceed_the_limit_of_a_user() -> None:
    assert cut(("alice", 25)) == []


def test_above_the_limit_of_a_worker_the_user_with_most_bytes_is_cut_first() -> None:
    assert cut(("alice", 1), ("bob", 5), ("bob", 5), ("carol", 8), ("dave", 8), ("eve", 8)) == [1]


def test_if_each_user_has_one_response_the_largest_is_cut() -> None:
    assert cut(("alice", 10), ("bob", 11), ("carol", 10)) == [1]
