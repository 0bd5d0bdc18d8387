"""The contract that a deployment chose: envelopes, names of fields, the status of a deletion.

Views, serializers and filters speak the canonical contract. What leaves takes the chosen form
here, and what comes in is put back into the canonical one (docs/contracts.md, ADR 12).
"""

import re
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, QueryDict
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

STATUSES = {"pending": False, "completed": True}
# Query parameters whose values are names of fields.
NAMING = {"sort", "sort_by"}
SNAKE_WORD = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
MESSAGES = {
    "list": "Tasks retrieved",
    "retrieve": "Task retrieved",
    "create": "Task created",
    "destroy": "Task deleted",
}

# --- Out ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Answer:
    """What an action on tasks returns, in the canonical contract: a task, or a list of tasks.

    `counts` holds of a list what `counted` asks for: all tasks, and of these the completed ones
    where the list may not hold all.
    """

    data: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    counts: tuple[int, ...] = ()

    def response(self, renderer: Any, action: str) -> HttpResponse:
        """In the chosen contract; in the canonical one for a renderer of the view's own. DRF's
        Response, which that needs, takes a tenth of a GET's time.
        """
        if not isinstance(renderer, ContractRenderer):
            return Response(orjson.loads(encoded(self.data)), self.status, headers=self.headers)
        headers = {"Content-Type": "application/json", **self.headers}
        return HttpResponse(
            renderer.render(self.shaped(action)), status=self.status, headers=headers
        )

    def shaped(self, action: str) -> Any:
        message = MESSAGES.get(action, "Task updated")
        if isinstance(self.data, list):
            rows = [task(row) for row in self.data] if settings.API_STATUS_FIELD else self.data
            return _list(rows, self.counts, message)
        return _item(task(self.data), message)


class ContractRenderer(JSONRenderer):
    """JSON in the chosen case. Envelopes are for tasks alone: see Answer."""

    def render(
        self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None
    ) -> bytes:
        return b"" if data is None else encoded(cased(data))


def deletion() -> HttpResponse:
    """The response to a deletion."""
    if settings.API_DELETE_STATUS == 204:
        response = HttpResponse(status=204)
        del response.headers["Content-Type"]
        return response
    message = MESSAGES["destroy"]
    enveloped = settings.API_ITEM_SHAPE == "data"
    return Response(_enveloped(None, message) if enveloped else {"message": message})


class Negotiation(DefaultContentNegotiation):
    """DRF's, which has nothing to weigh where JSON is all there is and the caller takes it."""

    # What fetch, curl and axios send unless told otherwise; without the header anything will do.
    usual = ("*/*", "application/json", "application/json, text/plain, */*")

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        only_json = [renderer.media_type for renderer in renderers] == ["application/json"]
        if only_json and request.META.get("HTTP_ACCEPT", "*/*") in self.usual:
            return renderers[0], "application/json"
        return super().select_renderer(request, renderers, format_suffix)


def encoded(data: Any) -> bytes:
    """JSON as DRF writes it: times are in UTC and end in Z, and it is a part of JavaScript, too."""
    text = orjson.dumps(data, default=str, option=orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z)
    if text.isascii():
        return text
    return text.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")


def _list(tasks: list[Any], counts: tuple[int, ...], message: str) -> Any:
    if settings.API_LIST_SHAPE == "data":
        return _enveloped(tasks, message)
    if settings.API_LIST_SHAPE == "keyed":
        total, *completed = counts
        # Counted only where the page may not show all of them.
        done = completed[0] if completed else sum(task["completed"] for task in tasks)
        tallies = {"completed_count": done, "pending_count": total - done}
        return {"tasks": tasks, "total": total, **tallies}
    return tasks


def _item(fields: Any, message: str) -> Any:
    if settings.API_ITEM_SHAPE == "data":
        return _enveloped(fields, message)
    return {"task": fields} if settings.API_ITEM_SHAPE == "keyed" else fields


def _enveloped(data: Any, message: str) -> dict[str, Any]:
    return {"success": True, "data": data, "message": message}


def mark() -> str:
    """Tells entity tags of one contract from those of another; nothing in the canonical one."""
    parts = [
        settings.API_ITEM_SHAPE,
        settings.API_FIELD_CASE,
        *["status"] * settings.API_STATUS_FIELD,
    ]
    return "" if parts == ["bare", "snake"] else f"-{'-'.join(parts)}"


def counted() -> tuple[str, ...]:
    """The columns by which a list is counted, besides its total."""
    return ("completed",) if settings.API_LIST_SHAPE == "keyed" else ()


def task(fields: Any) -> Any:
    """The representation of a task, with the member that mirrors `completed` where it is on."""
    if not settings.API_STATUS_FIELD:
        return fields
    return {**fields, "status": "completed" if fields["completed"] else "pending"}


def failure(body: dict[str, Any]) -> dict[str, Any]:
    """The body of an error, made from the canonical one."""
    if "current" in body:
        body["current"] = task(body["current"])
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


def canonical(body: dict[str, Any], view: Any) -> dict[str, Any]:
    """A request's body as views know it. Raises ValidationError for a status that is none."""
    if settings.API_FIELD_CASE == "camel":
        body = {_canonical_name(name): value for name, value in body.items()}
    if settings.API_STATUS_FIELD and "status" in body and getattr(view, "basename", "") == "task":
        word = body.pop("status")
        if not isinstance(word, str) or word.lower() not in STATUSES:
            raise ValidationError({"status": [f"Expected one of: {', '.join(STATUSES)}"]})
        body["completed"] = STATUSES[word.lower()]
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
