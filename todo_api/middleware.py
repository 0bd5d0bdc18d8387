"""What every request passes through."""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts import identity

Handler = Callable[[HttpRequest], HttpResponse]
SANE_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")


def request_id(request: HttpRequest) -> str:
    """The id that the answer, the error body and the log line of a request share."""
    found: str = request.META["todo_api.request_id"]
    return found


class IdentityMiddleware:
    """On API paths, statements need an identity. The last of all: nothing inside may forget it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        with identity.required():
            response = self.get_response(request)
            if response.streaming:
                # It would be read after the identity is gone, as the owner.
                raise identity.NoIdentity("a streaming answer outlives its identity")
            return response


class RequestIdMiddleware:
    """Takes X-Request-ID from the proxy (or makes one) and gives it back on every answer."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.headers.get("X-Request-ID", "")
        # Only sane characters: the value ends up in logs and in an answer header.
        request.META["todo_api.request_id"] = sent if SANE_ID.fullmatch(sent) else uuid.uuid4().hex
        response = self.get_response(request)
        response["X-Request-ID"] = request_id(request)
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response
