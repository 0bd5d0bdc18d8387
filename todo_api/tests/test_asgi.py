"""The application as an ASGI server sees it. (Over sockets: todo_api/tests/faults.)"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import path

from todo_api import asgi
from todo_api.request.context import RequestContext
from todo_api.server import body, response
from todo_api.server.environ import Message
from todo_api.tests.test_environ import scope

OVER = {"type": "http.disconnect"}


def part(data: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": data, "more_body": more}


def served(scope: dict[str, Any], *came: dict[str, Any]) -> list[Message]:
    """What the application sends where this comes in, and then nothing any more."""
    coming: list[Message] = list(came)
    sent: list[Message] = []

    async def receive() -> Message:
        if not coming:
            await asyncio.sleep(60)
        return coming.pop(0)

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
    """The status, the code, and what is said of the connection."""
    start, whole = sent
    headers = {name.lower().decode(): value.decode() for name, value in start["headers"]}
    return start["status"], json.loads(whole["body"])["code"], headers.get("connection")


def test_probes_are_answered_without_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi.threads, "idle", [])

    start, whole = served(scope(raw_path=b"/healthz/"), part(b""))

    assert (start["status"], whole["body"]) == (200, b'{"status":"healthy"}')


def test_other_protocols_are_declined() -> None:
    assert served({"type": "websocket"}) == [{"type": "websocket.close"}]
    assert served({"type": "lifespan"}) == []


def test_a_body_that_is_declared_too_large_is_refused_before_it_is_read() -> None:
    sent = posted(OVER, content_length="1048577")

    assert problem(sent) == (413, "body_too_large", "close")


def test_a_body_that_turns_out_too_large_is_refused() -> None:
    parts = part(b" " * 1_000_000, more=True), part(b" " * 48_577)

    sent = posted(*parts, OVER, transfer_encoding="chunked")

    assert problem(sent) == (413, "body_too_large", "close")


def test_a_body_that_stops_arriving_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "SILENCE_SECONDS", 0.05)
    monkeypatch.setattr(body, "DRAIN_SECONDS", 0.05)

    sent = posted(part(b"{", more=True), content_length="100")

    assert problem(sent) == (408, "request_timeout", "close")
    assert body.held == {}


def test_a_body_that_drips_is_refused_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "BODY_SECONDS", 0)
    monkeypatch.setattr(body, "DRAIN_SECONDS", 0.05)

    sent = posted(content_length="100")

    assert problem(sent) == (408, "request_timeout", "close")


def test_large_bodies_are_refused_while_a_worker_holds_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(body, "HELD_BYTES", 100_000)
    monkeypatch.setitem(body.held, 1, 50_000)

    large = posted(part(b" " * 70_000, more=True), part(b""), content_length="70000")
    small = posted(part(b" " * 60_000, more=True), part(b""), content_length="60000")

    assert problem(large) == (503, "unavailable", "close")
    assert problem(small) == (401, "not_authenticated", None)
    assert body.held == {1: 50_000}


def test_nothing_is_done_where_the_client_leaves_before_its_body_is_whole() -> None:
    assert posted(part(b'{"title": "x"}', more=True), OVER, content_length="60") == []


def test_a_whole_body_reaches_django_with_its_length() -> None:
    sent = posted(part(b"{", more=True), part(b""), transfer_encoding="chunked")

    assert problem(sent) == (401, "not_authenticated", None)


def test_a_request_that_waited_for_its_deadline_is_not_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(RequestContext, "seconds_left", lambda self: 0.0)

    assert problem(served(scope(headers=[(b"host", b"testserver")]), part(b""))) == (
        503, "unavailable", None,
    )  # fmt: skip


@pytest.fixture
def stream(settings: Any) -> list[str]:
    """What /stream did, while the settings name it."""
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


def test_a_stream_is_read_as_it_is_sent_and_closed(stream: list[str]) -> None:
    start, *parts, end = served(
        scope(raw_path=b"/stream", headers=[(b"host", b"testserver")]), part(b"")
    )

    assert start["status"] == 200
    assert [len(message["body"]) for message in parts] == [80_000, 80_000]
    assert end == {"type": "http.response.body"}
    assert stream == ["0", "1", "2", "3", "closed"]


def test_a_stream_ends_when_its_client_leaves(stream: list[str]) -> None:
    _, *parts = served(
        scope(raw_path=b"/stream", headers=[(b"host", b"testserver")]), part(b""), OVER
    )

    assert [len(message.get("body", b"")) for message in parts] == [80_000, 0]
    assert stream == ["0", "1", "closed"]


def test_a_large_response_leaves_in_parts() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    whole = response.Response(200, [], "alice", RequestContext(), bytes(range(256)) * 600)
    asyncio.run(response.send_response(whole, send, None, None))  # type: ignore[arg-type]

    assert [len(message.get("body", b"")) for message in sent] == [0, 65_536, 65_536, 22_528, 0]
    assert b"".join(message.get("body", b"") for message in sent) == whole.body


urlpatterns = [path("stream", streamed)]
