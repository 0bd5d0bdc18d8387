"""Sends what callers do not take at once of their answers, so that no thread waits for them."""

import time
from collections.abc import Callable
from functools import partial
from selectors import EVENT_WRITE
from socket import MSG_DONTWAIT
from typing import Any

from gunicorn.workers.gthread import TConn  # type: ignore[import-untyped]

# So long may a caller take nothing of an answer.
SENDING_SECONDS = 30
# So much a worker may have to send. Above, whoever has taken nothing for longest is hung up on, but
# for the last to come: a single answer may be larger.
MOST_BYTES = 64 * 1024 * 1024


class Sending:
    """The connections of a worker with an answer that has not left. For its event loop only."""

    def __init__(self, worker: Any) -> None:
        self.worker = worker
        # With what follows the answer, and in the order in which they last took something.
        self.connections: dict[TConn, Callable[[TConn], object]] = {}

    def begin(self, conn: TConn, then: Callable[[TConn], object]) -> None:
        self.wait(conn, then)
        self.worker.poller.register(conn.sock, EVENT_WRITE, partial(self.go_on, conn))
        while len(self.connections) > 1 and self.unsent() > MOST_BYTES:
            self.give_up(next(iter(self.connections)))

    def unsent(self) -> int:
        return sum(len(conn.sock.unsent) for conn in self.connections)

    def wait(self, conn: TConn, then: Callable[[TConn], object]) -> None:
        conn.timeout = time.monotonic() + SENDING_SECONDS
        self.connections[conn] = then

    def go_on(self, conn: TConn, _sock: Any) -> None:
        """The caller has room for more of it."""
        wire = conn.sock
        try:
            del wire.unsent[: wire.send(wire.unsent, MSG_DONTWAIT)]
        except BlockingIOError:
            return
        except OSError:
            self.give_up(conn)
            return
        then = self.connections.pop(conn)
        if wire.unsent:
            self.wait(conn, then)
        else:
            wire.unsent = b""
            self.worker.poller.unregister(wire)
            then(conn)

    def give_up_late(self) -> None:
        """On whoever takes too long. To be called now and then."""
        now = time.monotonic()
        while self.connections and (first := next(iter(self.connections))).timeout < now:
            self.give_up(first)

    def give_up(self, conn: TConn) -> None:
        del self.connections[conn]
        self.worker.poller.unregister(conn.sock)
        self.worker.nr_conns -= 1
        conn.close()
