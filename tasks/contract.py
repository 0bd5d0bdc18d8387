"""Response bodies of tasks in the contract that the settings choose, and the `status` member
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
    """A response with a task or a list of tasks as `data`, in the canonical contract.

    `counts` of a list are the number of all tasks, then the number of tasks for which each of
    `counted_columns` is true.
    """

    data: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    counts: tuple[int, ...] = ()

    def rendered(self, renderer: Any, action: str) -> HttpResponse:
        """Returns the HTTP response in the chosen contract. A renderer that a view brings itself
        gets the canonical contract.
        """
        if not isinstance(renderer, ContractRenderer):
            return Response(orjson.loads(encoded(self.data)), self.status, headers=self.headers)
        # Without DRF's Response, which takes a tenth of a GET's time.
        headers = {"Content-Type": "application/json", **self.headers}
        return HttpResponse(
            renderer.render(self.in_contract(action)), status=self.status, headers=headers
        )

    def in_contract(self, action: str) -> Any:
        """Returns the body in the chosen contract."""
        message = MESSAGES.get(action, "Task updated")
        if isinstance(self.data, list):
            rows = (
                [with_status(row) for row in self.data] if settings.API_STATUS_FIELD else self.data
            )
            return _list_body(rows, self.counts, message)
        return _task_body(with_status(self.data), message)


def deletion_response() -> HttpResponse:
    """Returns the response to a deletion: 204 without a body, or 200 with a message."""
    if settings.API_DELETE_STATUS == 204:
        response = HttpResponse(status=204)
        del response.headers["Content-Type"]
        return response
    message = MESSAGES["destroy"]
    enveloped = settings.API_ITEM_SHAPE == "data"
    return Response(_enveloped(None, message) if enveloped else {"message": message})


def _list_body(tasks: list[Any], counts: tuple[int, ...], message: str) -> Any:
    if settings.API_LIST_SHAPE == "data":
        return _enveloped(tasks, message)
    if settings.API_LIST_SHAPE == "keyed":
        total, *completed = counts
        # A page that shows the whole list comes without this count.
        done = completed[0] if completed else sum(task["completed"] for task in tasks)
        by_status = {"completed_count": done, "pending_count": total - done}
        return {"tasks": tasks, "total": total, **by_status}
    return tasks


def _task_body(task: Any, message: str) -> Any:
    if settings.API_ITEM_SHAPE == "data":
        return _enveloped(task, message)
    return {"task": task} if settings.API_ITEM_SHAPE == "keyed" else task


def _enveloped(data: Any, message: str) -> dict[str, Any]:
    return {"success": True, "data": data, "message": message}


def etag_suffix() -> str:
    """Returns the end of each entity tag, which differs between contracts. Empty in the canonical
    contract.
    """
    parts = [
        settings.API_ITEM_SHAPE,
        settings.API_FIELD_CASE,
        *["status"] * settings.API_STATUS_FIELD,
    ]
    return "" if parts == ["bare", "snake"] else f"-{'-'.join(parts)}"


def counted_columns() -> tuple[str, ...]:
    """Returns the boolean columns that a list counts, besides its total."""
    return ("completed",) if settings.API_LIST_SHAPE == "keyed" else ()


def with_status(task: Any) -> Any:
    """Returns the representation of a task, with API_STATUS_FIELD including `status`."""
    if not settings.API_STATUS_FIELD:
        return task
    return {**task, "status": "completed" if task["completed"] else "pending"}


def without_status(body: dict[str, Any]) -> dict[str, Any]:
    """Returns the request body with `status` replaced by `completed`, if API_STATUS_FIELD is on.
    Raises ValidationError for an unknown status.
    """
    if not settings.API_STATUS_FIELD or "status" not in body:
        return body
    status = body["status"]
    if not isinstance(status, str) or status.lower() not in STATUSES:
        raise ValidationError({"status": [f"status: expected one of: {', '.join(STATUSES)}"]})
    others = {name: value for name, value in body.items() if name != "status"}
    return {**others, "completed": STATUSES[status.lower()]}
