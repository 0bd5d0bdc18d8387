"""Converts the OpenAPI document to the configured contract (todo_api.web.contract)."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from todo_api.web.contract import NAMING, name_in_case

TEXT = {"type": "string"}


def in_contract(result: Any, **kwargs: Any) -> Any:
    """Converts error bodies and names. A postprocessing hook, after tasks.schema.in_contract."""
    schemas = result["components"]["schemas"]
    _nest_errors(schemas, result)
    _rename(schemas, result)
    return result


def operations(result: Any) -> Iterator[Any]:
    for path in result["paths"].values():
        yield from path.values()


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
        **whole({"error": whole(error), "current": flat["current"], "request_id": TEXT}),
        "required": ["error", "request_id"],
        "description": "An error",
    }
    for operation in operations(result):
        for response in operation["responses"].values():
            response.get("content", {}).pop("application/problem+json", None)


def whole(properties: Any) -> Any:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _rename(schemas: Any, result: Any) -> None:
    """Renames members of bodies, query parameters, and field names among their values."""
    if settings.API_FIELD_CASE == "snake":
        return
    for name, component in schemas.items():
        if name not in {"Health", "Readiness"}:
            _rename_members(component)
    for operation in operations(result):
        for response in operation["responses"].values():
            for content in response.get("content", {}).values():
                _rename_members(content["schema"])
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "query":
                if parameter["name"] in NAMING:
                    words = parameter["schema"]["enum"]
                    parameter["schema"]["enum"] = [name_in_case(word) for word in words]
                parameter["name"] = name_in_case(parameter["name"])


def _rename_members(schema: Any) -> None:
    if "properties" in schema:
        members = schema["properties"]
        for member in members.values():
            _rename_members(member)
        schema["properties"] = {name_in_case(name): member for name, member in members.items()}
        if "example" in schema:
            schema["example"] = {name_in_case(k): v for k, v in schema["example"].items()}
        schema["required"] = [name_in_case(name) for name in schema.get("required", ())]
