"""What every request passes, and what every answer gets."""

import hashlib
import random
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.exception import convert_exception_to_response
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import get_resolver
from django.utils.cache import get_conditional_response
from rest_framework.exceptions import APIException

from accounts import identity
from todo_api.errors import problem, response_for
from todo_api.limits import at_work
from todo_api.limits.rate_limits import tell_usage
from todo_api.request.context import ENVIRON_KEY, RequestContext, active, current_request
from todo_api.web.body import check_readable
from todo_api.web.contract import canonical_query
from todo_api.web.exceptions import Unavailable

Handler = Callable[[HttpRequest], HttpResponse]
CONDITIONS = {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"}
READING = {"GET", "HEAD"}
# A length would be that of the answer with a body, if any (RFC 9110, 8.6).
WITHOUT_BODY = {204, 304}
PROBES = {"/healthz", "/readyz", "/health", "/api/health"}
SANE_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")


class RequestIdMiddleware:
    """Takes X-Request-ID from the proxy (or makes one) and gives it back on every answer."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        # Only sane characters: the value ends up in logs and in an answer header. It is no secret,
        # and costs no call of the kernel.
        taken = sent if SANE_ID.fullmatch(sent) else f"{random.getrandbits(128):032x}"
        context = request.META.get(ENVIRON_KEY) or RequestContext()
        context.id = taken
        try:
            with active(context):
                response = self.get_response(request)
        finally:
            at_work.end(context)
        response.headers["X-Request-ID"] = context.id
        return response


class WebMiddleware:
    """All that API requests and pages have in common, and the way of the former to their view:
    what follows in MIDDLEWARE is for pages.

    One class, because each layer of middleware costs every request more than most steps do.
    """

    def __init__(self, get_response: Handler) -> None:
        self.pages = get_response
        self.api: Any = convert_exception_to_response(self._api)
        self.cors = CorsMiddleware(get_response)
        # What SecurityMiddleware and XFrameOptionsMiddleware give to pages, and who may keep it.
        self.api_headers = {
            "Cache-Control": "private, no-cache",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": str(settings.SECURE_REFERRER_POLICY),
            "Cross-Origin-Opener-Policy": str(settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
            "X-Frame-Options": settings.X_FRAME_OPTIONS,
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_api = request.path_info.startswith("/api/")
        close_old_connection()
        # Before anything else asks for the host: Django's own answer to a wrong one is a page with
        # our settings while DEBUG is on.
        response = refuse_unknown_host(request)
        if response is None:
            response = self.answer(request, self.api if is_api else self.pages)
        headers = response.headers
        if is_api:
            for name, value in self.api_headers.items():
                headers.setdefault(name, value)
            if settings.SECURE_HSTS_SECONDS and request.is_secure():
                headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
        told = "Content-Length" in headers or response.status_code in WITHOUT_BODY
        if not response.streaming and not told:
            headers["Content-Length"] = str(len(response.content))
        return without_body(response) if request.method == "HEAD" else response

    def answer(self, request: HttpRequest, handler: Handler) -> HttpResponse:
        response = self.preflight(request) or refused(request) or handler(canonical_query(request))
        response = versioned(request, response)
        # Without an origin nobody asks for permission, and all there is to say is that it matters.
        if "HTTP_ORIGIN" in request.META or "Vary" in response.headers:
            self.cors.add_response_headers(request, response)
        else:
            response.headers["Vary"] = "origin"
        tell_usage(response)
        return response

    def preflight(self, request: HttpRequest) -> HttpResponse | None:
        if request.method != "OPTIONS":
            return None
        return self.cors.check_preflight(request)  # type: ignore[return-value]

    def _api(self, request: HttpRequest) -> HttpResponse:
        """To the view, as Django's own handler would; statements need an identity."""
        with identity.required():
            found = request.resolver_match = get_resolver().resolve(request.path_info)
            response: HttpResponse = found.func(request, *found.args, **found.kwargs)
            if hasattr(response, "render"):
                response = response.render()
            if response.streaming and not getattr(response, "brings_identity", False):
                # It would be read after the identity is gone, as the owner.
                raise identity.NoIdentity("a streaming answer outlives its identity")
            return response


def without_body(response: HttpResponse) -> HttpResponse:
    """The response to a HEAD, with the length that a GET would be told, if any."""
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = ()
    else:
        response.content = b""
    return response


def close_old_connection() -> None:
    """What Django does by a signal, at three times the price. Inside of a transaction the request
    is a test's, and so is the connection.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if not database.in_atomic_block:
        database.close_if_unusable_or_obsolete()


def refused(request: HttpRequest) -> HttpResponse | None:
    """The response to what the server has refused, what waited for a thread until its deadline, and
    what no view could read.
    """
    context = current_request()
    try:
        if context.refused:
            raise context.refused
        if not context.seconds_left():
            raise Unavailable
        check_readable(request)
    except APIException as exc:
        return response_for(request, exc)
    return None


def refuse_unknown_host(request: HttpRequest) -> HttpResponse | None:
    # Load balancers ask for an address of their own choice, or for none. Nothing depends on it.
    if request.path_info.rstrip("/") in PROBES:
        return None
    names = ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT")
    told = tuple((name, request.META[name]) for name in names if name in request.META)
    try:
        checked_host(told, tuple(settings.ALLOWED_HOSTS))
    except DisallowedHost:
        return problem(request, 400, "The request could not be understood")
    return None


@lru_cache(maxsize=64)
def checked_host(told: tuple[tuple[str, str], ...], allowed: tuple[str, ...]) -> str:
    """Remembers the hosts that are known: the same few come all day. Raises DisallowedHost."""
    request = HttpRequest()
    request.META = dict(told)
    return request.get_host()


def versioned(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer with an ETag; 304 or 412 instead where the caller has, or demands, another."""
    if response.status_code != 200 or request.method not in READING or response.streaming:
        return response
    headers = response.headers
    if "ETag" not in headers and "no-store" not in headers.get("Cache-Control", ""):
        # The total and the next page may change while the rows stay: a version covers all three.
        told = headers.get("X-Total-Count", "") + headers.get("Link", "")
        version = hashlib.sha256(response.content + told.encode()).hexdigest()[:32]
        headers["ETag"] = f'"{version}"'
    if CONDITIONS.isdisjoint(request.META):
        return response
    # Nothing has a Last-Modified: this is ignored (RFC 9110, 13.1.4), and Django would refuse it.
    request.META.pop("HTTP_IF_UNMODIFIED_SINCE", None)
    answer: Any = get_conditional_response(request, headers.get("ETag"), None, response)
    if answer.status_code == 412:
        return problem(request, 412, "It was changed in the meantime")
    return answer  # type: ignore[no-any-return]
