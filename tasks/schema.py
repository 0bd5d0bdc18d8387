"""Additions to the OpenAPI document of tasks: headers, the formats of fields, and the contract that
the settings choose (tasks.contract).
"""

import copy
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import OpenApiParameter

from tasks.contract import has_additions, with_additions
from tasks.fields import BASES
from tasks.rule_parts import LENGTH
from todo_api.web.contract import in_case
from todo_api.web.openapi.contract import TEXT, whole
from todo_api.web.openapi.schema import request_header, response_header

COMPONENT = "#/components/schemas/"
TASK = {"$ref": f"{COMPONENT}Task"}
CHANGED = {"$ref": f"{COMPONENT}ChangedTask"}
TASKS = {"type": "array", "items": TASK}
COUNT = {"type": "integer"}
STATUS = {
    "type": "string",
    "enum": ["pending", "completed"],
    "description": "The same as `completed`, in words. If both are sent, `status` is used",
}
IS_COMPLETED = {
    "type": "boolean",
    "description": "The same as `completed`. If both are sent, `completed` is used",
}
IGNORED = response_header(
    "Ignored-Fields", "Unknown names in the request, which were ignored", 200, 201, 204
)
ETAG = response_header("ETag", "The version of the response", 200, 201)
IF_NONE_MATCH = request_header("If-None-Match", "Versions that the client has: 304 if unchanged")
IF_MATCH = request_header("If-Match", "The versions that may be changed: 412 for any other version")
TIME_ZONE = request_header("Time-Zone", "The IANA name of the user's time zone; UTC without it")
ONCE = [
    request_header(
        "Idempotency-Key",
        "A retry with the same key within a day returns the first response again",
        {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x20-\\x7e]+$"},
    ),
    response_header("Idempotency-Replayed", "`true` on a repeated response", 200, 201),
]
LIST = [
    response_header("X-Total-Count", "The number of tasks on all pages", 200),
    response_header("Link", '`<url>; rel="next"` if there is another page', 200),
    TIME_ZONE,
    IF_NONE_MATCH,
    ETAG,
    IGNORED,
]
LOCATION = response_header("Location", "The URL of the new task", 201)
CREATE = [*ONCE, TIME_ZONE, LOCATION, ETAG, IGNORED]
GET = [IF_NONE_MATCH, ETAG, IGNORED]
CHANGE = [IF_MATCH, ETAG, IGNORED]
COMPLETE = [*ONCE, TIME_ZONE, *CHANGE]
CREATE_ONLY = request_header("If-None-Match", "`*`: creates a task with this id")
PUT = [*ONCE, TIME_ZONE, CREATE_ONLY, LOCATION, *CHANGE]
TAG_NAME = OpenApiParameter(
    "name", str, OpenApiParameter.PATH, description="The tag, in any case; percent-encoded"
)
DELETE = [
    IF_MATCH,
    IGNORED,
    OpenApiParameter(
        "forever", bool, description="`true`: deletes the task now, also from the trash"
    ),
]
SYNC = [
    OpenApiParameter("since", str, description="The `checkpoint` of the last response"),
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1000}),
    request_header("If-None-Match", "The checkpoint in quotes: 304 if nothing changed"),
    response_header("ETag", "The checkpoint in quotes", 200, 304),
    IGNORED,
]
BATCH = [*ONCE, TIME_ZONE, IGNORED]
UPDATE = [TIME_ZONE, *CHANGE]


# One type for requests, not alternatives by format: generators make an object of those.
DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
TIME = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?"
OFFSET = r"(Z|[+-]\d{2}:?\d{2})"


class DueDate(OpenApiSerializerFieldExtension):
    """A date in responses; a date, a date-time or "" in requests. The field itself adds null."""

    target_class = "tasks.fields.DueDateField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        if direction == "response":
            return {"type": "string", "format": "date"}
        return {
            "type": "string",
            "pattern": f"^({DAY}([T ]{TIME}{OFFSET}?)?)?$",
            "description": "A date; of a date-time, the date part is used as written. An empty"
            " string and null clear it, and it clears `due_at`",
        }


class Instant(OpenApiSerializerFieldExtension):
    """A date-time in responses; a date-time with an offset or "" in requests."""

    target_class = "tasks.fields.InstantField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        if direction == "response":
            return {"type": "string", "format": "date-time"}
        return {
            "type": "string",
            "pattern": f"^({DAY}[T ]{TIME}{OFFSET})?$",
            "description": "A date and time with its offset from UTC. An empty string and null"
            " clear it",
        }


class TimeZone(OpenApiSerializerFieldExtension):
    """The name of a time zone; in requests also ""."""

    target_class = "tasks.fields.TimeZoneField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        described = {"type": "string", "description": "An IANA name such as Europe/Berlin"}
        if direction == "request":
            described["description"] += ". Without it, `due_at` is in the zone of `Time-Zone`"
        return described


class Repeat(OpenApiSerializerFieldExtension):
    """An object; in requests `from` is optional."""

    target_class = "tasks.fields.RepeatField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        rule = {
            "type": "string",
            "minLength": 1,
            "maxLength": LENGTH,
            "description": "A recurrence rule of RFC 5545, such as FREQ=WEEKLY;BYDAY=MO",
        }
        basis: dict[str, Any] = {"type": "string", "enum": [*BASES]}
        if direction == "request":  # no `default`: generated types would require it
            basis["description"] = f"`{BASES[0]}` without it"
        return {
            "type": "object",
            "properties": {"rule": rule, "from": basis},
            "required": ["rule"] if direction == "request" else ["rule", "from"],
            "description": "Completing the task creates the next one: at the next occurrence after"
            " its due date, or counted from its completion",
        }


def in_contract(result: Any, **kwargs: Any) -> Any:
    """Postprocessing hook that changes the responses of tasks to the chosen contract."""
    for name in ("Task", "ChangedTask"):
        task = result["components"]["schemas"][name]
        task["example"] = with_additions(task["example"])
    _add_members(result["components"]["schemas"])
    for path, methods in result["paths"].items():
        for operation in methods.values() if "/tasks" in path else ():
            _change_deletion(operation)
            for response in operation["responses"].values():
                for content in response.get("content", {}).values():
                    content["schema"] = _schema_in_contract(content["schema"])
    return result


def _add_members(schemas: Any) -> None:
    """Adds the members of tasks.contract.with_additions."""
    if not has_additions():
        return
    # Exported tasks do not have them: the contract applies to the task endpoints only.
    schemas["ExportedTask"] = copy.deepcopy(schemas["Task"])
    schemas["Export"]["properties"]["tasks"]["items"] = {"$ref": f"{COMPONENT}ExportedTask"}
    writable: dict[str, Any] = {}
    if settings.API_STATUS_FIELD:
        writable["status"] = STATUS
    if settings.API_DONE_FIELD:
        writable["is_completed"] = IS_COMPLETED
    for name, component in schemas.items():
        if "completed" in component.get("properties", ()) and name != "ExportedTask":
            component["properties"] |= writable
    constants = {n: {"const": in_case(value)} for n, value in settings.API_TASK_EXTRAS.items()}
    for name in ("Task", "ChangedTask"):
        schemas[name]["properties"] |= constants
        schemas[name]["required"] += [*writable, *constants]


def _change_deletion(operation: Any) -> None:
    if settings.API_DELETE_STATUS == 200 and "204" in operation["responses"]:
        response = operation["responses"].pop("204")
        enveloped = settings.API_ITEM_SHAPE == "data"
        schema = _enveloped({"type": "null"}) if enveloped else whole({"message": TEXT})
        response |= {"content": {"application/json": {"schema": schema}}, "description": "Deleted"}
        operation["responses"]["200"] = response


def _schema_in_contract(schema: Any) -> Any:
    if schema in (TASK, CHANGED):
        shape = settings.API_ITEM_SHAPE
        keyed: Any = {"task": schema}
    elif schema == TASKS:
        shape = settings.API_LIST_SHAPE
        keyed = {"tasks": TASKS, "total": COUNT, "completed_count": COUNT, "pending_count": COUNT}
    else:
        return schema
    if shape == "data":
        return _enveloped(schema)
    if shape == "data-keyed":
        return _enveloped(whole(keyed))
    return whole(keyed) if shape == "keyed" else schema


def _enveloped(data: Any) -> Any:
    return whole({"success": {"type": "boolean", "const": True}, "data": data, "message": TEXT})
