"""Middleware of all requests: request id, CORS, host check, limits, ETags and common headers."""

import hashlib
import logging
import random
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

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
from todo_api import addresses
from todo_api.errors import problem, response_for
from todo_api.limits import concurrency
from todo_api.limits.rate_limits import add_rate_limit_headers
from todo_api.request.context import ENVIRON_KEY, RequestContext, active, current_request
from todo_api.web.body import check_readable
from todo_api.web.contract import canonical_query
from todo_api.web.exceptions import Unavailable

logger = logging.getLogger(__name__)

Handler = Callable[[HttpRequest], HttpResponse]
# A constant: reading it from `settings` would cost each request time.
API_PREFIXES = settings.API_PREFIXES
CONDITIONS = {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"}
# What a compressing proxy makes of our strong ETags: nginx and Cloudflare W/"a", Apache and Caddy
# "a-gzip", Jetty "a--gzip", IIS "a;br".
ADDED_BY_PROXIES = re.compile(r'W/(?=")|(?:--?|;)(?:gzip|br|zstd|deflate|df)(?=")')
READING = {"GET", "HEAD"}
# Content-Length would describe the body of a 200 response (RFC 9110, 8.6).
WITHOUT_BODY = {204, 304}
PROBES = {"/healthz", "/readyz", "/health", "/api/health"}
# For pages: the admin and the documentation. Their scripts and styles are files of this service;
# the images of Django's and Swagger UI's style sheets are data: URLs.
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none';"
        " base-uri 'none'"
    ),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
VALID_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")


class RequestIdMiddleware:
    """Makes the request context current. Takes X-Request-ID from the request, or generates one, and
    returns it with every response.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        # The value appears in logs and in a response header, so its characters are restricted. It
        # is no secret: `random` is faster than `secrets`.
        request_id = sent if VALID_REQUEST_ID.fullmatch(sent) else f"{random.getrandbits(128):032x}"
        context = request.META.get(ENVIRON_KEY) or RequestContext()
        context.id = request_id
        try:
            with active(context):
                response = self.get_response(request)
        finally:
            concurrency.release(context)
        response.headers["X-Request-ID"] = context.id
        return response


class WebMiddleware:
    """The steps that API requests and pages share. API requests then go directly to their view;
    pages go through the rest of MIDDLEWARE.

    One class, because each layer of middleware costs more than most of these steps.
    """

    def __init__(self, get_response: Handler) -> None:
        self.pages = get_response
        self.api: Any = convert_exception_to_response(self._api)
        self.cors = CorsMiddleware(get_response)
        # SecurityMiddleware and XFrameOptionsMiddleware set these for pages (except Cache-Control).
        self.api_headers = {
            "Cache-Control": "private, no-cache",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": str(settings.SECURE_REFERRER_POLICY),
            "Cross-Origin-Opener-Policy": str(settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
            "X-Frame-Options": settings.X_FRAME_OPTIONS,
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_api = request.path_info.startswith(API_PREFIXES)
        close_old_connection()
        # Before any other use of the host: in DEBUG, Django's response to an unknown host is a page
        # with the settings.
        response = refuse_unknown_host(request)
        if response is None:
            response = self.respond(request, self.api if is_api else self.pages)
        headers = response.headers
        if is_api:
            for name, value in self.api_headers.items():
                headers.setdefault(name, value)
            if settings.SECURE_HSTS_SECONDS and request.is_secure():
                headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
        if headers.get("Content-Type", "").startswith("text/html"):
            for name, value in PAGE_HEADERS.items():
                headers[name] = value
        has_length = "Content-Length" in headers or response.status_code in WITHOUT_BODY
        if not response.streaming and not has_length:
            headers["Content-Length"] = str(len(response.content))
        return without_body(response) if request.method == "HEAD" else response

    def respond(self, request: HttpRequest, handler: Handler) -> HttpResponse:
        response = self.preflight(request) or early_error(request)
        restore_etags(request)
        response = response or handler(canonical_query(request))
        response = versioned(request, response)
        # A request without Origin is not a CORS request. Its response only needs `Vary: origin`.
        if "HTTP_ORIGIN" in request.META or "Vary" in response.headers:
            self.cors.add_response_headers(request, response)
        else:
            response.headers["Vary"] = "origin"
        add_rate_limit_headers(response)
        return response

    def preflight(self, request: HttpRequest) -> HttpResponse | None:
        if request.method != "OPTIONS":
            return None
        return cast(HttpResponse | None, self.cors.check_preflight(request))

    def _api(self, request: HttpRequest) -> HttpResponse:
        """Calls the view, as Django's handler does. SQL statements in it require an identity."""
        with identity.required():
            found = request.resolver_match = get_resolver().resolve(request.path_info)
            response: HttpResponse = found.func(request, *found.args, **found.kwargs)
            if hasattr(response, "render"):
                response = response.render()
            if response.streaming and not getattr(response, "sets_identity", False):
                # The stream is read after this block, and its statements would run as the owner.
                raise identity.NoIdentity("a streaming response is read without its identity")
            return response


def without_body(response: HttpResponse) -> HttpResponse:
    """Removes the body of a response to HEAD. Content-Length stays that of the GET."""
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = ()
    else:
        response.content = b""
    return response


def close_old_connection() -> None:
    """Replaces Django's signal handler, which takes three times as long. Inside of a transaction, a
    test owns the connection.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if not database.in_atomic_block:
        database.close_if_unusable_or_obsolete()


def early_error(request: HttpRequest) -> HttpResponse | None:
    """Returns the error response of a request that the server has refused, that has passed its
    deadline in the queue, or that no view can read; else None.
    """
    context = current_request()
    try:
        if context.early_error:
            raise context.early_error
        if not context.seconds_left():
            raise Unavailable
        check_readable(request)
    except APIException as exc:
        return response_for(request, exc)
    return None


def refuse_unknown_host(request: HttpRequest) -> HttpResponse | None:
    # Load balancers send any host, or none, and these views do not use it.
    if request.path_info.rstrip("/") in PROBES:
        return None
    names = ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT")
    host = tuple((name, request.META[name]) for name in names if name in request.META)
    try:
        checked_host(host, tuple(settings.ALLOWED_HOSTS))
    except DisallowedHost:
        warn_of_unknown_host(request.META.get("HTTP_HOST", ""))
        return problem(request, 400, "The Host header names no host of this service")
    return None


@lru_cache(maxsize=64)
def warn_of_unknown_host(host: str) -> None:
    """Logs a host once while it is among the last 64 of this process: a forgotten one would fill
    the log. Logs nothing else that was sent as Host, such as an e-mail address.
    """
    try:
        name = addresses.split(f"http://{host}").hostname
    except addresses.AddressError:
        logger.warning("Refused requests whose Host is not a host name")
    else:
        logger.warning("Refused requests for the host %s: it is not in ALLOWED_HOSTS", name)


@lru_cache(maxsize=64)
def checked_host(host: tuple[tuple[str, str], ...], allowed: tuple[str, ...]) -> str:
    """Returns the host if it is in `allowed`, cached. Raises DisallowedHost."""
    request = HttpRequest()
    request.META = dict(host)
    return request.get_host()


def restore_etags(request: HttpRequest) -> None:
    """Removes from If-Match and If-None-Match what a proxy added to our ETags. The representation
    that they name is the same. No ETag of the API is weak or ends so.
    """
    for name in CONDITIONS:
        if name in request.META:
            request.META[name] = ADDED_BY_PROXIES.sub("", request.META[name])


def versioned(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Adds an ETag to a response; returns 304 or 412 instead if a precondition fails."""
    if response.status_code != 200 or request.method not in READING or response.streaming:
        return response
    headers = response.headers
    if "ETag" not in headers and "no-store" not in headers.get("Cache-Control", ""):
        # The total and the next page may change while the rows stay the same.
        page = headers.get("X-Total-Count", "") + headers.get("Link", "")
        version = hashlib.sha256(response.content + page.encode()).hexdigest()[:32]
        headers["ETag"] = f'"{version}"'
    if CONDITIONS.isdisjoint(request.META):
        return response
    # No response has Last-Modified: ignore the condition (RFC 9110, 13.1.4). Django would send 412.
    request.META.pop("HTTP_IF_UNMODIFIED_SINCE", None)
    final = get_conditional_response(request, headers.get("ETag"), None, response)
    if final is not None and final.status_code == 412:
        return problem(request, 412, "It was changed in the meantime")
    return cast(HttpResponse, final)
