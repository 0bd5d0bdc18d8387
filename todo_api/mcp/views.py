"""The view of POST /api/mcp."""

import re
from io import BytesIO
from typing import Any

import msgspec
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import InsufficientScope
from todo_api.mcp import tools  # noqa: F401  (registers the tools)
from todo_api.mcp.calls import TOO_DEEP
from todo_api.mcp.registry import CALLS, SERVER, Failed
from todo_api.web.rendering import AnyFormat
from todo_api.web.scopes import METHODS, READ, WRITE, Scopes


class McpView(APIView):
    """The protocol is that of django-mcpz. The token, its scope and the limits are those of every
    view, and so are all errors that an agent cannot correct.
    """

    http_method_names = ["post"]
    content_negotiation_class = AnyFormat  # clients also accept event streams; there are none
    request: Request

    @property
    def required_scopes(self) -> Scopes:
        """That of the called tool. Connecting and listing the tools need the scope to read. The
        same for other methods, because clients expect a 405 when they ask for an event stream.
        """
        return dict.fromkeys(METHODS, scope_of(message_in(self.request.body)))

    def handle_exception(self, exc: Exception) -> Response:
        """Names both scopes where one to write is missing: a client that asks for the named scopes
        alone could not connect with the other one.
        """
        if isinstance(exc, InsufficientScope) and exc.scope == WRITE:
            exc = InsufficientScope(WRITE, beside=READ)
        return super().handle_exception(exc)

    @extend_schema(
        summary="Call tools on own tasks, as an agent",
        description="The Model Context Protocol over HTTP, without sessions and event streams.",
        request=OpenApiTypes.OBJECT,
        responses={
            200: OpenApiResponse(OpenApiTypes.OBJECT, "A JSON-RPC response"),
            202: OpenApiResponse(description="A notification, which needs no response"),
            400: OpenApiResponse(OpenApiTypes.OBJECT, "A JSON-RPC error"),
            404: OpenApiResponse(OpenApiTypes.OBJECT, "A JSON-RPC error: no such method"),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        try:
            return SERVER(request_for_server(request))
        except Failed as exc:
            raise exc.cause from exc.cause.__cause__  # which tells the kind of a database error
        except RecursionError as exc:
            raise ParseError(TOO_DEEP) from exc


def message_in(body: bytes) -> Any:
    """Returns the message in a body; None if it is not JSON, which the server responds to. Raises
    ParseError for one that is nested too deeply, which the server does not expect.
    """
    try:
        return msgspec.json.decode(body)
    except RecursionError as exc:
        raise ParseError(TOO_DEEP) from exc
    except ValueError:
        return None


def scope_of(message: Any) -> str:
    """Returns the scope that a message needs."""
    if isinstance(message, dict) and message.get("method") == "tools/call":
        params = message.get("params")
        name = params.get("name") if isinstance(params, dict) else None
        if isinstance(name, str) and name in CALLS:
            return CALLS[name].scope
    return READ


def request_for_server(request: Request) -> HttpRequest:
    """Returns the request with its user. The server accepts the origins of ALLOWED_HOSTS only, so
    one of CORS_ORIGINS is left out.
    """
    environ = {**request.META, "wsgi.input": BytesIO(request.body)}
    if is_allowed_origin(environ.get("HTTP_ORIGIN", "")):
        del environ["HTTP_ORIGIN"]
    copy: Any = WSGIRequest(environ)
    copy.user, copy.auth = request.user, request.auth
    found: HttpRequest = copy
    return found


def is_allowed_origin(origin: str) -> bool:
    return origin in settings.CORS_ALLOWED_ORIGINS or any(
        re.match(pattern, origin) for pattern in settings.CORS_ALLOWED_ORIGIN_REGEXES
    )
