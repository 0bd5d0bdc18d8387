"""The ASGI application, called directly. todo_api/tests/faults tests it over sockets."""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import path

from todo_api import asgi
from todo_api.request.context import RequestContext, current_request
from todo_api.server import body, response
from todo_api.server.environ import Message
from todo_api.tests.test_environ import scope

DISCONNECT = {"type": "http.disconnect"}


def part(data: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": data, "more_body": more}


def served(scope: dict[str, Any], *messages: dict[str, Any]) -> list[Message]:
    """Returns what the application sends when it receives these messages and no more."""
    incoming: list[Message] = list(messages)
    sent: list[Message] = []

    async def receive() -> Message:
        if not incoming:
            await asyncio.sleep(60)
        return incoming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    async def run() -> None:
        async with asyncio.timeout(10):
            await asgi.application(scope, receive, send)

    asyncio.run(run())
    return sent


def posted(*parts: dict[str, Any], **headers: str) -> list[Message]:
    names = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    return served(scope(method="POST", headers=[(b"host", b"testserver"), *names]), *parts)


def problem(sent: list[Message]) -> tuple[int, str, str | None]:
    """Returns the status, the error code and the header Connection."""
    start, complete = sent
    headers = {name.lower().decode(): value.decode() for name, value in start["headers"]}
    return start["status"], json.loads(complete["body"])["code"], headers.get("connection")


def test_health_probes_need_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi.threads, "idle", [])

    start, complete = served(scope(raw_path=b"/healthz/"), part(b""))

    assert (start["status"], complete["body"]) == (200, b'{"status":"healthy"}')


def test_other_protocols_are_declined() -> None:
    assert served({"type": "websocket"}) == [{"type": "websocket.close"}]
    assert served({"type": "lifespan"}) == []


def test_a_content_length_above_the_limit_returns_413_before_the_body_is_read() -> None:
    sent = posted(DISCONNECT, content_length="1048577")

    assert problem(sent) == (413, "body_too_large", "close")


def test_a_chunked_body_above_the_limit_returns_413() -> None:
    parts = part(b" " * 1_000_000, more=True), part(b" " * 48_577)

    sent = posted(*parts, DISCONNECT, transfer_encoding="chunked")

    assert problem(sent) == (413, "body_too_large", "close")


def test_a_body_that_stops_arriving_returns_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "SILENCE_SECONDS", 0.05)
    monkeypatch.setattr(body, "DRAIN_SECONDS", 0.05)

    sent = posted(part(b"{", more=True), content_length="100")

    assert problem(sent) == (408, "request_timeout", "close")
    assert body.body_sizes == {}


def test_a_body_that_takes_too_long_in_total_returns_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "BODY_SECONDS", 0)
    monkeypatch.setattr(body, "DRAIN_SECONDS", 0.05)

    sent = posted(content_length="100")

    assert problem(sent) == (408, "request_timeout", "close")


def test_large_bodies_return_503_while_the_worker_buffers_too_many_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(body, "PENDING_BODIES_BYTES", 100_000)
    monkeypatch.setitem(body.body_sizes, 1, 50_000)

    large = posted(part(b" " * 70_000, more=True), part(b""), content_length="70000")
    small = posted(part(b" " * 60_000, more=True), part(b""), content_length="60000")

    assert problem(large) == (503, "unavailable", "close")
    assert problem(small) == (401, "not_authenticated", None)
    assert body.body_sizes == {1: 50_000}


def test_a_client_that_disconnects_before_its_body_is_complete_gets_no_response() -> None:
    assert posted(part(b'{"title": "x"}', more=True), DISCONNECT, content_length="60") == []


def test_a_complete_chunked_body_reaches_django() -> None:
    sent = posted(part(b"{", more=True), part(b""), transfer_encoding="chunked")

    assert problem(sent) == (401, "not_authenticated", None)


def test_a_request_past_its_deadline_is_not_started_and_returns_503(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(RequestContext, "seconds_left", lambda self: 0.0)

    assert problem(served(scope(headers=[(b"host", b"testserver")]), part(b""))) == (
        503, "unavailable", None,
    )  # fmt: skip


@pytest.fixture
def stream(settings: Any) -> list[str]:
    """Returns the steps that the view /stream has done; the URL configuration is this module's."""
    settings.ROOT_URLCONF = __name__
    done.clear()
    return done


done: list[str] = []


def streamed(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[bytes]:
        try:
            for number in range(4):
                done.append(str(number))
                yield b"x" * 40_000
        finally:
            done.append("closed")

    return StreamingHttpResponse(parts())


def test_a_stream_is_read_while_it_is_sent_and_then_closed(stream: list[str]) -> None:
    start, *parts, end = served(
        scope(raw_path=b"/stream", headers=[(b"host", b"testserver")]), part(b"")
    )

    assert start["status"] == 200
    assert [len(message["body"]) for message in parts] == [80_000, 80_000]
    assert end == {"type": "http.response.body"}
    assert stream == ["0", "1", "2", "3", "closed"]


def test_a_stream_is_closed_when_its_client_disconnects(stream: list[str]) -> None:
    _, *parts = served(
        scope(raw_path=b"/stream", headers=[(b"host", b"testserver")]), part(b""), DISCONNECT
    )

    assert [len(message.get("body", b"")) for message in parts] == [80_000, 0]
    assert stream == ["0", "1", "closed"]


def test_each_part_of_a_stream_has_its_own_deadline() -> None:
    context = RequestContext(arrived_at=time.monotonic() - 60)
    seconds = (str(current_request().seconds_left() > 9).encode() for _ in range(2))

    assert response.read_ahead(seconds, context) == b"TrueTrue"


def test_a_large_response_is_sent_in_parts() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    large = response.Response(200, [], "alice", RequestContext(), bytes(range(256)) * 600)
    asyncio.run(response.send_response(large, send, None, None))  # type: ignore[arg-type]  # a plain function is enough

    assert [len(message.get("body", b"")) for message in sent] == [0, 65_536, 65_536, 22_528, 0]
    assert b"".join(message.get("body", b"") for message in sent) == large.body


urlpatterns = [path("stream", streamed)]
