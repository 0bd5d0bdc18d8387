"""The tools. Each runs one action of the API's views, and thus one statement."""

from typing import Any

from django_mcpz.server import ToolError
from rest_framework.request import Request

from tasks import filters
from tasks.fields import TimeZoneField
from tasks.tags import TagViewSet
from tasks.views import TaskViewSet
from todo_api.mcp import results
from todo_api.mcp.arguments import (
    COMPLETION,
    DEFAULT_LIMIT,
    FIELDS,
    ID,
    LIST,
    MAX_LIMIT,
    PRIORITY,
    schema,
)
from todo_api.mcp.calls import Call
from todo_api.mcp.registry import Arguments, tool
from todo_api.web import pagination
from todo_api.web.parameters import number

# Some agents send every argument. The API, too, ignores parameters that are empty.
EMPTY: tuple[Any, ...] = (None, "", [])
# Of list_tasks, besides time_zone.
PARAMETERS = {
    **filters.PARAMETERS,
    **pagination.PARAMETERS,
    "limit": number(1, MAX_LIMIT, DEFAULT_LIMIT),
}


def id_in(sent: Arguments) -> str:
    """Takes the id out of the arguments, and returns it. A malformed one is not found. Raises
    ToolError without one.
    """
    if "id" not in sent:
        raise ToolError("id is required, such as list_tasks returns it")
    found = sent.pop("id")
    return found if isinstance(found, str) else ""


def zone_in(sent: Arguments) -> str:
    """Takes the time zone out of the arguments, and returns it. Raises ValidationError."""
    return TimeZoneField(allow_null=True).run_validation(sent.pop("time_zone", None)) or ""


@tool(
    "list_tasks",
    Call(TaskViewSet, "GET", "list"),
    schema(LIST),
    "Lists, filters and searches the user's tasks, a page at a time. `total` counts all pages."
    " Long descriptions are cut off; get_task returns them whole.",
)
def list_tasks(call: Call, request: Request, sent: Arguments) -> Any:
    zone = zone_in(sent)
    query = {name: in_query(name, value) for name, value in sent.items() if value not in EMPTY}
    page = call.run(request, query={"limit": DEFAULT_LIMIT} | query, zone=zone)
    cursor = results.next_cursor(page.headers)
    shown = {"tasks": results.tasks(page.data), "total": page.counts[0]}
    return shown | ({"next_cursor": cursor} if cursor else {})


def in_query(name: str, value: Any) -> list[str]:
    """Returns an argument as the values of a query parameter. Raises ToolError for a wrong one,
    also where the API would ignore it and list everything.
    """
    values = value if isinstance(value, list) else [value]
    try:
        texts = [text_in_query(each) for each in values]
        for text in texts:
            PARAMETERS[name].read(text)
    except ValueError as exc:
        raise ToolError(f"{name}: {PARAMETERS[name].expected}") from exc
    return texts


def text_in_query(value: Any) -> str:
    """Returns a value as the text of a query parameter. Raises ValueError for one that has none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    raise ValueError


@tool(
    "get_task",
    Call(TaskViewSet, "GET", "retrieve"),
    schema({"id": ID}, "id"),
    "Returns one task with its whole description and its times.",
)
def get_task(call: Call, request: Request, sent: Arguments) -> Any:
    return results.task(call.run(request, pk=id_in(sent)).data)


@tool(
    "add_task",
    Call(TaskViewSet, "POST", "create"),
    schema(FIELDS | {"priority": {**PRIORITY, "description": "Default: medium"}}, "title"),
    "Adds a task and returns it with its id. Calling it twice adds two tasks.",
    destructive=False,
    idempotent=False,
)
def add_task(call: Call, request: Request, sent: Arguments) -> Any:
    return results.task(call.run(request, body=sent).data)


@tool(
    "update_task",
    Call(TaskViewSet, "PATCH", "partial_update"),
    schema({"id": ID, **FIELDS}, "id"),
    "Changes the fields that are sent; the others keep their values, and null clears one."
    " complete_task completes and reopens.",
    destructive=True,
    idempotent=True,
)
def update_task(call: Call, request: Request, sent: Arguments) -> Any:
    return results.task(call.run(request, pk=id_in(sent), body=sent).data)


@tool(
    "complete_task",
    Call(TaskViewSet, "POST", "complete"),
    schema(COMPLETION, "id"),
    "Completes a task; with completed=false it reopens it. If the task repeats, `next` is the new"
    " one.",
    destructive=False,
    idempotent=True,
)
def complete_task(call: Call, request: Request, sent: Arguments) -> Any:
    pk, zone = id_in(sent), zone_in(sent)
    changed = call.run(request, pk=pk, body={"completed": True} | sent, zone=zone).data
    following = {"next": results.task(changed["next"])} if "next" in changed else {}
    return results.task(changed) | following


@tool(
    "delete_task",
    Call(TaskViewSet, "DELETE", "destroy"),
    schema({"id": ID}, "id"),
    "Moves a task to the trash, from which restore_task takes it out again.",
    destructive=True,
    idempotent=True,
)
def delete_task(call: Call, request: Request, sent: Arguments) -> Any:
    pk = id_in(sent)
    call.run(request, pk=pk)
    return {"id": pk, "deleted": True}


@tool(
    "restore_task",
    Call(TaskViewSet, "POST", "restore"),
    schema({"id": ID}, "id"),
    "Takes a task out of the trash and returns it. list_tasks with deleted=true lists the trash.",
    destructive=False,
    idempotent=True,
)
def restore_task(call: Call, request: Request, sent: Arguments) -> Any:
    return results.task(call.run(request, pk=id_in(sent)).data)


@tool(
    "list_tags",
    Call(TagViewSet, "GET", "tags"),
    schema({}),
    "Returns the user's tags, each with the number of open tasks and of all tasks.",
)
def list_tags(call: Call, request: Request, sent: Arguments) -> Any:
    return {"tags": call.run(request).data}
