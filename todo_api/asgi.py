"""Django behind ASGI: the event loop receives whole requests and sends responses, threads run
Django.

A slow client costs a connection and never a thread. Nothing here depends on which ASGI server
runs it. Why not Django's own ASGI handler: docs/adr/0023-a-stock-server.md.
"""

import time
from functools import partial
from typing import Any

from todo_api.wsgi import application as django  # sets Django up, which the others need

# isort: split
from django.http import Http404, HttpRequest
from django.urls import resolve
from rest_framework.exceptions import APIException

from accounts.authentication import BearerAuthentication, refusal_of
from todo_api.request.client_address import address_of
from todo_api.request.context import ENVIRON_KEY, RequestContext
from todo_api.server.body import drain, held, receive_body
from todo_api.server.connection import ClientGone, Connection
from todo_api.server.environ import Environ, Message, Receive, Send, environ_of
from todo_api.server.response import Response, send_response
from todo_api.server.threads import RequestThreads

# Runs in the event loop, whatever the threads do: it must wait for nothing.
ALIVE = "/healthz"

threads = RequestThreads()


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Serves one request, as ASGI defines it."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
    if scope["type"] != "http":
        return  # lifespan: there is nothing to start or to end
    environ, connection = environ_of(scope), Connection(receive)
    context = environ[ENVIRON_KEY] = RequestContext()
    client = client_of(environ)
    try:
        try:
            await receive_body(environ, receive)
        except APIException as refusal:
            context.refused = refusal
        context.arrived_at = time.monotonic()
        is_whole = context.refused is None
        response = await response_to(environ, context, client, connection)
        environ.pop("wsgi.input")  # a slow client need not keep both bodies in memory
        if not is_whole:
            response.headers.append((b"connection", b"close"))
        in_thread = partial(threads.run, client=response.user)
        await send_response(response, send, connection, in_thread)
        if not is_whole:
            await drain(receive)
    except ClientGone:
        return
    finally:
        connection.forget()
        held.pop(id(environ), None)


def client_of(environ: Environ) -> str:
    """Returns whose turn a request takes: that of its token, else of its address."""
    return environ.get("HTTP_AUTHORIZATION") or address_in(environ)


def address_in(environ: Environ) -> str:
    request = HttpRequest()
    request.META = environ
    return address_of(request)


async def response_to(
    environ: Environ, context: RequestContext, client: str, connection: Connection
) -> Response:
    """Raises ClientGone when the client leaves before its request begins."""
    if not context.refused and environ["PATH_INFO"].rstrip("/") != ALIVE:
        try:
            work = partial(run_django, environ)
            refusal = partial(token_refusal, environ)
            response = await threads.run(work, client, connection, refusal)
        except APIException as refusal:
            context.refused = refusal
        else:
            threads.note_wait(context)
            return response
    # No thread: it waits for nothing.
    return run_django(environ)


def token_refusal(environ: Environ) -> APIException | None:
    """Returns why the token of a request is refused, if it is. Asks no database."""
    try:
        view = getattr(resolve(environ["PATH_INFO"]).func, "cls", None)
    except Http404:
        return None
    if BearerAuthentication not in getattr(view, "authentication_classes", ()):
        return None  # public, or a page
    return refusal_of(environ.get("HTTP_AUTHORIZATION", ""))


def run_django(environ: Environ) -> Response:
    """Returns Django's response. Blocks."""
    context: RequestContext = environ[ENVIRON_KEY]
    begun: list[Any] = []
    start: Any = lambda status, headers: begun.extend((status, headers))  # noqa: E731
    response: Any = django(environ, start)
    status = int(begun[0].partition(" ")[0])
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in begun[1]]
    user = context.user_id or address_in(environ)
    if response.streaming:
        return Response(status, headers, user, context, stream=response)
    body = b"".join(response)
    response.close()
    return Response(status, headers, user, context, body)
