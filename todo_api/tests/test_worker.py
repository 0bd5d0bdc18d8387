"""What the event loop of a worker does, and how often."""

import errno
import gc
import socket
import time
from collections import deque
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from todo_api import worker
from todo_api.worker import WholeRequestWorker

CALLERS = 20


@pytest.fixture
def looping() -> Any:
    """A worker without its loop; what it would serve, and what it tells the arbiter, it notes."""
    found: Any = WholeRequestWorker.__new__(WholeRequestWorker)
    found.cfg, found.alive, found.nr_conns, found.notified_at = None, True, 0, 0.0
    found.came, found.told = [], []
    found.enqueue_req = found.came.append
    found.tmp = SimpleNamespace(notify=lambda: found.told.append("alive"))
    return found


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """As many have connected as CALLERS says."""
    with socket.create_server(("127.0.0.1", 0), backlog=CALLERS) as listener:
        listener.setblocking(False)
        callers = [socket.create_connection(listener.getsockname()) for _ in range(CALLERS)]
        yield listener
        for caller in callers:
            caller.close()


def test_whoever_has_connected_is_taken_in_at_once(looping: Any, listener: Any) -> None:
    looping.worker_connections = CALLERS + 1

    looping.accept(listener)

    assert len(looping.came) == looping.nr_conns == CALLERS
    close(looping)


def test_no_more_than_it_may_have_until_it_ends(looping: Any, listener: Any) -> None:
    looping.worker_connections = CALLERS - 5

    looping.accept(listener)
    assert len(looping.came) == CALLERS - 5

    looping.alive = False  # then nobody else would take them
    looping.accept(listener)
    assert len(looping.came) == CALLERS
    close(looping)


def test_without_a_descriptor_for_one_more_it_serves_those_who_are_there(looping: Any) -> None:
    def accept() -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    looping.worker_connections = CALLERS

    looping.accept(SimpleNamespace(accept=accept))

    assert looping.came == []


def test_when_it_ends_whoever_has_sent_nothing_has_a_moment_and_no_more(looping: Any) -> None:
    now = time.monotonic()
    sending = SimpleNamespace(came=b"GET /", timeout=now + 29)
    silent = SimpleNamespace(came=b"", timeout=now + 30)
    looping.pending_conns = deque([sending, silent])
    looping.leaving = looping.sending = SimpleNamespace(
        hang_up_late=lambda: None, give_up_late=lambda: None
    )

    looping.murder_pending()
    assert silent.timeout == now + 30
    looping.alive = False
    looping.murder_pending()

    assert list(looping.pending_conns) == [silent, sending]
    assert silent.timeout < now + 5 < sending.timeout


def test_what_it_loads_is_never_searched_for_garbage(looping: Any) -> None:
    looked, loaded = [], [object()]
    looping.app = SimpleNamespace(wsgi=lambda: looked.append(gc.isenabled()))

    looping.load_wsgi()
    searched = [id(thing) for thing in gc.get_objects()]
    gc.unfreeze()  # the tests' own objects, too

    assert looked == [False]
    assert id(loaded) not in searched
    assert gc.isenabled()


def test_while_somebody_stands_in_line_it_does_not_rest(looping: Any) -> None:
    rests: list[float] = []

    def select(seconds: float) -> list[Any]:
        rests.append(seconds)
        return []

    looping.poller = SimpleNamespace(select=select)
    looping.tpool = SimpleNamespace(wait_for_room=lambda: None, backlog=deque())

    looping.wait_for_and_dispatch_events(1.0)
    looping.tpool.backlog.append("a request")
    looping.wait_for_and_dispatch_events(1.0)

    assert rests == [1.0, 0]


def test_now_and_then_it_hangs_up_on_whoever_leaves_too_slowly(looping: Any) -> None:
    late: list[str] = []
    looping.pending_conns = deque()
    looping.leaving = SimpleNamespace(hang_up_late=lambda: late.append("hung up"))
    looping.sending = SimpleNamespace(give_up_late=lambda: late.append("given up"))

    looping.murder_pending()

    assert late == ["hung up", "given up"]


def test_the_arbiter_is_told_every_second_that_it_lives(
    looping: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for now in (100.0, 100.2, 100.9, 101.1, 101.2):
        monkeypatch.setattr(worker, "time", SimpleNamespace(monotonic=lambda now=now: now))
        looping.notify()

    assert len(looping.told) == 2


def close(looping: Any) -> None:
    for connection in looping.came:
        connection.sock.close()
