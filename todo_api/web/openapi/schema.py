"""The OpenAPI document beyond what the generator sees by itself: errors, headers, names."""

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers

# Every `code` of docs/api.md: clients generated from the document know them by name.
CODES = (
    "bad_request", "validation_error", "malformed_json", "not_authenticated", "token_expired",
    "token_invalid", "forbidden", "user_mismatch", "account_suspended", "not_found",
    "method_not_allowed", "not_acceptable", "conflict", "idempotency_conflict",
    "precondition_failed", "request_timeout", "body_too_large", "unsupported_media_type",
    "rate_limited", "internal_error", "unavailable",
)  # fmt: skip
TEXTS = {
    400: "Something in the request is wrong; `errors` says which field",
    401: "No token, or one that is expired or not valid",
    403: "The account is suspended, or the address belongs to another person",
    404: "There is no such task, or it is not yours",
    406: "The answer would be JSON, which `Accept` excludes",
    409: "This conflicts with what is already there",
    408: "The body did not arrive in time",
    412: "It was changed in the meantime; `current` holds it as it is now",
    413: "The body exceeds 1 MiB",
    415: "The body is not declared as application/json",
    429: "Too many requests, or too many tries to sign in; wait for `Retry-After` seconds",
    500: "Our fault; `request_id` finds it in the log",
    503: "The database or the key server is out of reach; try again after `Retry-After` seconds",
}
# What a header of the request may be answered with.
DEMANDS = {"If-Match": 412, "If-None-Match": 412, "Idempotency-Key": 409}
HEADERS = {
    401: ("WWW-Authenticate",),
    429: ("RateLimit", "RateLimit-Policy", "Retry-After"),
    503: ("Retry-After",),
}


OPTIONAL = {"errors", "current"}


@extend_schema_field({"type": "string", "enum": list(CODES)}, component_name="ErrorCode")
class CodeField(serializers.CharField):
    """One of CODES, so that a generated client can tell them apart."""


@extend_schema_field({"$ref": "#/components/schemas/Task"})
class CurrentField(serializers.JSONField):
    """A task: of all answers, only those about tasks have versions."""


class ProblemSerializer(serializers.Serializer[Any]):
    """Every failure (RFC 9457). `detail` and `error` are the same sentence, for people."""

    type = serializers.CharField(default="about:blank")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    error = serializers.CharField()
    code = CodeField(help_text="Stable, for programs")
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Only where fields are at fault: field to problems",
    )
    current = CurrentField(required=False, help_text="Only with 412: the task as it is now")
    request_id = serializers.CharField()


def request_header(name: str, text: str, kind: Any = str) -> OpenApiParameter:
    """An optional header of the request, for `extend_schema(parameters=…)`."""
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=text)


def response_header(name: str, text: str, *statuses: int) -> OpenApiParameter:
    """A header of the answers with these statuses, for `extend_schema(parameters=…)`."""
    return OpenApiParameter(
        name, str, OpenApiParameter.HEADER, description=text, response=[str(s) for s in statuses]
    )


class ApiSchema(AutoSchema):
    """Adds to each operation the failures that it can answer with."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation:
            for status in sorted(self._failures(operation)):
                problem = self._get_response_for_code(  # type: ignore[no-untyped-call]
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
        """The generator knows of none on DELETE; a view that asks for one says so."""
        if self.method != "DELETE" or not getattr(self.view, "delete_has_body", False):
            return super()._get_request_body(*args, **kwargs)  # type: ignore[no-untyped-call]
        self.method = "POST"
        try:
            return super()._get_request_body(*args, **kwargs)  # type: ignore[no-untyped-call]
        finally:
            self.method = "DELETE"

    def _failures(self, operation: Any) -> set[int]:
        failures = {400, 406, 408, 413, 500, 503, *getattr(self.view, "failures", ())}
        if self.view.authentication_classes:
            failures |= {401, 403}
        if self.view.throttle_classes:
            failures.add(429)
        if "requestBody" in operation:
            failures.add(415)
        if "{id}" in self.path:
            failures.add(404)
        headers = {parameter["name"] for parameter in operation.get("parameters", ())}
        failures |= {status for name, status in DEMANDS.items() if name in headers}
        return failures

    def get_operation_id(self) -> str:
        """Clients call the canonical address; the same resource elsewhere is named for where."""
        if self.path == "/api/health":
            return "api_health_retrieve"
        name: str = super().get_operation_id()
        if mount := re.match(r"/api/(v1|users|\{user_id\})/.*tasks", self.path):
            return f"{mount[1].strip('{}')}_{name.removeprefix('v1_').removeprefix('users_')}"
        return name

    def _is_list_view(self, *args: Any, **kwargs: Any) -> bool:
        return getattr(self.view, "action", None) == "list"

    def _get_paginator(self) -> None:
        """A page is a bare list; what pagination says stands in headers."""
        return

    def _get_pagination_parameters(self) -> Any:
        paginator = getattr(self.view, "paginator", None) if self._is_list_view() else None
        return paginator.get_schema_operation_parameters(self.view) if paginator else []


def without_slashes(endpoints: list[Any], **kwargs: Any) -> list[Any]:
    """Preprocessing hook: each path is documented once, without its optional slash."""
    return [(path.rstrip("/").rstrip("?").rstrip("/"), *rest) for path, *rest in endpoints]


def answers_are_whole(result: Any, **kwargs: Any) -> Any:
    """Postprocessing hook: an answer always has all its members, whatever a body may leave out."""
    for name, component in result["components"]["schemas"].items():
        if not name.endswith("Request") and "properties" in component:
            component["required"] = [key for key in component["properties"] if key not in OPTIONAL]
            for member in component["properties"].values():
                member.pop("default", None)
                member.pop("readOnly", None)
    return result
