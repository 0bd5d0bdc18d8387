"""Helpers for clients that send raw bytes, slowly, or on many connections."""

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
TOKEN = token_for(ALICE)  # one token does not exceed the limit of concurrent requests of a user
BEARER = f"Authorization: Bearer {TOKEN}"


def signed_in(sub: str = ALICE, **claims: Any) -> dict[str, Any]:
    """Returns the headers of a user's JSON request, for `todo_api.tests.http.request`."""
    return {**JSON, "authorization": f"Bearer {token_for(sub, **claims)}"}


def post(*lines: str, body: bytes, version: str = "1.1") -> bytes:
    """Returns a request that creates a task as Alice on a keep-alive connection.

    `lines` are further headers.
    """
    head = [f"POST /api/tasks HTTP/{version}", "Host: localhost", BEARER]
    head += ["Content-Type: application/json", *lines]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


def get(*lines: str, method: str = "GET", target: str = "/healthz") -> bytes:
    """Returns a request without a token and without a body."""
    head = [f"{method} {target} HTTP/1.1", "Host: localhost", *lines]
    return "\r\n".join([*head, "", ""]).encode("latin-1")


def connect(address: str, *, receive_buffer: int = 0, seconds: float = 10) -> socket.socket:
    """Returns an open connection.

    A small `receive_buffer` (bytes) limits how much of an unread response the kernel accepts.
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
    """Returns the bytes received until the server closes the connection or the socket times out."""
    data = bytearray()
    with suppress(TimeoutError, ConnectionError):
        while part := sock.recv(1_048_576):
            data += part
    return bytes(data)


def exchange(address: str, raw: bytes, *, shut_down: bool = False, seconds: float = 3) -> bytes:
    """Sends the bytes, with `shut_down` also a FIN, and returns all that is received."""
    with connect(address, seconds=seconds) as sock:
        with suppress(ConnectionError):  # closed by the server before all is sent
            sock.sendall(raw)
            if shut_down:
                sock.shutdown(socket.SHUT_WR)
        return received(sock)


def statuses(data: bytes) -> list[int]:
    """Returns the status of each response except 100, or [CLOSED] if there is no response."""
    found = [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) [\w -]+\r\n", data)]
    return [status for status in found if status >= 200] or [CLOSED]


def worker_of(log: Path) -> psutil.Process:
    """Returns the process of the worker. Fails if more than one was started."""
    (pid,) = re.findall(r"Booting worker with pid: (\d+)", log.read_text())
    return psutil.Process(int(pid))


@contextmanager
def repeatedly(
    call: Callable[[], Response], pause: float = 0.2
) -> Iterator[list[tuple[int, float]]]:
    """Sends requests while the block runs, at least one. Yields the list of their statuses and
    seconds, which is complete after the block.
    """
    seen: list[tuple[int, float]] = []
    stop = threading.Event()

    def run() -> None:
        while True:
            response, seconds = timed(call)
            seen.append((response.status, seconds))
            if stop.wait(pause):
                return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()


def assert_quick(seen: list[tuple[int, float]], status: int, seconds: float) -> None:
    """Asserts that each response has this status and took less than this number of seconds."""
    assert {found for found, _ in seen} == {status}
    assert max(took for _, took in seen) < seconds
