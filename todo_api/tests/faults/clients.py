"""Clients of the service that no HTTP library would be: raw bytes, many at once, in no hurry."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from conftest import ALICE, token_for
from todo_api.tests.faults.service import JSON, timed
from todo_api.tests.http import Response

# The status of a connection that ended without a response.
CLOSED = 0
TOKEN = token_for(ALICE)  # of one token no more are at work than a user may have
BEARER = f"Authorization: Bearer {TOKEN}"


def signed_in(sub: str = ALICE, **claims: Any) -> dict[str, Any]:
    """The headers of a JSON request of a user, for `todo_api.tests.http.request`."""
    return {**JSON, "authorization": f"Bearer {token_for(sub, **claims)}"}


def post(*lines: str, body: bytes, version: str = "1.1") -> bytes:
    """Returns a request to create a task as Alice, which may stay open. `lines` are headers."""
    head = [f"POST /api/tasks HTTP/{version}", "Host: localhost", BEARER]
    head += ["Content-Type: application/json", *lines]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


def get(*lines: str, method: str = "GET", target: str = "/healthz") -> bytes:
    """Returns a request of nobody that ends with its head."""
    head = [f"{method} {target} HTTP/1.1", "Host: localhost", *lines]
    return "\r\n".join([*head, "", ""]).encode("latin-1")


def connect(address: str, *, receive_buffer: int = 0, seconds: float = 10) -> socket.socket:
    """Returns an open connection. With a `receive_buffer` of so many bytes the kernel takes little
    of a response that nobody reads.
    """
    at = urlsplit(address)
    sock = socket.socket()
    sock.settimeout(seconds)
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1_400)
    try:
        sock.connect((at.hostname, at.port))
    except OSError:
        sock.close()
        raise
    return sock


def received(sock: socket.socket) -> bytes:
    """Returns what arrives until the server closes the connection, or is silent for the time-out
    of the socket.
    """
    came = bytearray()
    with suppress(TimeoutError, ConnectionError):
        while data := sock.recv(1_048_576):
            came += data
    return bytes(came)


def exchange(address: str, raw: bytes, *, shut_down: bool = False, seconds: float = 3) -> bytes:
    """Sends the bytes, with `shut_down` also a FIN; returns everything that was received."""
    with connect(address, seconds=seconds) as sock:
        with suppress(ConnectionError):  # refused before all of it was sent
            sock.sendall(raw)
            if shut_down:
                sock.shutdown(socket.SHUT_WR)
        return received(sock)


def statuses(came: bytes) -> list[int]:
    """Returns the status of each response (100 is none); [CLOSED] where there is none."""
    found = [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) [\w -]+\r\n", came)]
    return [status for status in found if status >= 200] or [CLOSED]


def worker_of(log: Path) -> psutil.Process:
    """Returns the process of the only worker that was started so far."""
    (pid,) = re.findall(r"Booting worker with pid: (\d+)", log.read_text())
    return psutil.Process(int(pid))


@contextmanager
def repeatedly(
    ask: Callable[[], Response], pause: float = 0.2
) -> Iterator[list[tuple[int, float]]]:
    """Sends requests while the block runs, at least one. Yields the list of the statuses and
    their seconds, which is complete behind the block.
    """
    seen: list[tuple[int, float]] = []
    over = threading.Event()

    def run() -> None:
        while True:
            response, seconds = timed(ask)
            seen.append((response.status, seconds))
            if over.wait(pause):
                return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join(30)
    assert not thread.is_alive()


def assert_quick(seen: list[tuple[int, float]], status: int, seconds: float) -> None:
    """Checks that each was of this status, and took less than so many seconds."""
    assert {found for found, _ in seen} == {status}
    assert max(took for _, took in seen) < seconds
