"""Response bodies of tasks in the contract that the settings choose, with the members that it adds
(docs/contracts.md, ADR 12).
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpResponse
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from todo_api.web.rendering import ContractRenderer, encoded

# The values of API_LIST_SHAPE with counts.
COUNTING = {"keyed", "data-keyed"}
STATUSES = {"pending": False, "completed": True}
MESSAGES = {
    "list": "Tasks retrieved",
    "retrieve": "Task retrieved",
    "create": "Task created",
    "destroy": "Task deleted",
    "restore": "Task restored",
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
        if action == "batch":
            return {"results": [_result(each) for each in self.data]}
        message = MESSAGES.get(action, "Task updated")
        if isinstance(self.data, list):
            rows = [with_additions(row) for row in self.data] if has_additions() else self.data
            return _list_body(rows, self.counts, message)
        return _task_body(_with_next(with_additions(self.data)), message)


def deletion_response() -> HttpResponse:
    """Returns the response to a deletion: 204 without a body, or 200 with a message."""
    if settings.API_DELETE_STATUS == 204:
        response = HttpResponse(status=204)
        del response.headers["Content-Type"]
        return response
    message = MESSAGES["destroy"]
    enveloped = settings.API_ITEM_SHAPE == "data"
    return Response(_enveloped(None, message) if enveloped else {"message": message})


def _result(result: dict[str, Any]) -> dict[str, Any]:
    shown = {**result, "task": with_additions(result["task"])} if "task" in result else result
    return _with_next(shown)


def _with_next(body: dict[str, Any]) -> dict[str, Any]:
    """Returns a body with the additions also in the next task of a series."""
    return {**body, "next": with_additions(body["next"])} if "next" in body else body


def _list_body(tasks: list[Any], counts: tuple[int, ...], message: str) -> Any:
    if settings.API_LIST_SHAPE == "data":
        return _enveloped(tasks, message)
    if settings.API_LIST_SHAPE not in COUNTING:
        return tasks
    total, *completed = counts
    # A page that shows the whole list comes without this count.
    done = completed[0] if completed else sum(task["completed"] for task in tasks)
    keyed = {
        "tasks": tasks, "total": total, "completed_count": done, "pending_count": total - done,
    }  # fmt: skip
    return keyed if settings.API_LIST_SHAPE == "keyed" else _enveloped(keyed, message)


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
        *["done"] * settings.API_DONE_FIELD,
        *([_hash_of_extras()] if settings.API_TASK_EXTRAS else []),
    ]
    return "" if parts == ["bare", "snake"] else f"-{'-'.join(parts)}"


def counted_columns() -> tuple[str, ...]:
    """Returns the boolean columns that a list counts, besides its total."""
    return ("completed",) if settings.API_LIST_SHAPE in COUNTING else ()


def has_additions() -> bool:
    return bool(settings.API_STATUS_FIELD or settings.API_DONE_FIELD or settings.API_TASK_EXTRAS)


def with_additions(task: Any) -> Any:
    """Returns the representation of a task with the members that the contract adds: constants,
    `status` and `is_completed`.
    """
    if not has_additions():
        return task
    added = dict(settings.API_TASK_EXTRAS)
    if settings.API_STATUS_FIELD:
        added["status"] = "completed" if task["completed"] else "pending"
    if settings.API_DONE_FIELD:
        added["is_completed"] = task["completed"]
    return {**task, **added}


def without_additions(body: dict[str, Any]) -> dict[str, Any]:
    """Returns the request body with `status` and `is_completed` replaced by `completed`, if the
    contract has them, and without its constants. Raises ValidationError for an unknown status.
    """
    if not has_additions():
        return body
    fields = {name: value for name, value in body.items() if name not in settings.API_TASK_EXTRAS}
    if settings.API_DONE_FIELD and "is_completed" in fields:
        fields.setdefault("completed", fields.pop("is_completed"))
    if settings.API_STATUS_FIELD and "status" in fields:
        status = fields.pop("status")
        if not isinstance(status, str) or status.lower() not in STATUSES:
            raise ValidationError({"status": [f"status: expected one of: {', '.join(STATUSES)}"]})
        fields["completed"] = STATUSES[status.lower()]
    return fields


def _hash_of_extras() -> str:
    return hashlib.sha256(orjson.dumps(settings.API_TASK_EXTRAS)).hexdigest()[:8]
