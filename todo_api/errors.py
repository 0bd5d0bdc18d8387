"""The one place that shapes an error body (RFC 9457) and maps failures to a status.

Views and models raise; nothing else builds an error answer.
"""

import logging
from http import HTTPStatus
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions

from accounts import identity
from todo_api.request.context import current_request
from todo_api.web.contract import failure
from todo_api.web.exceptions import BadRequest, Conflict, PreconditionFailed, Unavailable
from todo_api.web.rendering import encoded

logger = logging.getLogger(__name__)

Headers = dict[str, str]


# DRF's code -> ours, where they differ. The status is the exception's own.
CODES = {
    "permission_denied": "forbidden",
    "throttled": "rate_limited",
    "parse_error": "malformed_json",
    "authentication_failed": "token_invalid",
}
KNOWN = {*CODES, BadRequest.default_code}  # the other codes of a 400 are of single fields
BY_STATUS = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    412: "precondition_failed",
    413: "body_too_large",
    500: "internal_error",
}

REFUSALS = {401, 403, 429}
# What is worth a line of its own beside that of the request.
DECISIONS = {"account_suspended", "throttled"}

# SQLSTATEs (classes, or single codes) after which the same request may work: connection lost, out
# of resources, an operator's intervention, serialization, a lock held too long, a read-only server.
UNAVAILABLE = ("08", "53", "57", "40", "55P03", "25006")


def problem(
    request: HttpRequest,
    status: int,
    detail: str,
    code: str = "",
    errors: dict[str, list[str]] | None = None,
    headers: Headers | None = None,
    current: Any = None,
) -> HttpResponse:
    """Returns the answer for a failure: the body of every error this service gives.

    Its type is application/problem+json only for callers that accept it by name: existing
    clients look for the word application/json before they parse.
    """
    code = code or BY_STATUS[status]
    context = current_request()
    if status in REFUSALS and not (status == 401 and context.refusal):
        context.refusal = code  # the check that refused a token says more than a 401
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "error": detail,
        "code": code,
    }
    if errors:
        body["errors"] = errors
    if current is not None:
        body["current"] = current
    body["request_id"] = context.id
    flat = settings.API_ERROR_SHAPE == "flat"
    named = flat and "application/problem+json" in request.headers.get("Accept", "")
    return HttpResponse(
        encoded(failure(body)),
        status=status,
        headers=headers,
        content_type="application/problem+json" if named else "application/json",
    )


def exception_handler(exc: Exception, context: dict[str, Any]) -> HttpResponse:
    """DRF's hook: any exception of an API view in, the answer out."""
    return response_for(context["request"], exc)


def response_for(request: HttpRequest, exc: Exception) -> HttpResponse:
    if isinstance(exc, Http404):
        exc = exceptions.NotFound(*exc.args)
    elif isinstance(exc, DjangoPermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, SuspiciousOperation):  # such as a thousand query parameters
        exc = exceptions.ValidationError("The request could not be understood")
    elif isinstance(exc, DatabaseError | InterfaceError):
        exc = from_database(exc)
    elif isinstance(exc, UnreadablePostError):
        exc = exceptions.ParseError("The body did not arrive")
    if not isinstance(exc, exceptions.APIException):
        logger.error("Unhandled error", exc_info=exc)
        return problem(request, 500, "Something went wrong on our side")
    fields = field_errors(exc)
    code = str(exc.get_codes()) if isinstance(exc.detail, str) else "validation_error"
    if code in DECISIONS:
        logger.warning("Refused: %s", CODES.get(code, code))
    return problem(
        request,
        exc.status_code,
        first_text(exc.detail),
        CODES.get(code, code) if exc.status_code != 400 or code in KNOWN else "validation_error",
        fields,
        headers(exc),
        getattr(exc, "current", None),
    )


def headers(exc: exceptions.APIException) -> Headers:
    """WWW-Authenticate on every 401 (RFC 6750), Retry-After where waiting helps."""
    found: Headers = {**getattr(exc, "headers", {})}
    if challenge := getattr(exc, "auth_header", None):
        sent = CODES.get(str(exc.get_codes()), str(exc.get_codes())).startswith("token_")
        found["WWW-Authenticate"] = f'{challenge} error="invalid_token"' if sent else challenge
    if isinstance(exc, PreconditionFailed):
        found["ETag"] = exc.etag
    if wait := getattr(exc, "wait", None):
        found["Retry-After"] = str(max(1, round(wait)))
    return found


def field_errors(exc: exceptions.APIException) -> dict[str, list[str]] | None:
    """`{field: [text, …]}` where fields are at fault, else None."""
    if not isinstance(exc.detail, dict):
        return None
    fields = {
        name: [first_text(text) for text in (texts if isinstance(texts, list) else [texts])]
        for name, texts in exc.detail.items()
        if name != "non_field_errors"
    }
    return fields or None


def first_text(detail: Any) -> str:
    """The first problem as one plain string, however deep DRF nested it."""
    while isinstance(detail, dict | list):
        detail = next(iter(detail.values() if isinstance(detail, dict) else detail))
    return str(detail)


def from_database(exc: DatabaseError | InterfaceError) -> Exception:
    """What a database error means to the caller, by its SQLSTATE; the error itself when it is ours.

    A constraint speaks with its own message.
    """
    cause: Any = exc.__cause__
    state = getattr(cause, "sqlstate", None) or ""
    constraint = getattr(getattr(cause, "diag", None), "constraint_name", None)
    if state == "23505":
        return Conflict(constraint_message(constraint))
    if state.startswith("23"):
        return exceptions.ValidationError(constraint_message(constraint) or "Invalid value")
    if state.startswith("22") or type(cause).__name__ == "DataError":
        return exceptions.ValidationError("A value is too long, out of range or not text")
    # Without a code the connection failed, not the statement; other errors without one are ours.
    disconnected = state == "" and isinstance(exc, OperationalError | InterfaceError)
    if disconnected or state.startswith(UNAVAILABLE):
        kind = type(cause or exc).__name__  # its text may hold the address of the database
        logger.warning("Database unavailable: %s (SQLSTATE %s)", kind, state or "none")
        return Unavailable()
    if state == "42501" and identity.suspended_meanwhile():
        return identity.Suspended()
    if state == "42501":
        logger.critical("The database refused a statement: its roles, grants or policies are wrong")
    return exc


def constraint_message(name: str | None) -> str | None:
    """The violation_error_message of a constraint of our models, by its name in the database."""
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return str(constraint.get_violation_error_message())
    return None


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: what Django refuses before a view runs."""
    return problem(request, 400, "The request could not be understood")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(request, 403, "You may not do this")


@csrf_exempt
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler404, and the last route, so that DEBUG answers alike."""
    return problem(request, 404, "There is nothing at this address")


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: Django has logged the trace."""
    return problem(request, 500, "Something went wrong on our side")
