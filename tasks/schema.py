"""Tasks in the OpenAPI document, beyond what serializers and filters show, and in the contract that
is in force (tasks.contract).
"""

import copy
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiSerializerFieldExtension

from todo_api.web.openapi.contract import TEXT, operations, whole
from todo_api.web.openapi.schema import request_header, response_header

COMPONENT = "#/components/schemas/"
TASK = {"$ref": f"{COMPONENT}Task"}
TASKS = {"type": "array", "items": TASK}
COUNT = {"type": "integer"}
STATUS = {
    "type": "string",
    "enum": ["pending", "completed"],
    "description": "Mirrors `completed`; where both are sent, this one counts",
}
IGNORED = response_header(
    "Ignored-Fields", "Names in the request that mean nothing here", 200, 201, 204
)
ETAG = response_header("ETag", "The version of what was answered", 200, 201)
IF_NONE_MATCH = request_header("If-None-Match", "A version that is known: 304 when it still is")
IF_MATCH = request_header("If-Match", "The versions that may be changed: 412 for any other")
ONCE = [
    request_header(
        "Idempotency-Key",
        "The same key within a day gives the same answer again",
        {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x20-\\x7e]+$"},
    ),
    response_header("Idempotency-Replayed", "`true` on an answer given again", 200, 201),
]
LIST = [
    response_header("X-Total-Count", "How many tasks there are on all pages", 200),
    response_header("Link", '`<address>; rel="next"` when there is more', 200),
    IF_NONE_MATCH,
    ETAG,
    IGNORED,
]
CREATE = [*ONCE, response_header("Location", "The address of the new task", 201), ETAG, IGNORED]
GET = [IF_NONE_MATCH, ETAG, IGNORED]
CHANGE = [IF_MATCH, ETAG, IGNORED]
COMPLETE = [*ONCE, *CHANGE]
DELETE = [IF_MATCH, IGNORED]


class DueDate(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A date goes out; a date, a date-time, or "" may come in. (Null either way, by the field.)"""

    target_class = "tasks.serializers.DueDateField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        if direction == "response":
            return {"type": "string", "format": "date"}
        return {
            "oneOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "format": "date-time"},
                {"type": "string", "const": ""},
            ],
            "description": 'Of a date-time the date part is taken as written; "" and null clear it',
        }


def in_contract(result: Any, **kwargs: Any) -> Any:
    """Postprocessing hook. The canonical document passes through as it is."""
    _mirror_status(result["components"]["schemas"])
    for operation in operations(result):
        if "tasks" in operation["tags"]:
            _answer_deletion(operation)
            for response in operation["responses"].values():
                for content in response.get("content", {}).values():
                    content["schema"] = _shaped(content["schema"])
    return result


def _mirror_status(schemas: Any) -> None:
    if settings.API_STATUS_FIELD:
        # What a person takes with them is no answer of the task endpoints: nothing is mirrored.
        schemas["ExportedTask"] = copy.deepcopy(schemas["Task"])
        schemas["Export"]["properties"]["tasks"]["items"] = {"$ref": f"{COMPONENT}ExportedTask"}
        for name, component in schemas.items():
            if "completed" in component.get("properties", ()) and name != "ExportedTask":
                component["properties"]["status"] = STATUS
        schemas["Task"]["required"].append("status")


def _answer_deletion(operation: Any) -> None:
    if settings.API_DELETE_STATUS == 200 and "204" in operation["responses"]:
        response = operation["responses"].pop("204")
        enveloped = settings.API_ITEM_SHAPE == "data"
        schema = _enveloped({"type": "null"}) if enveloped else whole({"message": TEXT})
        response |= {"content": {"application/json": {"schema": schema}}, "description": "Deleted"}
        operation["responses"]["200"] = response


def _shaped(schema: Any) -> Any:
    if schema == TASK:
        shape = settings.API_ITEM_SHAPE
        keyed: Any = {"task": TASK}
    elif schema == TASKS:
        shape = settings.API_LIST_SHAPE
        keyed = {"tasks": TASKS, "total": COUNT, "completed_count": COUNT, "pending_count": COUNT}
    else:
        return schema
    if shape == "data":
        return _enveloped(schema)
    return whole(keyed) if shape == "keyed" else schema


def _enveloped(data: Any) -> Any:
    return whole({"success": {"type": "boolean", "const": True}, "data": data, "message": TEXT})
