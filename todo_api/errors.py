"""Builds every error response (RFC 9457) and maps exceptions to status codes.

Views and models raise exceptions; no other module builds an error response.
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
from accounts.authentication import InsufficientScope
from todo_api.discovery import metadata_address
from todo_api.request.context import current_request
from todo_api.web import error_pages
from todo_api.web.contract import error_body
from todo_api.web.exceptions import (
    BadRequest,
    BatchFailed,
    Conflict,
    PreconditionFailed,
    Unavailable,
)
from todo_api.web.rendering import encoded
from todo_api.web.scopes import WRITE

logger = logging.getLogger(__name__)

Headers = dict[str, str]


# DRF's code -> the code of this API, where they differ. The status is that of the exception.
CODES = {
    "permission_denied": "forbidden",
    "throttled": "rate_limited",
    "parse_error": "malformed_json",
    "authentication_failed": "token_invalid",
}
KNOWN = {*CODES, BadRequest.default_code}  # other codes of a 400 belong to single fields
BY_STATUS = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    412: "precondition_failed",
    413: "body_too_large",
    500: "internal_error",
}

# DRF's texts state the problem but not what to do.
ADVICE: dict[type[Exception], str] = {
    exceptions.NotAuthenticated: "Sign in: expected the header Authorization: Bearer <token>",
    exceptions.UnsupportedMediaType: (
        "Send the body as JSON, with the header Content-Type: application/json"
    ),
    exceptions.NotAcceptable: "Only JSON is available: send Accept: application/json or */*",
}
REFUSALS = {401, 403, 429}
# Refusals that get a log line of their own, besides that of the request.
DECISIONS = {"account_suspended", "rate_limited"}

# SQLSTATEs (classes, or single codes) after which a retry may succeed: connection lost, out of
# resources, operator intervention, serialization failure, lock not available, read-only server.
UNAVAILABLE = ("08", "53", "57", "40", "55P03", "25006")


def problem(
    request: HttpRequest,
    status: int,
    detail: str,
    code: str = "",
    errors: dict[str, list[str]] | None = None,
    headers: Headers | None = None,
    **members: Any,
) -> HttpResponse:
    """Returns an error response with further `members`, except None; in the admin, a page. Records
    the refusal of a 401, 403 or 429 in the context.

    The media type is application/problem+json only if Accept lists it: existing clients check for
    application/json before they parse a body.
    """
    code = code or BY_STATUS[status]
    context = current_request()
    if status in REFUSALS and not (status == 401 and context.refusal):
        context.refusal = code  # a 401 keeps the more precise check of the token
    if error_pages.is_admin(request):
        sentence = error_pages.SENTENCES.get(status, detail)
        return error_pages.error_page(status, sentence, headers)
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
    body |= {name: value for name, value in members.items() if value is not None}
    body["request_id"] = context.id
    flat = settings.API_ERROR_SHAPE == "flat"
    is_problem_json = flat and "application/problem+json" in request.headers.get("Accept", "")
    return HttpResponse(
        encoded(error_body(body)),
        status=status,
        headers=headers,
        content_type="application/problem+json" if is_problem_json else "application/json",
    )


def exception_handler(exc: Exception, context: dict[str, Any]) -> HttpResponse:
    """Returns the response to an exception of an API view (DRF's EXCEPTION_HANDLER)."""
    if isinstance(exc, exceptions.MethodNotAllowed):
        allowed = ", ".join(context["view"].allowed_methods)
        text = f"{context['request'].method} is not allowed here; allowed: {allowed}"
        exc = exceptions.MethodNotAllowed("", text)
    return response_for(context["request"], exc)


def response_for(request: HttpRequest, exc: Exception) -> HttpResponse:
    if isinstance(exc, Http404):
        exc = exceptions.NotFound(*exc.args)
    elif isinstance(exc, DjangoPermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, SuspiciousOperation):  # such as too many query parameters
        exc = exceptions.ValidationError("The request could not be understood")
    elif isinstance(exc, DatabaseError | InterfaceError):
        exc = from_database(exc)
    elif isinstance(exc, UnreadablePostError):
        exc = exceptions.ParseError("The body did not arrive")
    if not isinstance(exc, exceptions.APIException):
        logger.error("Unhandled error", exc_info=exc)
        return problem(request, 500, "Something went wrong on our side")
    if advice := ADVICE.get(type(exc)):
        exc.detail = exceptions.ErrorDetail(advice, exc.default_code)
    code, cause, failed = code_of(exc), exc, None
    if code in DECISIONS:
        logger.warning("Refused: %s", code)
    text = first_text(exc.detail)
    if isinstance(exc, BatchFailed):
        cause = exc.cause
        text = f"operations[{exc.index}]: {first_text(cause.detail)}"
        failed = {"index": exc.index, "status": cause.status_code, "code": code_of(cause)}
    return problem(
        request,
        exc.status_code,
        text,
        code,
        field_errors(cause),
        headers(request, exc),
        current=getattr(cause, "current", None),
        failed=failed,
    )


def code_of(exc: exceptions.APIException) -> str:
    code = str(exc.get_codes()) if isinstance(exc.detail, str) else "validation_error"
    if exc.status_code == 400 and code not in KNOWN:
        return "validation_error"
    return CODES.get(code, code)


def headers(request: HttpRequest, exc: exceptions.APIException) -> Headers:
    """Returns WWW-Authenticate for a 401 and a missing scope (RFC 6750), with the address where
    clients learn who issues tokens (RFC 9728), ETag for a 412, and Retry-After.
    """
    result: Headers = {**getattr(exc, "headers", {})}
    if challenge := getattr(exc, "auth_header", None):
        invalid = CODES.get(str(exc.get_codes()), str(exc.get_codes())).startswith("token_")
        result["WWW-Authenticate"] = f'{challenge} error="invalid_token"' if invalid else challenge
    if challenge := result.get("WWW-Authenticate"):
        comma = "," if "=" in challenge else ""
        address = metadata_address(request)
        result["WWW-Authenticate"] = f'{challenge}{comma} resource_metadata="{address}"'
    if isinstance(exc, PreconditionFailed):
        result["ETag"] = exc.etag
    if wait := getattr(exc, "wait", None):
        result["Retry-After"] = str(max(1, round(wait)))
    return result


def field_errors(exc: exceptions.APIException) -> dict[str, list[str]] | None:
    """Returns `{field: [text, …]}`, or None for an error without fields."""
    if not isinstance(exc.detail, dict):
        return None
    fields = {
        name: [first_text(text) for text in (texts if isinstance(texts, list) else [texts])]
        for name, texts in exc.detail.items()
        if name != "non_field_errors"
    }
    return fields or None


def first_text(detail: Any) -> str:
    """Returns the first message of a nested `detail` of DRF."""
    while isinstance(detail, dict | list):
        detail = next(iter(detail.values() if isinstance(detail, dict) else detail))
    return str(detail)


def from_database(exc: DatabaseError | InterfaceError) -> Exception:
    """Returns the API exception for the SQLSTATE of a database error, or `exc` if it is a bug.

    For a violated constraint, the message is its violation_error_message.
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
    if state == "25006" and identity.is_read_only():
        return InsufficientScope(WRITE)
    # Without an SQLSTATE the connection failed, not the statement. Other such errors are bugs.
    disconnected = state == "" and isinstance(exc, OperationalError | InterfaceError)
    if disconnected or state.startswith(UNAVAILABLE):
        kind = type(cause or exc).__name__  # the text may contain the address of the database
        logger.warning("Database unavailable: %s (SQLSTATE %s)", kind, state or "none")
        return Unavailable()
    if state == "42501" and identity.suspended_meanwhile():
        return identity.Suspended()
    if state == "42501":
        logger.critical("The database refused a statement: its roles, grants or policies are wrong")
    return exc


def constraint_message(name: str | None) -> str | None:
    """Returns the violation_error_message of a constraint by its name in the database, or None."""
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return str(constraint.get_violation_error_message())
    return None


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400, for requests that Django refuses before a view runs."""
    return problem(request, 400, "The request could not be understood")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(request, 403, "You may not do this")


@csrf_exempt
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler404. Also the last route, because DEBUG does not use handler404."""
    return problem(
        request, 404, "There is nothing at this address; the documentation is at /api/docs"
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500. Django has logged the traceback."""
    return problem(request, 500, "Something went wrong on our side")
