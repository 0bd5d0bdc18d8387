"""The body of a request, as it arrives in the event loop."""

import asyncio
from contextlib import suppress
from io import BytesIO

from django.conf import settings
from rest_framework.exceptions import APIException

from todo_api.errors import REFUSAL, BodyTooLarge, RequestTimeout, Unavailable
from todo_api.server.connection import ClientGone
from todo_api.server.environ import Environ, Receive

# A body arrives within the first, and is never silent for the second.
BODY_SECONDS, SILENCE_SECONDS = 60, 10
# A worker holds so much of bodies that have not arrived as a whole. Small ones are always taken.
INCOMPLETE_BYTES, SMALL_BYTES = 64 * 1024 * 1024, 65_536
# A refused client may go on sending so long before its connection is closed.
DRAIN_SECONDS = 2

incomplete: dict[int, int] = {}  # bytes, by the id of the bytearray


async def receive_body(environ: Environ, receive: Receive) -> bool:
    """Puts the whole body into the environ. Returns False where it did not arrive, with the reason
    in the environ. Raises ClientGone.
    """
    if "CONTENT_LENGTH" not in environ and "HTTP_TRANSFER_ENCODING" not in environ:
        await receive()
        return True
    body = bytearray()
    try:
        await collect(body, environ.get("CONTENT_LENGTH", ""), receive)
    except APIException as refusal:
        environ[REFUSAL] = refusal
    finally:
        incomplete.pop(id(body), None)
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return REFUSAL not in environ


async def collect(body: bytearray, declared: str, receive: Receive) -> None:
    """Raises BodyTooLarge, RequestTimeout, Unavailable or ClientGone."""
    if declared.isdecimal() and int(declared) > settings.MAX_BODY_BYTES:
        raise BodyTooLarge
    clock = asyncio.get_running_loop().time
    until = clock() + BODY_SECONDS
    while True:
        try:
            async with asyncio.timeout_at(min(until, clock() + SILENCE_SECONDS)):
                message = await receive()
        except TimeoutError:
            raise RequestTimeout from None
        if message["type"] == "http.disconnect":
            raise ClientGone
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
        if len(body) > settings.MAX_BODY_BYTES:
            raise BodyTooLarge
        incomplete[id(body)] = len(body)
        if len(body) > SMALL_BYTES and sum(incomplete.values()) > INCOMPLETE_BYTES:
            raise Unavailable
    if len(body) > settings.MAX_BODY_BYTES:
        raise BodyTooLarge


async def drain(receive: Receive) -> None:
    """Discards what a refused client still sends: to close at once would reset the connection, and
    the client might lose the response (RFC 9112, 9.6).
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while (await receive()).get("more_body"):
                pass
