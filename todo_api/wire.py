"""How gunicorn's worker reads from a socket and writes to it, with fewer calls of the kernel.

Each call lets go of Python's global lock, and while other threads compute, to get it back takes
longer than the call.
"""

import socket
import time
from contextlib import suppress
from errno import ECONNRESET
from functools import lru_cache
from typing import Any

from gunicorn import util  # type: ignore[import-untyped]
from gunicorn.http.wsgi import Response  # type: ignore[import-untyped]

# So much of an answer in parts may be ahead of what its caller takes; a file is smaller.
AHEAD_BYTES = 4 * 1024 * 1024
# So long may whoever is sent more take nothing of it.
TAKING_SECONDS = 30


class Wire(socket.socket):
    """gunicorn makes it blocking before each request, and puts its timeout back after it: it is as
    it was.
    """

    unsent: bytes | bytearray = b""

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Raises ConnectionResetError, which gunicorn takes for what it is, where a caller that a
        thread waits for is silent for too long (SO_RCVTIMEO).
        """
        try:
            return super().recv(size, flags)
        except BlockingIOError as exc:
            if flags or not self.getblocking():
                raise
            raise ConnectionResetError(ECONNRESET, "the caller is silent") from exc

    def sendall(self, data: Any, flags: int = 0) -> None:
        """What the caller does not take at once is the event loop's to send (todo_api.sending), but
        for an operator's export, which has no end: there the thread waits.
        """
        if isinstance(self.unsent, bytearray):
            self.unsent += data
            if len(self.unsent) > AHEAD_BYTES:
                self.wait_for_room(self.unsent)
            return
        rest = memoryview(data)
        with suppress(BlockingIOError):
            rest = rest[self.send(rest, socket.MSG_DONTWAIT) :]
        if rest:
            self.unsent = bytearray(rest)

    def wait_for_room(self, unsent: bytearray) -> None:
        self.settimeout(TAKING_SECONDS)
        try:
            while len(unsent) > AHEAD_BYTES:
                del unsent[: self.send(unsent)]
        except TimeoutError as exc:
            raise ConnectionResetError(ECONNRESET, "the caller takes nothing") from exc
        finally:
            self.settimeout(None)

    def setblocking(self, flag: bool) -> None:
        if self.getblocking() is not flag:
            super().setblocking(flag)

    def settimeout(self, value: float | None) -> None:
        if self.gettimeout() != value:
            super().settimeout(value)


class WholeAnswer(Response):  # type: ignore[misc]
    """Headers leave with the first part of the body, and the caller wakes up once."""

    head = b""

    def send_headers(self) -> None:
        if not self.headers_sent:
            lines = [f"{name}: {value}\r\n" for name, value in self.headers]
            self.head = "".join([*self.default_headers(), *lines, "\r\n"]).encode("latin-1")
            self.headers_sent: bool = True

    def default_headers(self) -> list[str]:
        """gunicorn's own, but for the date, which it would write anew for each answer."""
        (major, minor), ending = self.req.version, "close" if self.should_close() else "keep-alive"
        lines = [
            f"HTTP/{major}.{minor} {self.status}\r\n",
            f"Server: {self.version}\r\n",
            f"Date: {date_at(int(time.time()))}\r\n",
            f"Connection: {ending}\r\n",
        ]
        return [*lines, "Transfer-Encoding: chunked\r\n"] if self.chunked else lines

    def _emit_body(self, data: bytes) -> None:
        if self.chunked:
            self.send_head()
            super()._emit_body(data)
        else:
            head, self.head = self.head, b""
            self.sock.sendall(head + data if head else data)

    def close(self) -> None:
        self.send_headers()
        self.send_head()  # where there was no body
        super().close()

    def send_head(self) -> None:
        if self.head:
            self.sock.sendall(self.head)
            self.head = b""


@lru_cache(maxsize=1)
def date_at(second: int) -> str:
    return str(util.http_date(second))
