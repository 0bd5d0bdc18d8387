"""Sends responses from the event loop: large ones in parts, as fast as the client reads."""

import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from django.db import close_old_connections

from todo_api.limits.send_buffers import send_buffers
from todo_api.request.context import RequestContext, active
from todo_api.server.connection import Connection
from todo_api.server.environ import Send

# Approximate size of a part that is sent, or read from a stream.
PART_BYTES = 65_536
# Upper bound for the memory of one stream.
STREAM_BYTES = 2 * 1024 * 1024

Headers = list[tuple[bytes, bytes]]
InThread = Callable[[Callable[[], Any]], Awaitable[Any]]


class Response(NamedTuple):
    """A response of Django. It has either a `body` or a `stream` (Django's streaming response).
    `user` is the user id, or the client address when no user is known.
    """

    status: int
    headers: Headers
    user: str
    context: RequestContext
    body: bytes = b""
    stream: Any = None


async def send_response(
    response: Response, send: Send, connection: Connection, in_thread: InThread
) -> None:
    """Sends a response and returns when the server has accepted all of it. `in_thread` runs a
    function in a thread; it reads and closes the stream.
    """
    start = {"status": response.status, "headers": response.headers}
    await send({"type": "http.response.start", **start})
    body = response.body
    if response.stream is None and len(body) <= PART_BYTES:
        await send({"type": "http.response.body", "body": body})
        return

    async def send_part(part: bytes) -> None:
        await send({"type": "http.response.body", "body": part, "more_body": True})

    with send_buffers.holding(response.user, len(body) or STREAM_BYTES):
        if response.stream is None:
            for begin in range(0, len(body), PART_BYTES):
                await send_part(body[begin : begin + PART_BYTES])
        else:
            await send_stream(response, send_part, connection, in_thread)
        await send({"type": "http.response.body"})


async def send_stream(
    response: Response,
    send_part: Callable[[bytes], Awaitable[None]],
    connection: Connection,
    in_thread: InThread,
) -> None:
    parts = iter(response.stream)
    try:
        while part := await in_thread(partial(read_ahead, parts, response.context)):
            await send_part(part)
            if await connection.is_gone():
                break
    finally:
        await in_thread(response.stream.close)


def read_ahead(parts: Iterator[bytes], context: RequestContext) -> bytes:
    """Returns the next parts, joined; b"" at the end. Runs in a thread, in the context of the
    request and with a new deadline.
    """
    read = bytearray()
    close_old_connections()
    context.arrived_at = time.monotonic()
    with active(context):
        for part in parts:
            read += part
            if len(read) >= PART_BYTES:
                break
    return bytes(read)
