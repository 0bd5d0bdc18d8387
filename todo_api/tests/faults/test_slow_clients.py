"""Callers who never finish their request, or read no answer, by accident or on purpose."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from conftest import ALICE, Serve, token_for
from tasks.models import Task
from todo_api.tests.faults.service import JSON, Service, timed
from todo_api.tests.http import request

HEAD = (
    f"POST /api/tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token_for(ALICE)}\r\n"
)
BODY = f"{HEAD}Content-Type: application/json\r\n"
SIGNED_IN: dict[str, Any] = {**JSON, "authorization": f"Bearer {token_for(ALICE)}"}
HALF = {
    "nothing": "",
    "half a request line": "GET /api/ta",
    "half the headers": HEAD,
    "a blank line": "\r\n\r\n",
    "a chunked body that does not begin": BODY + "Transfer-Encoding: chunked\r\n\r\n",
    "a large body that does not begin": BODY + "Content-Length: 100000\r\n\r\n",
    "a length of ten digits": "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
    "Content-Length: 9999999999\r\n\r\n",
    "a promise": BODY + "Content-Length: 50\r\nExpect: 100-continue\r\n\r\n",
    "a request and half of the next": "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /he",
    "half a body": BODY + 'Content-Length: 50\r\n\r\n{"title": ',
}


@contextmanager
def half_open(address: str, sent: str, count: int) -> Iterator[None]:
    at = urlsplit(address)
    with ExitStack() as stack:
        for _ in range(count):
            sock = stack.enter_context(socket.create_connection((at.hostname, at.port), 5))
            sock.sendall(sent.encode())
        yield


def in_pieces(address: str, raw: bytes, size: int) -> bytes:
    """Sends so many bytes at a time; returns everything that came back."""
    at = urlsplit(address)
    with socket.create_connection((at.hostname, at.port), 15) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(raw), size):
            sock.sendall(raw[start : start + size])
            time.sleep(0.01)
        response = b""
        while data := sock.recv(65_536):
            response += data
    return response


@pytest.mark.parametrize("sent", HALF.values(), ids=HALF.keys())
def test_60_half_open_requests_silence_nobody(serve: Serve, sent: str) -> None:
    service = Service(serve())

    with half_open(service.address, sent, 60):
        responses = [timed(lambda: service.ask("GET", "/healthz")) for _ in range(5)]
        created = service.create()

    for response, seconds in responses:
        assert response.status == 200
        assert seconds < 2
    assert created.status == 201


@pytest.mark.slow
def test_60_callers_who_drip_silence_nobody(serve: Serve) -> None:
    service = Service(serve())
    at = urlsplit(service.address)
    head = "POST /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"

    with ExitStack() as stack:
        drips = [
            stack.enter_context(socket.create_connection((at.hostname, at.port), 5))
            for _ in range(60)
        ]
        for sock in drips:
            sock.sendall(head.encode())
        responses = []
        for _ in range(4):
            for sock in drips:
                sock.sendall(b"1\r\nx\r\n")
            responses.append(timed(lambda: service.ask("GET", "/healthz")))
            time.sleep(2)
        created = service.create()

    assert [response.status for response, _ in responses] == [200] * 4
    assert max(seconds for _, seconds in responses) < 2
    assert created.status == 201


def test_a_request_may_arrive_in_pieces(serve: Serve) -> None:
    address = serve("--workers", "1")
    first = request("POST", "/api/tasks", b'{"title": "First"}', **SIGNED_IN)
    kept_alive = first.replace(b"Connection: close\r\n", b"")
    chunks = b'b\r\n{"title": "\r\n8\r\nSecond"}\r\n0\r\n\r\n'
    chunked = request("POST", "/api/tasks", chunks, length=False, transfer_encoding="chunked",
                      **SIGNED_IN)  # fmt: skip
    large = b'{"title": "Third"' + b" " * 300_000 + b"}"

    slow = in_pieces(address, kept_alive + chunked, 40)
    pipelined = in_pieces(address, kept_alive + chunked, 10_000)
    big = in_pieces(address, request("POST", "/api/tasks", large, **SIGNED_IN), 30_000)

    assert slow.count(b" 201 Created") == pipelined.count(b" 201 Created") == 2
    assert big.count(b" 201 Created") == 1
    assert sorted(Task.objects.values_list("title", flat=True)) == [
        "First", "First", "Second", "Second", "Third",
    ]  # fmt: skip


def test_whoever_drips_a_chunked_body_leaves_room_for_another(serve: Serve) -> None:
    address = serve("--workers", "1")
    chunks = b'14\r\n{"title": "Chunked"}\r\n0\r\n\r\n'
    chunked = request("POST", "/api/tasks", chunks, length=False, transfer_encoding="chunked",
                      **SIGNED_IN)  # fmt: skip

    with half_open(address, HALF["a chunked body that does not begin"], 1):
        started = time.monotonic()
        response = in_pieces(address, chunked, 10_000)

    assert b" 201 Created" in response
    assert time.monotonic() - started < 2


def test_whoever_does_not_read_an_answer_silences_nobody(serve: Serve) -> None:
    service = Service(serve("--workers", "1"))
    at, path = urlsplit(service.address), "/static/drf_spectacular_sidecar/swagger-ui-dist/"
    large = f"GET {path}swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n"

    with ExitStack() as stack:
        deaf = []
        for _ in range(20):
            sock = stack.enter_context(socket.socket())
            # A narrow line, or the kernel would take all of it.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1_400)
            sock.settimeout(10)
            sock.connect((at.hostname, at.port))
            sock.sendall(large.encode())
            deaf.append(sock)
        time.sleep(1)
        responses = [timed(lambda: service.ask("GET", "/healthz")) for _ in range(5)]
        created = service.create()

        # And whoever reads at last has all of it, and may ask for more.
        late = deaf[0]
        late.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        came = bytearray()
        while data := late.recv(65_536):
            came += data

    assert [response.status for response, _ in responses] == [200] * 5
    assert max(seconds for _, seconds in responses) < 2
    assert created.status == 201
    head, _, rest = bytes(came).partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    assert length > 1_000_000
    assert rest[length:].startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_blank_line_behind_a_request_leaves_room_for_others(serve: Serve) -> None:
    address = serve("--workers", "1")
    chunks = b'14\r\n{"title": "Chunked"}\r\n0\r\n\r\n'
    chunked = request("POST", "/api/tasks", chunks, length=False, transfer_encoding="chunked",
                      **SIGNED_IN)  # fmt: skip

    with half_open(address, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n\r\n", 4):
        time.sleep(0.5)
        started = time.monotonic()
        response = in_pieces(address, chunked, 10_000)

    assert b" 201 Created" in response
    assert time.monotonic() - started < 2


@pytest.mark.slow
def test_a_body_may_take_longer_to_arrive_than_a_moment_of_silence(serve: Serve) -> None:
    address = serve("--workers", "1")
    body = b'{"title": "Slow"' + b" " * 40_000 + b"}"
    raw = request("POST", "/api/tasks", body, **SIGNED_IN)
    at = urlsplit(address)

    with socket.create_connection((at.hostname, at.port), 15) as sock:
        for start in range(0, len(raw), 1_000):
            sock.sendall(raw[start : start + 1_000])
            time.sleep(0.85)  # 35 s in all
        assert b" 201 Created" in sock.recv(65_536)


def test_a_caller_may_wait_for_100_continue(serve: Serve) -> None:
    at = urlsplit(serve("--workers", "1"))
    body = b'{"title": "Asked first"}'
    raw = request("POST", "/api/tasks", body, expect="100-continue", **SIGNED_IN)

    with socket.create_connection((at.hostname, at.port), 15) as sock:
        sock.sendall(raw.removesuffix(body))
        go_on = sock.recv(65_536)
        sock.sendall(body)
        created = sock.recv(65_536)

    assert go_on.startswith(b"HTTP/1.1 100 Continue")
    assert created.startswith(b"HTTP/1.1 201 Created")


@pytest.mark.slow
def test_a_large_body_that_stops_arriving_is_a_408(serve: Serve, tmp_path: Path) -> None:
    raw = request("POST", "/api/tasks", b'{"title": "' + b"x" * 100_000 + b'"}', **SIGNED_IN)

    response = in_pieces(serve("--workers", "1"), raw[:50_000], 50_000)

    assert response.startswith(b"HTTP/1.1 408 Request Timeout")
    assert b'"code":"request_timeout"' in response
    assert "Traceback" not in (tmp_path / "gunicorn.log").read_text()


@pytest.mark.parametrize(
    ("length", "status", "ends"), [(20, 401, False), (70_000, 401, False), (2_000_000, 413, True)]
)
def test_a_response_ends_the_connection_where_the_body_was_left_unread(
    serve: Serve, length: int, status: int, ends: bool
) -> None:
    at = urlsplit(serve("--workers", "1"))
    head = f"POST /api/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"

    with socket.create_connection((at.hostname, at.port), timeout=15) as connection:
        connection.sendall(head.encode() + b"x" * length)
        response = connection.recv(65_536).decode("latin-1")

    assert response.startswith(f"HTTP/1.1 {status}")
    assert ("\r\nconnection: close\r\n" in response.lower()) is ends


def test_without_keep_alive_each_answer_says_that_it_is_the_last(serve: Serve) -> None:
    raw = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

    response = in_pieces(serve("--workers", "1", "--keep-alive", "0"), raw, 1_000)

    assert response.startswith(b"HTTP/1.1 200 OK")
    assert b"\r\nconnection: close\r\n" in response.lower()


def test_callers_who_do_not_hang_up_after_their_last_answer_hold_up_nobody(serve: Serve) -> None:
    service = Service(serve("--workers", "1"))
    last = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    with half_open(service.address, last, 5):
        response, seconds = timed(lambda: service.ask("GET", "/healthz"))

    assert response.status == 200
    assert seconds < 2
