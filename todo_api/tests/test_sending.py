"""How an answer leaves that its caller does not take at once."""

import socket
import time
from collections.abc import Iterator
from selectors import DefaultSelector
from types import SimpleNamespace
from typing import Any

import pytest

from todo_api import sending
from todo_api.sending import SENDING_SECONDS, Sending
from todo_api.wire import Wire

ANSWER = bytes(range(256)) * 20_000  # 5 MB


class Connection:
    timeout = 0.0

    def __init__(self, wire: Wire) -> None:
        self.sock, self.close = wire, wire.close


@pytest.fixture
def ends() -> Iterator[tuple[Wire, socket.socket]]:
    """The worker's and the caller's, of one connection."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(10)
    with Wire(fileno=ours.detach()) as wire, theirs:
        yield wire, theirs


@pytest.fixture
def caller(ends: Any) -> Any:
    return ends[1]


@pytest.fixture
def held(ends: Any) -> Any:
    """An answer in two parts, of which its caller has taken nothing. What follows it is noted."""
    found: Any = Sending(SimpleNamespace(poller=DefaultSelector(), nr_conns=0))
    found.after = []
    begin(found, ends[0])
    return found


def begin(held: Any, wire: Wire) -> Any:
    for part in (ANSWER[:100], ANSWER[100:]):
        wire.sendall(part)
    conn: Any = Connection(wire)
    held.worker.nr_conns += 1
    held.begin(conn, held.after.append)
    return conn


def turn(held: Any) -> None:
    """One of the event loop."""
    for key, _ in held.worker.poller.select(0.2):
        key.data(key.fileobj)
    held.give_up_late()


def test_an_answer_is_whole_however_slowly_it_is_taken(held: Any, caller: socket.socket) -> None:
    (conn,), came = held.connections, bytearray()

    while len(came) < len(ANSWER):
        came += caller.recv(100_000)
        turn(held)

    assert came == ANSWER
    assert held.after == [conn]
    assert not held.connections
    assert not held.worker.poller.get_map()
    assert held.worker.nr_conns == 1


def test_whoever_takes_some_of_it_has_as_much_time_again(
    held: Any, ends: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (conn,), now = held.connections, [time.monotonic()]
    monkeypatch.setattr(sending, "time", SimpleNamespace(monotonic=lambda: now[0]))

    for _ in range(3):
        now[0] += SENDING_SECONDS - 1
        ends[1].recv(1_000_000)
        turn(held)
        assert list(held.connections) == [conn]
    now[0] += SENDING_SECONDS + 1
    turn(held)

    assert not held.connections
    assert held.worker.nr_conns == 0
    assert ends[0].fileno() == -1


def test_of_whoever_is_gone_nothing_is_kept(held: Any, caller: socket.socket) -> None:
    caller.close()
    turn(held)

    assert not held.connections
    assert held.worker.nr_conns == 0
    assert held.after == []


def test_no_more_is_kept_than_a_worker_has_room_for(
    held: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "MOST_BYTES", len(ANSWER) / 2)
    ours, theirs = socket.socketpair()
    with Wire(fileno=ours.detach()) as wire, theirs:
        second = begin(held, wire)

        assert list(held.connections) == [second]
        assert held.worker.nr_conns == 1
