"""Slow clients: incomplete requests, requests in pieces, and unread responses."""

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
INCOMPLETE = {
    "nothing": "",
    "half a request line": "GET /api/ta",
    "half the headers": HEAD,
    "a blank line": "\r\n\r\n",
    "a chunked body that does not begin": BODY + "Transfer-Encoding: chunked\r\n\r\n",
    "a large body that does not begin": BODY + "Content-Length: 100000\r\n\r\n",
    "a length of ten digits": "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
    "Content-Length: 9999999999\r\n\r\n",
    "Expect without a body": BODY + "Content-Length: 50\r\nExpect: 100-continue\r\n\r\n",
    "a request and half of the next": "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /he",
    "half a body": BODY + 'Content-Length: 50\r\n\r\n{"title": ',
}


@contextmanager
def open_requests(address: str, raw: str, count: int) -> Iterator[None]:
    """Keeps `count` connections open that have sent these bytes, while the block runs."""
    at = urlsplit(address)
    with ExitStack() as stack:
        for _ in range(count):
            sock = stack.enter_context(socket.create_connection((at.hostname, at.port), 5))
            sock.sendall(raw.encode())
        yield


def in_pieces(address: str, raw: bytes, size: int) -> bytes:
    """Sends `size` bytes at a time. Returns all that is received."""
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


@pytest.mark.parametrize("raw", INCOMPLETE.values(), ids=INCOMPLETE.keys())
def test_60_incomplete_requests_do_not_block_other_clients(served: str, raw: str) -> None:
    service = Service(served)

    with open_requests(service.address, raw, 60):
        responses = [timed(lambda: service.send_request("GET", "/healthz")) for _ in range(5)]
        created = service.create()

    for response, seconds in responses:
        assert response.status == 200
        assert seconds < 2
    assert created.status == 201


@pytest.mark.slow
def test_60_slow_chunked_bodies_do_not_block_other_clients(served: str) -> None:
    service = Service(served)
    at = urlsplit(service.address)
    head = "POST /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"

    with ExitStack() as stack:
        slow = [
            stack.enter_context(socket.create_connection((at.hostname, at.port), 5))
            for _ in range(60)
        ]
        for sock in slow:
            sock.sendall(head.encode())
        responses = []
        for _ in range(4):
            for sock in slow:
                sock.sendall(b"1\r\nx\r\n")
            responses.append(timed(lambda: service.send_request("GET", "/healthz")))
            time.sleep(2)
        created = service.create()

    assert [response.status for response, _ in responses] == [200] * 4
    assert max(seconds for _, seconds in responses) < 2
    assert created.status == 201


def test_a_request_may_arrive_in_pieces(served: str) -> None:
    first = request("POST", "/api/tasks", b'{"title": "First"}', **SIGNED_IN)
    kept_alive = first.replace(b"Connection: close\r\n", b"")
    chunks = b'b\r\n{"title": "\r\n8\r\nSecond"}\r\n0\r\n\r\n'
    chunked = request("POST", "/api/tasks", chunks, length=False, transfer_encoding="chunked",
                      **SIGNED_IN)  # fmt: skip
    large = b'{"title": "Third"' + b" " * 300_000 + b"}"

    slow = in_pieces(served, kept_alive + chunked, 40)
    pipelined = in_pieces(served, kept_alive + chunked, 10_000)
    big = in_pieces(served, request("POST", "/api/tasks", large, **SIGNED_IN), 30_000)

    assert slow.count(b" 201 Created") == pipelined.count(b" 201 Created") == 2
    assert big.count(b" 201 Created") == 1
    assert sorted(Task.objects.values_list("title", flat=True)) == [
        "First", "First", "Second", "Second", "Third",
    ]  # fmt: skip


def test_a_slow_chunked_body_does_not_block_another_request(served: str) -> None:
    chunks = b'14\r\n{"title": "Chunked"}\r\n0\r\n\r\n'
    chunked = request("POST", "/api/tasks", chunks, length=False, transfer_encoding="chunked",
                      **SIGNED_IN)  # fmt: skip

    with open_requests(served, INCOMPLETE["a chunked body that does not begin"], 1):
        started = time.monotonic()
        response = in_pieces(served, chunked, 10_000)

    assert b" 201 Created" in response
    assert time.monotonic() - started < 2


def test_unread_responses_do_not_block_other_clients(served: str) -> None:
    service = Service(served)
    at, path = urlsplit(service.address), "/static/drf_spectacular_sidecar/swagger-ui-dist/"
    large = f"GET {path}swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n"

    with ExitStack() as stack:
        unread = []
        for _ in range(20):
            sock = stack.enter_context(socket.socket())
            # With larger buffers the kernel would accept the whole response.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1_400)
            sock.settimeout(10)
            sock.connect((at.hostname, at.port))
            sock.sendall(large.encode())
            unread.append(sock)
        time.sleep(1)
        responses = [timed(lambda: service.send_request("GET", "/healthz")) for _ in range(5)]
        created = service.create()

        # A client that reads late gets the whole response, and can send another request.
        late = unread[0]
        late.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        received = bytearray()
        while data := late.recv(65_536):
            received += data

    assert [response.status for response, _ in responses] == [200] * 5
    assert max(seconds for _, seconds in responses) < 2
    assert created.status == 201
    head, _, rest = bytes(received).partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    assert length > 1_000_000
    assert rest[length:].startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_blank_line_after_a_request_does_not_block_other_clients(served: str) -> None:
    chunks = b'14\r\n{"title": "Chunked"}\r\n0\r\n\r\n'
    chunked = request("POST", "/api/tasks", chunks, length=False, transfer_encoding="chunked",
                      **SIGNED_IN)  # fmt: skip

    with open_requests(served, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n\r\n", 4):
        time.sleep(0.5)
        started = time.monotonic()
        response = in_pieces(served, chunked, 10_000)

    assert b" 201 Created" in response
    assert time.monotonic() - started < 2


@pytest.mark.slow
def test_a_body_that_keeps_arriving_is_accepted_after_35_s(served: str) -> None:
    body = b'{"title": "Slow"' + b" " * 40_000 + b"}"
    raw = request("POST", "/api/tasks", body, **SIGNED_IN)
    at = urlsplit(served)

    with socket.create_connection((at.hostname, at.port), 15) as sock:
        for start in range(0, len(raw), 1_000):
            sock.sendall(raw[start : start + 1_000])
            time.sleep(0.85)  # 35 s in total
        assert b" 201 Created" in sock.recv(65_536)


def test_expect_100_continue_is_supported(served: str) -> None:
    at = urlsplit(served)
    body = b'{"title": "After 100 Continue"}'
    raw = request("POST", "/api/tasks", body, expect="100-continue", **SIGNED_IN)

    with socket.create_connection((at.hostname, at.port), 15) as sock:
        sock.sendall(raw.removesuffix(body))
        interim = sock.recv(65_536)
        sock.sendall(body)
        created = sock.recv(65_536)

    assert interim.startswith(b"HTTP/1.1 100 Continue")
    assert created.startswith(b"HTTP/1.1 201 Created")


@pytest.mark.slow
def test_a_large_body_that_stops_arriving_returns_408(serve: Serve, tmp_path: Path) -> None:
    raw = request("POST", "/api/tasks", b'{"title": "' + b"x" * 100_000 + b'"}', **SIGNED_IN)

    response = in_pieces(serve("--workers", "1"), raw[:50_000], 50_000)

    assert response.startswith(b"HTTP/1.1 408 Request Timeout")
    assert b'"code":"request_timeout"' in response
    assert "Traceback" not in (tmp_path / "gunicorn.log").read_text()


@pytest.mark.parametrize(
    ("length", "status", "closes"), [(20, 401, False), (70_000, 401, False), (2_000_000, 413, True)]
)
def test_a_response_before_the_body_is_read_closes_the_connection(
    served: str, length: int, status: int, closes: bool
) -> None:
    at = urlsplit(served)
    head = f"POST /api/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"

    with socket.create_connection((at.hostname, at.port), timeout=15) as connection:
        connection.sendall(head.encode() + b"x" * length)
        response = connection.recv(65_536).decode("latin-1")

    assert response.startswith(f"HTTP/1.1 {status}")
    assert ("\r\nconnection: close\r\n" in response.lower()) is closes


def test_without_keep_alive_each_response_has_connection_close(serve: Serve) -> None:
    raw = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

    response = in_pieces(serve("--workers", "1", "--keep-alive", "0"), raw, 1_000)

    assert response.startswith(b"HTTP/1.1 200 OK")
    assert b"\r\nconnection: close\r\n" in response.lower()


def test_clients_that_do_not_close_after_connection_close_do_not_block_others(served: str) -> None:
    service = Service(served)
    last = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    with open_requests(service.address, last, 5):
        response, seconds = timed(lambda: service.send_request("GET", "/healthz"))

    assert response.status == 200
    assert seconds < 2
