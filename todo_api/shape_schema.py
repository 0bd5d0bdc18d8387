"""The OpenAPI document in the contract that is in force: what shapes.py does, told of types."""

import copy
from collections.abc import Iterator
from typing import Any

from django.conf import settings

from todo_api.shapes import NAMING, spelled

COMPONENT = "#/components/schemas/"
TASK = {"$ref": f"{COMPONENT}Task"}
TASKS = {"type": "array", "items": TASK}
TEXT = {"type": "string"}
COUNT = {"type": "integer"}
STATUS = {
    "type": "string",
    "enum": ["pending", "completed"],
    "description": "Mirrors `completed`; where both are sent, this one counts",
}


def described(result: Any, **kwargs: Any) -> Any:
    """Postprocessing hook. The canonical document passes through as it is."""
    schemas = result["components"]["schemas"]
    _mirror_status(schemas)
    _nest_errors(schemas, result)
    for operation in _operations(result):
        if "tasks" in operation["tags"]:
            _answer_deletion(operation)
            for answer in operation["responses"].values():
                for content in answer.get("content", {}).values():
                    content["schema"] = _shaped(content["schema"])
    _rename(schemas, result)
    return result


def _operations(result: Any) -> Iterator[Any]:
    for path in result["paths"].values():
        yield from path.values()


def _mirror_status(schemas: Any) -> None:
    if settings.API_STATUS_FIELD:
        # What a person takes with them is no answer of the task endpoints: nothing is mirrored.
        schemas["ExportedTask"] = copy.deepcopy(schemas["Task"])
        schemas["Export"]["properties"]["tasks"]["items"] = {"$ref": f"{COMPONENT}ExportedTask"}
        for name, component in schemas.items():
            if "completed" in component.get("properties", ()) and name != "ExportedTask":
                component["properties"]["status"] = STATUS
        schemas["Task"]["required"].append("status")


def _nest_errors(schemas: Any, result: Any) -> None:
    if settings.API_ERROR_SHAPE == "flat":
        return
    flat = schemas["Problem"]["properties"]
    error = {
        "code": flat["code"],
        "message": {"type": "string"},
        "details": {**flat["errors"], "type": ["object", "null"]},
    }
    schemas["Problem"] = {
        **_whole({"error": _whole(error), "current": flat["current"], "request_id": TEXT}),
        "required": ["error", "request_id"],
        "description": "Every failure",
    }
    for operation in _operations(result):
        for answer in operation["responses"].values():
            answer.get("content", {}).pop("application/problem+json", None)


def _answer_deletion(operation: Any) -> None:
    if settings.API_DELETE_STATUS == 200 and "204" in operation["responses"]:
        answer = operation["responses"].pop("204")
        enveloped = settings.API_ITEM_SHAPE == "data"
        schema = _enveloped({"type": "null"}) if enveloped else _whole({"message": TEXT})
        answer |= {"content": {"application/json": {"schema": schema}}, "description": "Deleted"}
        operation["responses"]["200"] = answer


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
    return _whole(keyed) if shape == "keyed" else schema


def _enveloped(data: Any) -> Any:
    return _whole({"success": {"type": "boolean", "const": True}, "data": data, "message": TEXT})


def _whole(properties: Any) -> Any:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _rename(schemas: Any, result: Any) -> None:
    """Members of bodies, parameters of queries, and the names that some of those take."""
    if settings.API_FIELD_CASE == "snake":
        return
    for name, component in schemas.items():
        if name not in {"Health", "Readiness"}:
            _rename_members(component)
    for operation in _operations(result):
        for answer in operation["responses"].values():
            for content in answer.get("content", {}).values():
                _rename_members(content["schema"])
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "query":
                if parameter["name"] in NAMING:
                    words = parameter["schema"]["enum"]
                    parameter["schema"]["enum"] = [spelled(word) for word in words]
                parameter["name"] = spelled(parameter["name"])


def _rename_members(schema: Any) -> None:
    if "properties" in schema:
        members = schema["properties"]
        for member in members.values():
            _rename_members(member)
        schema["properties"] = {spelled(name): member for name, member in members.items()}
        schema["required"] = [spelled(name) for name in schema.get("required", ())]
