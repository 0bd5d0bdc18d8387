"""Receives request bodies in the event loop, with limits on size, time and memory."""

import asyncio
from contextlib import suppress
from io import BytesIO

from django.conf import settings

from todo_api.server.connection import ClientGone
from todo_api.server.environ import Environ, Receive
from todo_api.web.exceptions import BodyTooLarge, RequestTimeout, Unavailable

# A body must arrive within BODY_SECONDS, without a pause longer than SILENCE_SECONDS.
BODY_SECONDS, SILENCE_SECONDS = 60, 10
# While the bodies of unfinished requests take more than PENDING_BODIES_BYTES in one worker, further
# bodies larger than SMALL_BYTES are refused.
PENDING_BODIES_BYTES, SMALL_BYTES = 64 * 1024 * 1024, 65_536
# How long the rest of a refused body is read before its connection is closed.
DRAIN_SECONDS = 2

body_sizes: dict[int, int] = {}  # bytes by id(environ); todo_api.asgi removes them


async def receive_body(environ: Environ, receive: Receive) -> None:
    """Puts the body into the environ; on an error, the part that has arrived.

    Raises BodyTooLarge, RequestTimeout, Unavailable or ClientGone.
    """
    body = bytearray()
    if "CONTENT_LENGTH" not in environ and "HTTP_TRANSFER_ENCODING" not in environ:
        first = await receive()
        body += first.get("body", b"")
        if not body and not first.get("more_body"):
            return  # most requests have no body
    try:
        await collect(body, environ, receive)
    finally:
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)


async def collect(body: bytearray, environ: Environ, receive: Receive) -> None:
    """Raises BodyTooLarge, RequestTimeout, Unavailable or ClientGone."""
    declared = environ.get("CONTENT_LENGTH", "")
    if declared.isdecimal() and int(declared) > settings.MAX_BODY_BYTES:
        raise BodyTooLarge
    clock = asyncio.get_running_loop().time
    deadline, more = clock() + BODY_SECONDS, True
    while more:
        try:
            async with asyncio.timeout_at(min(deadline, clock() + SILENCE_SECONDS)):
                message = await receive()
        except TimeoutError:
            raise RequestTimeout from None
        if message["type"] == "http.disconnect":
            raise ClientGone
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > settings.MAX_BODY_BYTES:
            raise BodyTooLarge
        if len(body) > SMALL_BYTES:
            body_sizes[id(environ)] = len(body)
            if more and sum(body_sizes.values()) > PENDING_BODIES_BYTES:
                raise Unavailable


async def drain(receive: Receive) -> None:
    """Discards the rest of a refused body. Closing at once would reset the connection, and the
    client might not receive the response (RFC 9112, 9.6).
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while (await receive()).get("more_body"):
                pass
