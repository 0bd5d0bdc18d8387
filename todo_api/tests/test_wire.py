"""How answers leave: in one piece where they can, and whole in any case."""

import re
import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
import time_machine
from gunicorn.config import Config  # type: ignore[import-untyped]

from conftest import ALICE, Serve, token_for
from todo_api import wire as wire_module
from todo_api.tests.http import request, send
from todo_api.wire import AHEAD_BYTES, WholeAnswer, Wire


class Asked:
    """What gunicorn knows of a request."""

    version = (1, 1)

    def __init__(self, method: str = "GET") -> None:
        self.method = method

    def should_close(self) -> bool:
        return False


class Sent:
    """A socket that remembers what was sent, call by call."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.pieces.append(data)


def answered(parts: list[bytes], *headers: tuple[str, str], **asked: Any) -> list[bytes]:
    status, sent = asked.pop("status", "200 OK"), Sent()
    answer = WholeAnswer(Asked(**asked), sent, Config())
    answer.start_response(status, list(headers))
    for part in parts:
        answer.write(part)
    answer.close()
    return sent.pieces


def test_headers_leave_with_the_body() -> None:
    (piece,) = answered([b"hello"], ("Content-Length", "5"), ("X-One", "1"))

    head, _, body = piece.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert head.endswith(b"Content-Length: 5\r\nX-One: 1")
    assert body == b"hello"


def test_a_body_of_unknown_length_leaves_in_chunks_behind_them() -> None:
    head, *chunks = answered([b"hello", b"world"])

    assert b"Transfer-Encoding: chunked" in head
    assert b"".join(chunks) == b"5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("method", "status", "parts"),
    [("DELETE", "204 No Content", []), ("GET", "304 Not Modified", []), ("HEAD", "200 OK", [b"x"])],
)
def test_without_a_body_the_headers_leave_alone(
    method: str, status: str, parts: list[bytes]
) -> None:
    (piece,) = answered(parts, ("Content-Length", "1"), method=method, status=status)

    assert piece.startswith(f"HTTP/1.1 {status}\r\n".encode())
    assert piece.endswith(b"\r\n\r\n")


def test_an_answer_says_when_it_was_made() -> None:
    dates = []
    for second in (0, 0, 1):
        with time_machine.travel(1_800_000_000 + second, tick=False):
            (piece,) = answered([b"x"], ("Content-Length", "1"))
        dates += re.findall(rb"\r\nDate: (.+)\r\n", piece)

    days = b"Fri, 15 Jan 2027 08:00:"
    assert dates == [days + b"00 GMT", days + b"00 GMT", days + b"01 GMT"]


def test_a_socket_is_asked_only_for_what_it_is_not() -> None:
    ours, theirs = socket.socketpair()
    with Wire(fileno=ours.detach()) as wire, theirs:
        wire.setblocking(True)
        assert wire.getblocking()
        wire.setblocking(False)
        assert not wire.getblocking()
        for seconds in (2.5, 2.5, None):
            wire.settimeout(seconds)
            assert wire.gettimeout() == seconds


def test_an_answer_without_end_is_written_no_further_ahead_than_it_is_taken() -> None:
    ours, theirs = socket.socketpair()
    theirs.settimeout(5)
    line, came, ahead = b"x" * 99_999 + b"\n", bytearray(), 0
    with Wire(fileno=ours.detach()) as wire, theirs, ThreadPoolExecutor(1) as pool:

        def read() -> None:
            while len(came) < 300 * len(line) - AHEAD_BYTES:
                came.extend(theirs.recv(1_000_000))

        reading = pool.submit(read)
        for _ in range(300):
            wire.sendall(line)
            ahead = max(ahead, len(wire.unsent))
        reading.result(10)

        assert ahead <= AHEAD_BYTES + len(line)
        theirs.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                came.extend(theirs.recv(1_000_000))
        assert bytes(came) + wire.unsent == 300 * line


def test_whoever_takes_nothing_of_it_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire_module, "TAKING_SECONDS", 0.1)
    ours, theirs = socket.socketpair()
    with Wire(fileno=ours.detach()) as wire, theirs:
        wire.sendall(bytes(AHEAD_BYTES))  # a single part never waits
        with pytest.raises(ConnectionResetError):
            wire.sendall(bytes(AHEAD_BYTES))


def test_whoever_is_silent_while_a_thread_waits_is_gone() -> None:
    ours, theirs = socket.socketpair()
    with Wire(fileno=ours.detach()) as wire, theirs:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 50_000))

        with pytest.raises(ConnectionResetError):
            wire.recv(10)
        with pytest.raises(BlockingIOError):
            wire.recv(10, socket.MSG_DONTWAIT)
        wire.setblocking(False)
        with pytest.raises(BlockingIOError):
            wire.recv(10)


def test_files_pages_and_tasks_are_whole(serve: Serve) -> None:
    address = serve("--workers", "1")
    signed_in: dict[str, Any] = {"authorization": f"Bearer {token_for(ALICE)}"}

    style = send(address, request("GET", "/static/admin/css/base.css"))
    listed = send(address, request("GET", "/api/tasks", **signed_in))

    assert len(style.body) == int(style.headers["content-length"]) > 10_000
    assert (listed.status, listed.json) == (200, [])
