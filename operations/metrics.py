"""The /metrics endpoint for Prometheus. It does not query the database."""

import os

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from todo_api.errors import not_found, problem

METHODS = ("GET", "HEAD")


@csrf_exempt  # a POST gets a 405, not Django's 403
def metrics(request: HttpRequest) -> HttpResponse:
    """Returns the metrics in Prometheus's text format: 401 without the bearer token METRICS_TOKEN,
    404 when that setting is empty.
    """
    if not settings.METRICS_TOKEN:
        return not_found(request)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not constant_time_compare(token, settings.METRICS_TOKEN):
        text, challenge = "This takes the token of METRICS_TOKEN", {"WWW-Authenticate": "Bearer"}
        return problem(request, 401, text, "not_authenticated", headers=challenge)
    if request.method not in METHODS:
        allowed = ", ".join(METHODS)
        text = f"{request.method} is not allowed here; allowed: {allowed}"
        return problem(request, 405, text, "method_not_allowed", headers={"Allow": allowed})
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _registry() -> CollectorRegistry:
    """Returns the metrics of all processes of this gunicorn, or of this process alone when no
    PROMETHEUS_MULTIPROC_DIR is set.
    """
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return registry
