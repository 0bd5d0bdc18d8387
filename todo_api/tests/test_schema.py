"""The OpenAPI document, and the page that renders it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema
from rest_framework.test import APIClient

from todo_api.openapi import name_of

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.yml"
DOCUMENT: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)


def operations() -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_committed_document_is_the_one_that_is_served() -> None:
    rendered = OpenApiYamlRenderer().render(DOCUMENT, renderer_context={}).decode()

    assert rendered == COMMITTED.read_text(), "run: make schema"


def test_canonical_paths_come_first_and_aliases_are_apart() -> None:
    paths, tags = [*DOCUMENT["paths"]], [tag["name"] for tag in DOCUMENT["tags"]]

    assert paths[0] == "/api/tasks"
    assert tags == ["tasks", "accounts", "agents", "health", "aliases"]
    by_tag = {path: operation["tags"] for path, operation in operations()}
    assert by_tag["POST /api/tasks"] == by_tag["POST /api/tasks/{id}/complete"] == ["tasks"]
    for path in ("GET /api/tags", "PATCH /api/tags/{name}", "POST /api/repeat/preview"):
        assert by_tag[path] == ["tasks"]
    assert by_tag["GET /api/me"] == ["accounts"]
    for path in ("GET /api/v1/tasks", "GET /api/users/me", "POST /api/auth/signin"):
        assert by_tag[path] == ["aliases"]


def test_it_says_where_a_token_comes_from_and_has_values_to_try() -> None:
    assert "authClient.token()" in DOCUMENT["info"]["description"]
    example = DOCUMENT["components"]["schemas"]["TaskRequest"]["example"]
    assert example["title"] == "Water the plants"


def test_it_is_valid_openapi_3_1() -> None:
    validate_schema(yaml.safe_load(COMMITTED.read_text()))

    assert DOCUMENT["openapi"] == "3.1.0"


def test_tasks_and_problems_have_one_schema_each() -> None:
    names = set(DOCUMENT["components"]["schemas"])

    assert {name for name in names if "Task" in name} == {
        "Task",
        "TaskRequest",
        "PatchedTaskRequest",
        "ChangedTask",
    }
    assert {name for name in names if "Problem" in name} == {"Problem"}


def schema_of(component: str, member: str) -> Any:
    return DOCUMENT["components"]["schemas"][component]["properties"][member]


def test_repeat_is_an_object_of_a_rule_and_what_it_is_counted_from() -> None:
    sent, shown = schema_of("TaskRequest", "repeat"), schema_of("Task", "repeat")

    for schema in (sent, shown):
        assert schema["type"] == ["object", "null"]
        assert schema["properties"]["rule"]["maxLength"] == 255
        assert schema["properties"]["from"]["enum"] == ["due", "completion"]
    assert (sent["required"], shown["required"]) == (["rule"], ["rule", "from"])
    assert schema_of("PreviewRequest", "repeat")["type"] == "object"


@pytest.mark.parametrize("name", ["due_at", "remind_at"])
def test_times_are_date_times_and_an_empty_text_clears_them(name: str) -> None:
    sent, shown = schema_of("TaskRequest", name), schema_of("Task", name)

    assert (shown["type"], shown["format"]) == (["string", "null"], "date-time")
    assert sent["type"] == ["string", "null"]
    for text in ("", "2026-01-31T09:00Z", "2026-01-31 09:00:00.5+0530"):
        assert re.search(sent["pattern"], text), text
    for text in ("2026-01-31", "2026-01-31T09:00", "x"):
        assert not re.search(sent["pattern"], text), text


def test_tags_are_at_most_twenty_short_texts() -> None:
    item = {"type": "string", "minLength": 1, "maxLength": 50}

    assert schema_of("TaskRequest", "tags") == {"type": "array", "items": item, "maxItems": 20}
    assert schema_of("Task", "tags")["maxItems"] == 20


def test_a_time_zone_may_be_empty_in_a_request() -> None:
    assert schema_of("TaskRequest", "time_zone")["type"] == ["string", "null"]
    assert "minLength" not in schema_of("TaskRequest", "time_zone")


def test_only_a_task_that_was_changed_can_have_a_next_one() -> None:
    changed = DOCUMENT["components"]["schemas"]["ChangedTask"]
    task = DOCUMENT["components"]["schemas"]["Task"]

    assert changed["required"] == task["required"]
    assert [*changed["properties"]] == [*task["properties"], "next"]
    assert schema_of("BatchResult", "next")["allOf"] == [{"$ref": "#/components/schemas/Task"}]
    assert DOCUMENT["components"]["schemas"]["BatchResult"]["required"] == ["status"]
    returned = {
        name: operation["responses"]["200"]["content"]["application/json"]["schema"]
        for name, operation in operations()
        if re.search(r" /api/tasks/\{id\}", name) and "200" in operation["responses"]
    }
    shown = {name: schema["$ref"].rpartition("/")[2] for name, schema in returned.items()}
    unchanged = {"GET /api/tasks/{id}", "POST /api/tasks/{id}/restore"}
    assert shown == {name: "Task" if name in unchanged else "ChangedTask" for name in shown}


def test_tags_are_a_list_and_an_unknown_one_returns_404() -> None:
    listed = DOCUMENT["paths"]["/api/tags"]["get"]["responses"]["200"]
    one = DOCUMENT["paths"]["/api/tags/{name}"]

    assert listed["content"]["application/json"]["schema"] == {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Tag"},
    }
    assert all("404" in operation["responses"] for operation in one.values())
    assert all("pattern" not in operation["parameters"][0]["schema"] for operation in one.values())
    assert one["patch"]["requestBody"]["required"]


def test_every_request_that_writes_or_lists_tasks_documents_time_zone() -> None:
    documented = {
        name
        for name, operation in operations()
        if "Time-Zone" in {each["name"] for each in operation.get("parameters", ())}
    }

    assert {name for name in documented if operation_tag(name) == "tasks"} == {
        "GET /api/tasks", "POST /api/tasks", "PUT /api/tasks/{id}", "PATCH /api/tasks/{id}",
        "POST /api/tasks/{id}/complete", "PATCH /api/tasks/{id}/complete",
        "POST /api/tasks/{id}/toggle", "PATCH /api/tasks/{id}/toggle",
        "POST /api/batch", "POST /api/repeat/preview", "POST /api/import",
    }  # fmt: skip


def operation_tag(name: str) -> str:
    return str(dict(operations())[name]["tags"][0])


def test_the_error_codes_are_those_of_the_documentation() -> None:
    table = (COMMITTED.parent / "api.md").read_text().partition("## Errors")[2]

    documented = set(re.findall(r"^\| \d+ \| `(\w+)` \|", table, re.MULTILINE))

    assert documented == set(DOCUMENT["components"]["schemas"]["ErrorCode"]["enum"])


def test_every_operation_uses_only_json_and_describes_its_errors() -> None:
    for name, operation in operations():
        bodies = operation.get("requestBody", {}).get("content", {"application/json": None})
        files = {"text/csv", "text/calendar"} if name.endswith("/import") else set()
        assert set(bodies) == {"application/json", *files}, name
        assert operation["summary"], name
        assert {"400", "500", "503"} <= set(operation["responses"]), name
        if operation.get("security") == [{"bearer": []}]:
            assert {"401", "403"} <= set(operation["responses"]), name
        for status, response in operation["responses"].items():
            types = set(response.get("content", {}))
            failing = int(status) >= 400 and "health" not in name and "readyz" not in name
            problem = {"application/json", "application/problem+json"}
            if name.endswith(".ics") and status == "200":
                assert types == {"text/calendar"}
                continue
            if name.endswith("/export") and status == "200":
                assert types == {"application/json", "text/csv", "text/calendar"}
                continue
            if name == "POST /api/mcp" and status in {"400", "404"}:
                assert types == {"application/json"}  # an error of JSON-RPC
                continue
            assert types == problem if failing else types <= problem, (name, status)


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for _, operation in operations()]

    assert len(ids) == len(set(ids))


@pytest.mark.django_db
def test_the_document_is_served_as_json(anonymous: APIClient) -> None:
    response = anonymous.get("/api/schema")

    assert response.status_code == 200
    assert response.json()["paths"].keys() == DOCUMENT["paths"].keys()


@pytest.mark.django_db
def test_query_parameters_do_not_change_the_document(anonymous: APIClient) -> None:
    plain = anonymous.get("/api/schema")

    for query in ("version=abc", "version=%0aX:y", "lang=de", "format=yaml"):
        response = anonymous.get(f"/api/schema?{query}")
        assert response.status_code == 200, query
        assert response.content == plain.content, query
        assert response["Content-Disposition"] == plain["Content-Disposition"], query


@pytest.mark.django_db
def test_the_docs_page_loads_only_own_assets(anonymous: APIClient) -> None:
    page = anonymous.get("/api/docs").content.decode()
    assets = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert len(assets) >= 3
    for asset in assets:
        assert asset.startswith(("/static/", "/api/docs?script=")), asset
        response = anonymous.get(asset)
        assert response.status_code == 200, asset
        assert b"".join(response) or response.content


def test_accounts_at_another_prefix_have_names_of_their_own(settings: Any) -> None:
    settings.API_AUTH_PREFIX = "auth"

    names = {path: name_of(path, "post") for path in ("/auth/login", "/api/auth/login")}

    assert names == {"/auth/login": ("logInAtPrefix", True), "/api/auth/login": ("logIn", False)}
    assert name_of("/apiauth/login", "post") == ("", False)


def test_every_operation_has_a_name_and_a_description() -> None:
    ids = [operation["operationId"] for _, operation in operations()]

    assert len(ids) == len(set(ids))
    assert all(re.fullmatch("[a-z][A-Za-z0-9]+", name) for name in ids)
    assert all(operation["description"] for _, operation in operations())
