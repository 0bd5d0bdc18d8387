"""Logs every response and records it in the metrics and the traffic statistics."""

import logging
import re
import time
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.admindocs.views import simplify_regex
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve
from prometheus_client import Counter, Histogram

from operations.traffic import traffic_statistics
from todo_api.middleware import Handler
from todo_api.request import metrics
from todo_api.request.context import RequestContext, current_request

logger = logging.getLogger(__name__)

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
OTHER = "other"
LINE = (
    "{method} {route} {status} in {ms} ms"
    " (queue {queue_ms} ms, database {database_ms} ms, statements {statements})"
)
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


class ObserveMiddleware:
    """Observes each response. It must come before all middleware that can refuse a request, and
    after the one that assigns the request id.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        context, started = current_request(), time.monotonic()
        response = self.get_response(request)
        seconds = time.monotonic() - context.arrived_at
        method = request.method if request.method in METHODS else OTHER
        context.queue_seconds = started - context.arrived_at
        observe(request, method or OTHER, route_of(request), response.status_code, seconds, context)
        return response


def observe(
    request: HttpRequest,
    method: str,
    route: str,
    status: int,
    seconds: float,
    context: RequestContext,
) -> None:
    """Logs one line, updates the metrics of /metrics, and adds to the traffic statistics of the
    dashboard. Does not query the database.
    """
    fields = {
        "method": method, "route": route, "status": status, "ms": milliseconds(seconds),
        "queue_ms": milliseconds(context.queue_seconds),
        "database_ms": milliseconds(context.database_seconds), "statements": context.statements,
    }  # fmt: skip
    if user_id := context.user_id or operator_id_of(request):
        fields["user_id"] = user_id
    if context.refusal:
        fields["refusal"] = context.refusal
        metrics.REFUSALS.labels(context.refusal).inc()
    logger.info(LINE.format_map(fields), extra={"fields": fields})
    responses, durations = counters(method, route, status)
    responses.inc()
    durations.observe(seconds)
    metrics.QUEUE_SECONDS.observe(context.queue_seconds)
    if context.statements:
        metrics.DATABASE_STATEMENTS.inc(context.statements)
        metrics.DATABASE_SECONDS.inc(context.database_seconds)
    traffic_statistics.add(
        route,
        method,
        status,
        context.refusal,
        seconds * 1000,
        context.queue_seconds * 1000,
        used_database=context.statements > 0,
    )


def milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)


@lru_cache(maxsize=4_096)
def counters(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Returns the request counter and the duration histogram of these labels. Cached, because the
    library's own look-up compares all labels on each call.
    """
    return metrics.REQUESTS.labels(route, method, status), metrics.SECONDS.labels(route, method)


def operator_id_of(request: HttpRequest) -> str:
    """Returns the id of the user signed in to the admin, or "" if this request did not load it.
    Loading it here would query the database for the log line alone.
    """
    operator: Any = request.__dict__.get("_cached_user")
    return (operator and operator.pk) or ""


def route_of(request: HttpRequest) -> str:
    """Returns the path template as in the OpenAPI document, or "other" for an unknown path.

    Templates contain no ids, and their number is small, as log fields and metric labels need it.
    """
    match = request.resolver_match
    if match is None:  # a middleware responded before Django resolved the path
        if request.path_info.startswith(settings.STATIC_URL):
            return f"{settings.STATIC_URL}{{path}}"
        try:
            match = resolve(request.path_info)
        except Http404:
            return OTHER
    return _template(match.route)


@lru_cache(maxsize=1_024)
def _template(route: str) -> str:
    if not route:  # the catch-all pattern at the end of urlpatterns
        return OTHER
    plain = PARAMETER.sub(r"{\1}", simplify_regex(route)).replace("{pk}", "{id}")
    plain = plain.replace("\\.", ".")
    return plain.rstrip("/") or "/"
