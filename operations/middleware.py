"""Looks at every answer once it is made, and counts it."""

import re
import time
from functools import lru_cache

from django.conf import settings
from django.contrib.admindocs.views import simplify_regex
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve

from operations.traffic import figures
from todo_api import notes
from todo_api.middleware import Handler

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
OTHER = "other"
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


class ObserveMiddleware:
    """Outside of whatever may refuse a request, inside of what gives it its id."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        noted = notes.current()
        assert noted is not None  # noqa: S101  (RequestIdMiddleware is around this one)
        method = request.method if request.method in METHODS else OTHER
        figures.add(
            route_of(request), method or OTHER, response.status_code, noted.refusal,
            seconds * 1000, used_database=noted.statements > 0,
        )  # fmt: skip
        return response


def route_of(request: HttpRequest) -> str:
    """The template of the address, as the API's document spells it. There are few of them, and
    nobody's id is in one: what is not ours is all the same "other".
    """
    match = request.resolver_match
    if match is None:  # refused, or answered, before the address was looked at
        if request.path_info.startswith(settings.STATIC_URL):
            return f"{settings.STATIC_URL}{{path}}"
        try:
            match = resolve(request.path_info)
        except Http404:
            return OTHER
    return _template(match.route)


@lru_cache(maxsize=1_024)
def _template(route: str) -> str:
    if not route:  # the last of urlpatterns: unknown addresses
        return OTHER
    plain = PARAMETER.sub(r"{\1}", simplify_regex(route)).replace("{pk}", "{id}")
    return plain.rstrip("/") or "/"
