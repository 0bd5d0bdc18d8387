"""gunicorn's threaded worker, whose threads are given whole requests only.

gunicorn's own gives each connection to a thread at once, and the thread waits for the request
without end: as many callers as there are threads, who vanish while they send, silence a worker for
good. Here the kernel collects what arrives, the worker's event loop looks at it without taking it,
and a thread gets the connection when the request is whole. A slow caller costs a connection, of
which there are many, instead of a thread.
"""

import re
import socket
import struct
import time
from functools import partial
from selectors import EVENT_READ

from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

# So long may a request take to arrive, counted anew whenever some of it does.
ARRIVAL_SECONDS = 30
# What is larger, chunked or waits for our 100 Continue is read by a thread, which gives up when
# nothing came for so long.
COLLECTED_BYTES = 65_536
SILENCE_SECONDS = 5

LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*(?=\r\n)", re.IGNORECASE)
EXPECT = re.compile(rb"\r\nexpect:", re.IGNORECASE)


class WholeRequestWorker(ThreadWorker):  # type: ignore[misc]
    def enqueue_req(self, conn: TConn) -> None:
        """gunicorn calls it when a connection is new, or has something to read again."""
        try:
            data = conn.sock.recv(COLLECTED_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            data = None  # nothing yet; b"" is the end
        except OSError:
            data = b""
        expected, conn.expected = getattr(conn, "expected", 0), 0
        # A caller who hung up in the middle wakes us without sending what we wait for.
        gone = data is not None and len(data) < expected
        pipelined = conn.parser is not None and conn.parser.unreader.buf.getvalue()
        if not gone and not pipelined and (wanted := bytes_wanted(data)):
            self.wait_for(conn, wanted)
            return
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        silence = struct.pack("ll", SILENCE_SECONDS, 0)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, silence)
        conn.data_ready = True
        super().enqueue_req(conn)

    def wait_for(self, conn: TConn, wanted: int) -> None:
        """Leaves the connection to the event loop until so many bytes are there."""
        conn.expected = wanted
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, wanted)
        conn.timeout = time.monotonic() + ARRIVAL_SECONDS
        self.pending_conns.append(conn)
        readable = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, EVENT_READ, readable)


def bytes_wanted(data: bytes | None) -> int:
    """How many bytes must be there before a thread is worth its while; 0 when it is."""
    if data is None:
        return 1
    head, end, _ = data.partition(b"\r\n\r\n")
    if not data or len(data) == COLLECTED_BYTES:
        return 0
    if not end:
        return len(data) + 1
    length = LENGTH.search(head + b"\r\n")
    if not length or EXPECT.search(head):
        return 0
    whole = len(head) + len(end) + int(length[1])
    return whole if len(data) < whole <= COLLECTED_BYTES else 0
