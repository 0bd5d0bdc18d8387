"""The configured API contract (docs/contracts.md): case of names, and format of errors.

Views, serializers and filters use the canonical contract. This module converts requests to it and
responses from it. tasks.contract does the same for the envelopes of tasks.
"""

import re
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, QueryDict

# Query parameters whose values are field names.
NAMING = {"sort", "sort_by"}
# Members of an error that stay outside of `error` in the nested format.
KEPT = ("current", "failed", "request_id")
SNAKE_WORD = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")

# --- Responses ------------------------------------------------------------------------------------


def error_body(body: dict[str, Any]) -> dict[str, Any]:
    """Returns an error body in the configured format, from the canonical one."""
    if settings.API_FIELD_CASE == "camel":
        texts = ("detail", "error", "errors")
        body |= {name: text_in_case(body[name]) for name in texts if name in body}
    if settings.API_ERROR_SHAPE == "nested":
        error = {"code": body["code"], "message": body["detail"], "details": body.get("errors")}
        kept = {name: body[name] for name in KEPT if name in body}
        body = {"error": error} | kept
    return cast(dict[str, Any], in_case(body))


def in_case(data: Any) -> Any:
    """Returns data with all member names in the configured case, at every depth."""
    if settings.API_FIELD_CASE == "snake":
        return data
    if isinstance(data, dict):
        return {name_in_case(name): in_case(value) for name, value in data.items()}
    return [in_case(value) for value in data] if isinstance(data, list) else data


def name_in_case(name: str) -> str:
    """Returns a canonical name in the configured case."""
    if settings.API_FIELD_CASE == "snake":
        return name
    return re.sub(r"(?<=[a-z])_([a-z])", lambda found: found[1].upper(), name)


def text_in_case(value: Any) -> Any:
    """Returns error texts with the field names in them in the configured case."""
    if isinstance(value, dict):
        return {name: text_in_case(texts) for name, texts in value.items()}
    if isinstance(value, list):
        return [text_in_case(text) for text in value]
    return SNAKE_WORD.sub(lambda found: name_in_case(found[0]), value)


# --- Requests -------------------------------------------------------------------------------------


def canonical(body: dict[str, Any]) -> dict[str, Any]:
    """Returns a request body with canonical names."""
    if settings.API_FIELD_CASE == "camel":
        return {_canonical_name(name): value for name, value in body.items()}
    return body


def canonical_query(request: HttpRequest) -> HttpRequest:
    """Returns the request with canonical query parameters."""
    if settings.API_FIELD_CASE == "camel" and request.path_info.startswith(settings.API_PREFIXES):
        try:
            parameters = request.GET
        except TooManyFieldsSent:
            return request  # the view raises it again, in the right order of its checks
        query = QueryDict(mutable=True)
        for sent, values in parameters.lists():
            name = _canonical_name(sent)
            query.setlist(name, [*map(_canonical_name, values)] if name in NAMING else values)
        request.GET = query  # type: ignore[assignment]  # immutable in the stubs
    return request


def _canonical_name(name: str) -> str:
    return re.sub(r"(?<=[a-z])[A-Z](?=[a-z]|$)", lambda found: f"_{found[0].lower()}", name)
