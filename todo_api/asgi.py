"""The ASGI application: an event loop for requests and responses, and threads for Django.

The event loop receives whole requests and sends responses, so a slow client occupies a connection
but no thread. Any ASGI server can run it. The reasons against Django's own ASGI handler are in
docs/adr/0023-a-stock-server.md.
"""

import time
from functools import partial
from typing import Any

from todo_api.wsgi import application as django  # sets up Django, before the imports below

# isort: split
from django.http import Http404, HttpRequest
from django.urls import resolve
from rest_framework.exceptions import APIException

from accounts.authentication import BearerAuthentication, refusal_of
from todo_api.request.client_address import address_of
from todo_api.request.context import ENVIRON_KEY, RequestContext
from todo_api.server.body import body_sizes, drain, receive_body
from todo_api.server.connection import ClientGone, Connection
from todo_api.server.environ import Environ, Message, Receive, Send, environ_of
from todo_api.server.response import Response, send_response
from todo_api.server.threads import RequestThreads

# Runs in the event loop, so it responds while all threads are busy. Its view must not block.
LIVENESS_PATH = "/healthz"

threads = RequestThreads()


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Handles one request (ASGI 3)."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
    if scope["type"] != "http":
        return  # lifespan: nothing to start or stop
    environ, connection = environ_of(scope), Connection(receive)
    context = environ[ENVIRON_KEY] = RequestContext()
    client = client_key(environ)
    try:
        try:
            await receive_body(environ, receive)
        except APIException as exc:
            context.early_error = exc
        context.arrived_at = time.monotonic()
        is_whole = context.early_error is None
        response = await response_to(environ, context, client, connection)
        environ.pop("wsgi.input")  # free it before the response goes to a slow client
        if not is_whole:
            response.headers.append((b"connection", b"close"))
        in_thread = partial(threads.run, client=response.user)
        await send_response(response, send, connection, in_thread)
        if not is_whole:
            await drain(receive)
    except ClientGone:
        return
    finally:
        connection.stop_listening()
        body_sizes.pop(id(environ), None)


def client_key(environ: Environ) -> str:
    """Returns the key of the client in the fair queue: its token, else its address."""
    return environ.get("HTTP_AUTHORIZATION") or address_in(environ)


def address_in(environ: Environ) -> str:
    request = HttpRequest()
    request.META = environ
    return address_of(request)


async def response_to(
    environ: Environ, context: RequestContext, client: str, connection: Connection
) -> Response:
    """Runs Django, in a thread unless the request is refused or a liveness probe. Raises ClientGone
    if the client leaves before that.
    """
    if not context.early_error and environ["PATH_INFO"].rstrip("/") != LIVENESS_PATH:
        try:
            work = partial(run_django, environ)
            refusal = partial(token_refusal, environ)
            response = await threads.run(work, client, connection, refusal)
        except APIException as exc:
            context.early_error = exc
        else:
            threads.record_wait(context)
            return response
    return run_django(environ)  # does not block: the middleware or the liveness view responds


def token_refusal(environ: Environ) -> APIException | None:
    """Returns the exception if the token of the request is refused. Uses no database."""
    try:
        view = getattr(resolve(environ["PATH_INFO"]).func, "cls", None)
    except Http404:
        return None
    if BearerAuthentication not in getattr(view, "authentication_classes", ()):
        return None  # a public view, or a page of the admin
    return refusal_of(environ.get("HTTP_AUTHORIZATION", ""))


def run_django(environ: Environ) -> Response:
    """Runs Django and returns its response. Blocks."""
    context: RequestContext = environ[ENVIRON_KEY]
    started: list[Any] = []
    start: Any = lambda status, headers: started.extend((status, headers))  # noqa: E731  (one line)
    response: Any = django(environ, start)
    status = int(started[0].partition(" ")[0])
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in started[1]]
    user = context.user_id or address_in(environ)
    if response.streaming:
        return Response(status, headers, user, context, stream=response)
    body = b"".join(response)
    response.close()
    return Response(status, headers, user, context, body)
