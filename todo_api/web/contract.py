"""The contract that a deployment chose: names of fields, and the body of an error.

Views, serializers and filters use the canonical contract. Responses take the chosen form here, and
requests are put back into the canonical one (docs/contracts.md, ADR 12). Envelopes of tasks:
tasks.contract.
"""

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, QueryDict

# Query parameters whose values are names of fields.
NAMING = {"sort", "sort_by"}
SNAKE_WORD = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")

# --- Out ------------------------------------------------------------------------------------------


def failure(body: dict[str, Any]) -> dict[str, Any]:
    """The body of an error, made from the canonical one."""
    if settings.API_FIELD_CASE == "camel":
        said = ("detail", "error", "errors")
        body |= {name: respelled(body[name]) for name in said if name in body}
    if settings.API_ERROR_SHAPE == "nested":
        error = {"code": body["code"], "message": body["detail"], "details": body.get("errors")}
        kept = {name: body[name] for name in ("current", "request_id") if name in body}
        body = {"error": error} | kept
    return cased(body)  # type: ignore[no-any-return]


def cased(data: Any) -> Any:
    """The same with its members' names in the contract's case, however deep."""
    if settings.API_FIELD_CASE == "snake":
        return data
    if isinstance(data, dict):
        return {spelled(name): cased(value) for name, value in data.items()}
    return [cased(value) for value in data] if isinstance(data, list) else data


def spelled(name: str) -> str:
    """A name of ours as the contract spells it."""
    if settings.API_FIELD_CASE == "snake":
        return name
    return re.sub(r"(?<=[a-z])_([a-z])", lambda found: found[1].upper(), name)


def respelled(said: Any) -> Any:
    """Sentences for people, where they speak of names."""
    if isinstance(said, dict):
        return {name: respelled(texts) for name, texts in said.items()}
    if isinstance(said, list):
        return [respelled(text) for text in said]
    return SNAKE_WORD.sub(lambda found: spelled(found[0]), said)


# --- In -------------------------------------------------------------------------------------------


def canonical(body: dict[str, Any]) -> dict[str, Any]:
    """Returns the body of a request with our names."""
    if settings.API_FIELD_CASE == "camel":
        return {_canonical_name(name): value for name, value in body.items()}
    return body


def canonical_query(request: HttpRequest) -> HttpRequest:
    """The request with query parameters as filters know them."""
    if settings.API_FIELD_CASE == "camel" and request.path_info.startswith("/api/"):
        try:
            parameters = request.GET
        except TooManyFieldsSent:
            return request  # the view, which knows what to say first, fails to read it as well
        query = QueryDict(mutable=True)
        for sent, values in parameters.lists():
            name = _canonical_name(sent)
            query.setlist(name, [*map(_canonical_name, values)] if name in NAMING else values)
        request.GET = query  # type: ignore[assignment]
    return request


def _canonical_name(name: str) -> str:
    return re.sub(r"(?<=[a-z])[A-Z](?=[a-z]|$)", lambda found: f"_{found[0].lower()}", name)
