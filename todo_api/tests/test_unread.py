"""How much of large responses may wait for slow clients, and whose is cut."""

import asyncio

import pytest

from todo_api.limits import unread
from todo_api.limits.unread import Unread

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread, "PER_USER_BYTES", 10)
    monkeypatch.setattr(unread, "ALL_BYTES", 30)


def cut(*responses: tuple[str, int]) -> list[int]:
    """The numbers of the responses that are cut while all of them, in this order, wait."""

    async def hold(held: Unread, user: str, size: int) -> None:
        with held.holding(user, size):
            await asyncio.sleep(60)

    async def all_of_them() -> list[int]:
        held = Unread()
        tasks = []
        for user, size in responses:
            tasks.append(asyncio.create_task(hold(held, user, size)))
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        found = [number for number, task in enumerate(tasks) if task.cancelled()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert held.held == []
        return found

    return asyncio.run(all_of_them())


def test_within_the_limits_nothing_is_cut() -> None:
    assert cut(("alice", 5), ("alice", 5), ("bob", 10), ("carol", 10)) == []


def test_a_user_with_too_much_loses_the_oldest() -> None:
    assert cut(("alice", 5), ("bob", 9), ("alice", 5), ("alice", 5), ("alice", 5)) == [0, 2]


def test_a_single_response_may_be_larger() -> None:
    assert cut(("alice", 25)) == []


def test_in_a_full_worker_the_user_with_most_is_cut_first() -> None:
    assert cut(("alice", 1), ("bob", 5), ("bob", 5), ("carol", 8), ("dave", 8), ("eve", 8)) == [1]


def test_where_everybody_has_one_response_the_largest_is_cut() -> None:
    assert cut(("alice", 10), ("bob", 11), ("carol", 10)) == [1]
