"""Additions to the OpenAPI document of drf-spectacular: errors, headers, operation ids."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers

# Every `code` of docs/api.md, as an enum for generated clients.
CODES = (
    "bad_request", "validation_error", "malformed_json", "not_authenticated", "token_expired",
    "token_invalid", "forbidden", "user_mismatch", "account_suspended", "insufficient_scope",
    "not_found", "method_not_allowed", "not_acceptable", "conflict", "idempotency_conflict",
    "quota_exceeded", "batch_failed", "resync_required", "precondition_failed",
    "request_timeout", "body_too_large", "unsupported_media_type", "rate_limited",
    "internal_error", "unavailable",
)  # fmt: skip
TEXTS = {
    400: "The request is invalid; `errors` lists the invalid fields",
    401: "No token, or an expired or invalid token",
    403: "The account is suspended, the URL is another user's, or the token lacks the scope",
    404: "The user has no such task, tag or calendar feed",
    406: "`Accept` excludes JSON",
    408: "The body did not arrive in time",
    409: "The request conflicts with stored data",
    410: "The changes since this checkpoint are no longer known: start again without `since`",
    412: "The task was changed in the meantime; `current` is its current version",
    413: "The body exceeds 1 MiB",
    415: "`Content-Type` is not application/json",
    429: "Too many requests or attempts to log in; retry after `Retry-After` seconds",
    500: "An error of the service; its log has a line with this `request_id`",
    503: "The database or the key server is unavailable; retry after `Retry-After` seconds",
}
# The additional error statuses of operations with these request headers.
HEADER_STATUSES = {"If-Match": 412, "If-None-Match": 412, "Idempotency-Key": 409}
HEADERS = {
    401: ("WWW-Authenticate",),
    429: ("RateLimit", "RateLimit-Policy", "Retry-After"),
    503: ("Retry-After",),
}


OPTIONAL = {"errors", "current", "failed", "task", "next", "problem", "authorization_servers"}


@extend_schema_field({"type": "string", "enum": list(CODES)}, component_name="ErrorCode")
class CodeField(serializers.CharField):
    """One of CODES, an enum in the document."""


@extend_schema_field({"$ref": "#/components/schemas/Task"})
class CurrentField(serializers.JSONField):
    """A task. Only responses about tasks have versions."""


class FailedSerializer(serializers.Serializer[Any]):
    """The operation of a batch that failed."""

    index = serializers.IntegerField(help_text="Its place in `operations`, from 0")
    status = serializers.IntegerField()
    code = CodeField()


class ProblemSerializer(serializers.Serializer[Any]):
    """An error (RFC 9457). `detail` and `error` are the same text, for humans."""

    type = serializers.CharField(default="about:blank")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    error = serializers.CharField()
    code = CodeField(help_text="Stable, for programs")
    errors = serializers.DictField(  # type: ignore[assignment]  # a property of Serializer
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Only for invalid fields: messages by field",
    )
    current = CurrentField(required=False, help_text="Only with 412: the current task")
    failed = FailedSerializer(required=False, help_text="Only with `batch_failed`")
    request_id = serializers.CharField()


def request_header(name: str, text: str, kind: Any = str) -> OpenApiParameter:
    """Returns an optional request header, for `extend_schema(parameters=…)`."""
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=text)


def response_header(name: str, text: str, *statuses: int) -> OpenApiParameter:
    """Returns a header of responses with these statuses, for `extend_schema(parameters=…)`."""
    return OpenApiParameter(
        name, str, OpenApiParameter.HEADER, description=text, response=[str(s) for s in statuses]
    )


class ApiSchema(AutoSchema):
    """Adds to each operation the error responses that it can return."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation:
            for status in sorted(self._failures(operation)):
                problem = self._get_response_for_code(  # type: ignore[no-untyped-call]  # untyped there
                    ProblemSerializer,
                    str(status),
                    media_types=["application/json", "application/problem+json"],
                )
                problem["description"] = TEXTS[status]
                for name in HEADERS.get(status, ()):
                    problem.setdefault("headers", {})[name] = {"schema": {"type": "string"}}
                operation["responses"].setdefault(str(status), problem)
        return operation

    def _get_request_body(self, *args: Any, **kwargs: Any) -> Any:
        """Allows a body for DELETE, for views with `delete_has_body`. The generator never does. The
        members of a PATCH stay required, for views with `patch_is_whole`.
        """
        method = self.method
        attribute = {"DELETE": "delete_has_body", "PATCH": "patch_is_whole"}.get(method, "")
        if not getattr(self.view, attribute, False):
            return super()._get_request_body(*args, **kwargs)  # type: ignore[no-untyped-call]  # untyped there
        self.method = "POST"
        try:
            return super()._get_request_body(*args, **kwargs)  # type: ignore[no-untyped-call]  # untyped there
        finally:
            self.method = method

    def _failures(self, operation: Any) -> set[int]:
        failures = {400, 406, 408, 413, 500, 503, *getattr(self.view, "failures", ())}
        if self.view.authentication_classes:
            failures |= {401, 403}
        if self.view.throttle_classes:
            failures.add(429)
        if "requestBody" in operation:
            failures.add(415)
        if "{id}" in self.path or "{name}" in self.path:
            failures.add(404)
        headers = {parameter["name"] for parameter in operation.get("parameters", ())}
        failures |= {status for name, status in HEADER_STATUSES.items() if name in headers}
        return failures

    def _is_list_view(self, serializer: Any = None) -> bool:
        is_list = isinstance(serializer, serializers.ListSerializer)
        return is_list or getattr(self.view, "action", None) == "list"

    def _get_paginator(self) -> None:
        """Describes a page as a plain list: totals and links are in headers."""
        return

    def _get_pagination_parameters(self) -> Any:
        paginator = getattr(self.view, "paginator", None) if self._is_list_view() else None
        return paginator.get_schema_operation_parameters(self.view) if paginator else []


def without_slashes(endpoints: list[Any], **kwargs: Any) -> list[Any]:
    """Removes the optional final slash of each path, and the escape of a dot. A preprocessing
    hook.
    """
    return [
        (path.rstrip("/").rstrip("?").rstrip("/").replace("\\.", "."), *rest)
        for path, *rest in endpoints
    ]


def require_every_member(result: Any, **kwargs: Any) -> Any:
    """Makes all members of responses required. A postprocessing hook."""
    for name, component in result["components"]["schemas"].items():
        if not name.endswith("Request") and "properties" in component:
            component["required"] = [key for key in component["properties"] if key not in OPTIONAL]
            for member in component["properties"].values():
                member.pop("default", None)
                member.pop("readOnly", None)
    return result
