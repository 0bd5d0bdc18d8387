"""Settings that choose a contract, and the OpenAPI document of each contract."""

import json
import urllib.request
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from accounts.models import User
from conftest import Serve, token_for
from tasks.serializers import ChangedTaskSerializer, TaskSerializer
from todo_api.tests.contracts.conftest import BARE, PRESETS
from todo_api.tests.test_settings import load, problem


def chosen(**variables: str) -> dict[str, Any]:
    settings = load(**variables)
    return {name: getattr(settings, name) for name in BARE}


@pytest.mark.parametrize("preset", PRESETS)
def test_api_contract_sets_a_combination(preset: str) -> None:
    assert chosen(API_CONTRACT=preset) == {**BARE, **PRESETS[preset]}


def test_the_default_contract_is_canonical() -> None:
    assert chosen() == BARE


def test_a_single_variable_overrides_api_contract() -> None:
    overridden = chosen(API_CONTRACT="data", API_LIST_SHAPE="keyed", API_DELETE_STATUS="204")

    assert overridden == {**BARE, "API_LIST_SHAPE": "keyed", "API_ITEM_SHAPE": "data"}


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("API_CONTRACT", "canonical, keyed, keyed-list, data, camel"),
        ("API_LIST_SHAPE", "bare, keyed, data, data-keyed"),
        ("API_ITEM_SHAPE", "bare, keyed, data"),
        ("API_ERROR_SHAPE", "flat, nested"),
        ("API_FIELD_CASE", "snake, camel"),
        ("API_DELETE_STATUS", "204, 200"),
    ],
)
def test_an_invalid_value_stops_the_start_and_lists_the_choices(name: str, choices: str) -> None:
    assert f"{name}: expected one of {choices} (it is 'pascal')" in problem(**{name: "pascal"})


@pytest.mark.parametrize("contract", ["all-at-once"], indirect=True)
def test_the_document_of_another_contract_is_valid(contract: str) -> None:
    validate_schema(SchemaGenerator().get_schema(request=None, public=True))


def test_the_document_in_camel_case_has_no_names_in_snake_case(settings: Any) -> None:
    settings.API_FIELD_CASE = "camel"

    document: Any = SchemaGenerator().get_schema(request=None, public=True)

    members = {
        member
        for component in document["components"]["schemas"].values()
        for member in component.get("properties", ())
    }
    queries = {
        parameter["name"]
        for path in document["paths"].values()
        for operation in path.values()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query"
    }
    assert {name for name in members | queries if "_" in name} == set()
    assert {"dueDate", "sortBy"} <= members | queries


@pytest.mark.parametrize(
    "value",
    [
        "[]",
        "nonsense",
        '{"n": "\\ud800"}',
        '{"title": 1}',
        '{"is_completed": true}',
        '{"tags": []}',
        '{"repeat": null}',
        '{"next": null}',
        '{"a": "' + "x" * 1_024 + '"}',
    ],
)
def test_invalid_extras_stop_the_start(value: str) -> None:
    assert "API_TASK_EXTRAS: " in problem(API_TASK_EXTRAS=value)


def test_extras_cannot_replace_a_member_of_a_response() -> None:
    members = {*TaskSerializer.Meta.fields, *ChangedTaskSerializer.Meta.fields}

    for name in members:
        assert "API_TASK_EXTRAS: these members exist already" in problem(
            API_TASK_EXTRAS=json.dumps({name: 1})
        )


def test_extras_in_camel_case_cannot_replace_a_field() -> None:
    camel = {"API_FIELD_CASE": "camel"}

    for name in ("dueDate", "dueAt", "timeZone", "remindAt"):
        assert "API_TASK_EXTRAS: " in problem(API_TASK_EXTRAS=f'{{"{name}": 1}}', **camel)
    settings = load(API_TASK_EXTRAS='{"categoryName": "none"}', **camel)
    assert settings.API_TASK_EXTRAS == {"category_name": "none"}


def test_own_accounts_and_tasks_at_the_paths_of_another_backend(db: None, serve: Serve) -> None:
    """A frontend that logs in at /auth/login and reads `data.tasks`, `is_completed`, `category`."""
    address = serve(
        API_AUTH_PREFIX="/auth", API_LIST_SHAPE="data-keyed", API_DONE_FIELD="on",
        API_TASK_EXTRAS='{"category": "none"}',
    )  # fmt: skip

    def call(method: str, path: str, body: Any = None, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address + path, data, headers, method=method)  # noqa: S310  (a local http address)
        with urllib.request.urlopen(request) as response:  # noqa: S310  (a local http address)
            return json.load(response)

    account = {"email": "alice@todo.test", "password": "correct horse battery"}
    call("POST", "/auth/register", {**account, "username": "alice"})
    token = call("POST", "/auth/login", account)["access_token"]
    assert call("GET", "/auth/me", token=token)["name"] == "alice"
    task = call("POST", "/api/tasks", {"title": "Read", "is_completed": True}, token)
    assert (task["is_completed"], task["completed"], task["category"]) == (True, True, "none")
    listed = call("GET", "/api/tasks?sort=created_newest&status=done", token=token)
    assert [each["title"] for each in listed["data"]["tasks"]] == ["Read"]
    assert (listed["success"], listed["data"]["completed_count"]) == (True, 1)


def test_a_running_service_uses_its_contract(alice: User, serve: Serve) -> None:
    address = serve(API_CONTRACT="data", API_FIELD_CASE="camel")

    request = urllib.request.Request(  # noqa: S310  (a local http address)
        f"{address}/api/tasks",
        b'{"title": "Read", "dueDate": "2026-12-01"}',
        {"Authorization": f"Bearer {token_for(alice.pk)}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:  # noqa: S310  (a local http address)
        body = json.load(response)

    assert (body["success"], body["message"]) == (True, "Task created")
    assert body["data"]["dueDate"] == "2026-12-01"
