"""Ends connections so that the last answer arrives (RFC 9112, 9.6): the caller hangs up first.

gunicorn's own would wait for that in the event loop, and hold up everybody else.
"""

import socket
import time
from collections import deque
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn  # type: ignore[import-untyped]

# So long may a caller take to hang up after the last answer.
GOODBYE_SECONDS = 2
DRAINED_BYTES = 65_536


class Leaving:
    """The connections of a worker that have had their last answer. For its event loop only."""

    def __init__(self, worker: Any) -> None:
        self.worker = worker
        self.connections: deque[TConn] = deque()

    def say_goodbye(self, conn: TConn) -> None:
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.worker.poller.register(conn.sock, EVENT_READ, partial(self.drain, conn))
        except OSError:
            self.forget(conn)
            return
        conn.timeout = time.monotonic() + GOODBYE_SECONDS
        self.connections.append(conn)

    def drain(self, conn: TConn, _sock: Any) -> None:
        """Throws away what the caller still sends, until they hang up."""
        try:
            if conn.sock.recv(DRAINED_BYTES):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self.connections.remove(conn)
        self.hang_up(conn)

    def hang_up_late(self) -> None:
        """On whoever takes too long. To be called now and then."""
        while self.connections and self.connections[0].timeout < time.monotonic():
            self.hang_up(self.connections.popleft())

    def hang_up(self, conn: TConn) -> None:
        self.worker.poller.unregister(conn.sock)
        self.forget(conn)

    def forget(self, conn: TConn) -> None:
        self.worker.nr_conns -= 1
        conn.close()
