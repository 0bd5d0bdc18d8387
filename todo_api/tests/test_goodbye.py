"""How a connection ends after its last answer."""

import socket
from collections.abc import Iterator
from selectors import DefaultSelector
from types import SimpleNamespace
from typing import Any

import pytest

from todo_api.goodbye import DRAINED_BYTES, GOODBYE_SECONDS, Leaving

ANSWER = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\n\r\n"


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The worker's and the caller's, of one connection."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname(), 10) as caller,
        listener.accept()[0] as worker,
    ):
        yield worker, caller


@pytest.fixture
def leaving(ends: Any) -> Any:
    """One connection that has had its answer."""
    found = Leaving(SimpleNamespace(poller=DefaultSelector(), nr_conns=1))
    ends[0].sendall(ANSWER)
    found.say_goodbye(SimpleNamespace(sock=ends[0], timeout=0.0, close=ends[0].close))
    return found


def turn(leaving: Any) -> None:
    """One of the event loop."""
    for key, _ in leaving.worker.poller.select(0.2):
        key.data(key.fileobj)
    leaving.hang_up_late()


def test_whoever_still_sends_gets_the_answer_and_hangs_up_first(leaving: Any, ends: Any) -> None:
    _, caller = ends
    for _ in range(3):
        caller.sendall(b"x" * DRAINED_BYTES)
        turn(leaving)
    assert caller.recv(1_000) == ANSWER
    assert caller.recv(1_000) == b""
    assert leaving.worker.nr_conns == 1

    caller.close()
    while leaving.connections:
        turn(leaving)

    assert leaving.worker.nr_conns == 0
    assert not leaving.worker.poller.get_map()


def test_whoever_does_not_hang_up_is_hung_up_on(leaving: Any, ends: Any) -> None:
    turn(leaving)
    assert leaving.connections  # not at once

    leaving.connections[0].timeout -= GOODBYE_SECONDS
    turn(leaving)

    assert not leaving.connections
    assert leaving.worker.nr_conns == 0
    assert ends[0].fileno() == -1


def test_of_whoever_is_gone_already_nothing_is_kept(ends: Any) -> None:
    worker, _ = ends
    worker.close()
    leaving = Leaving(SimpleNamespace(poller=DefaultSelector(), nr_conns=1))

    leaving.say_goodbye(SimpleNamespace(sock=worker, timeout=0.0, close=worker.close))

    assert leaving.worker.nr_conns == 0
    assert not leaving.connections
