"""What every request passes through."""

import re
import uuid
from collections.abc import Callable
from typing import Any

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.middleware import common, http

from accounts import identity
from todo_api import notes
from todo_api.errors import problem, request_id

Handler = Callable[[HttpRequest], HttpResponse]
CONDITIONS = {
    "HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE",
}  # fmt: skip
SANE_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")


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


class PagesMiddleware:
    """From here API requests go straight on to IdentityMiddleware: sessions, messages and the like
    are for pages. They stay in MIDDLEWARE, where Django's system checks look for them.
    """

    def __init__(self, get_response: Handler) -> None:
        self.pages = get_response
        handler: Any = get_response
        # Django makes the last middleware first, and wraps each to catch what it raises.
        while not isinstance(handler.__wrapped__, IdentityMiddleware):
            handler = handler.__wrapped__.get_response
        self.identity: Handler = handler

    def __call__(self, request: HttpRequest) -> HttpResponse:
        handler = self.identity if request.path_info.startswith("/api/") else self.pages
        return handler(request)


class ConditionalGetMiddleware(http.ConditionalGetMiddleware):
    """Django's ETag and 304 for every GET, with our body for its 412."""

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        unasked = "ETag" in response and CONDITIONS.isdisjoint(request.META)
        if response.status_code != 200 or unasked:
            return response
        answer = super().process_response(request, response)
        if answer.status_code == 412 and answer is not response:
            return problem(request, 412, "It was changed in the meantime")
        return answer


class RequestIdMiddleware:
    """Takes X-Request-ID from the proxy (or makes one) and gives it back on every answer."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.headers.get("X-Request-ID", "")
        # Only sane characters: the value ends up in logs and in an answer header.
        taken = sent if SANE_ID.fullmatch(sent) else uuid.uuid4().hex
        request.META["todo_api.request_id"] = taken
        begun = notes.begin(notes.Notes(taken))
        try:
            response = self.get_response(request)
        finally:
            notes.end(begun)
        response["X-Request-ID"] = request_id(request)
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


class KnownHostMiddleware(common.CommonMiddleware):
    """Django's Content-Length. Refuses other host names before anything asks for them: Django's own
    answer to one is a page with our settings while DEBUG is on.
    """

    def process_request(self, request: HttpRequest) -> Any:
        try:
            request.get_host()
        except DisallowedHost:
            return problem(request, 400, "The request could not be understood")
        return None
