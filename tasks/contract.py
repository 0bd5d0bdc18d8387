"""Tasks in the contract that a deployment chose: lists, single tasks, deletions, and `status`
(docs/contracts.md, ADR 12).
"""

from dataclasses import dataclass, field
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpResponse
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from todo_api.web.rendering import ContractRenderer, encoded

STATUSES = {"pending": False, "completed": True}
MESSAGES = {
    "list": "Tasks retrieved",
    "retrieve": "Task retrieved",
    "create": "Task created",
    "destroy": "Task deleted",
}


@dataclass(slots=True)
class TaskResponse:
    """What an action on tasks returns, in the canonical contract: a task, or a list of tasks.

    `counts` of a list are the number of all tasks, and of those for which each of `counted_columns`
    is true.
    """

    data: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    counts: tuple[int, ...] = ()

    def rendered(self, renderer: Any, action: str) -> HttpResponse:
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
            rows = (
                [with_status(row) for row in self.data] if settings.API_STATUS_FIELD else self.data
            )
            return _list(rows, self.counts, message)
        return _item(with_status(self.data), message)


def deletion() -> HttpResponse:
    """The response to a deletion."""
    if settings.API_DELETE_STATUS == 204:
        response = HttpResponse(status=204)
        del response.headers["Content-Type"]
        return response
    message = MESSAGES["destroy"]
    enveloped = settings.API_ITEM_SHAPE == "data"
    return Response(_enveloped(None, message) if enveloped else {"message": message})


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


def contract_mark() -> str:
    """Tells entity tags of one contract from those of another; nothing in the canonical one."""
    parts = [
        settings.API_ITEM_SHAPE,
        settings.API_FIELD_CASE,
        *["status"] * settings.API_STATUS_FIELD,
    ]
    return "" if parts == ["bare", "snake"] else f"-{'-'.join(parts)}"


def counted_columns() -> tuple[str, ...]:
    """The columns by which a list is counted, besides its total."""
    return ("completed",) if settings.API_LIST_SHAPE == "keyed" else ()


def with_status(fields: Any) -> Any:
    """The representation of a task, with the member that mirrors `completed` where it is on."""
    if not settings.API_STATUS_FIELD:
        return fields
    return {**fields, "status": "completed" if fields["completed"] else "pending"}


def without_status(body: dict[str, Any]) -> dict[str, Any]:
    """Returns the body of a request with `completed` for a `status`, where that is on. Raises
    ValidationError for another word.
    """
    if not settings.API_STATUS_FIELD or "status" not in body:
        return body
    word = body["status"]
    if not isinstance(word, str) or word.lower() not in STATUSES:
        raise ValidationError({"status": [f"Expected one of: {', '.join(STATUSES)}"]})
    others = {name: value for name, value in body.items() if name != "status"}
    return {**others, "completed": STATUSES[word.lower()]}
