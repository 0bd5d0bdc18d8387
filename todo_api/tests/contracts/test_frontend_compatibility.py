"""Compatibility with existing frontends, in every contract."""

import base64
import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import ALICE, make_task
from tasks.models import Priority, Task
from todo_api.tests.contracts.client import RecordingClient, camel

SIGN_UP = {"email": "carol@todo.test", "password": "correct horse", "name": "Alice"}


@pytest.fixture
def task(call: RecordingClient, alice: Any) -> Task:
    return make_task(alice, due_date="2026-12-01")


def test_put_of_completed_alone_keeps_the_rest(call: RecordingClient, task: Task) -> None:
    response = call("PUT", f"/api/tasks/{task.pk}", {"completed": True})

    stored = Task.objects.get()
    assert response.status_code == 200
    assert (stored.completed, stored.title) == (True, task.title)


@pytest.mark.parametrize("body", [None, {}])
def test_complete_without_a_body_toggles(call: RecordingClient, task: Task, body: Any) -> None:
    response = call("PATCH", f"/api/tasks/{task.pk}/complete", body)

    assert response.status_code == 200
    assert Task.objects.get().completed is True


def test_complete_sets_the_value_in_its_body(call: RecordingClient, task: Task) -> None:
    response = call("PATCH", f"/api/tasks/{task.pk}/complete", {"completed": False})

    assert response.status_code == 200
    assert Task.objects.get().completed is False


def test_unknown_members_are_ignored(call: RecordingClient) -> None:
    others = {"category": "home", "tags": ["a"], "user_id": "bob", "userId": "bob", "id": 7}

    response = call("POST", "/api/tasks", {"title": "Read", **others})

    assert response.status_code == 201
    assert Task.objects.get().user_id == ALICE


@pytest.mark.parametrize("name", ["dueDate", "due_date"])
def test_an_empty_due_date_is_null(call: RecordingClient, name: str) -> None:
    response = call("POST", "/api/tasks", {"title": "Read", name: ""})

    assert response.status_code == 201
    assert Task.objects.get().due_date is None


def test_upper_case_priorities_and_null_descriptions_are_accepted(call: RecordingClient) -> None:
    response = call(
        "POST", "/api/tasks", {"title": "Read", "priority": "HIGH", "description": None}
    )

    stored = Task.objects.get()
    assert response.status_code == 201
    assert (stored.priority, stored.description) == (Priority.HIGH, None)


def test_a_cache_busting_parameter_is_ignored(call: RecordingClient, task: Task) -> None:
    newer = call.create(title="Read")

    body = call("GET", "/api/tasks?status=all&sort=created&_t=123&limit=50").content.decode()

    assert body.index(newer) < body.index(str(task.pk))


def test_cors_allows_patch_and_delete(call: RecordingClient, task: Task) -> None:
    origin = {"Origin": "http://localhost:3000"}
    for method in ("PATCH", "DELETE"):
        preflight_headers = {
            **origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        preflight = call.raw(
            "OPTIONS", f"/api/tasks/{task.pk}", None, Authorization="", **preflight_headers
        )
        assert preflight["Access-Control-Allow-Origin"] == "http://localhost:3000"
        assert method in preflight["Access-Control-Allow-Methods"]
        assert {"cache-control", "pragma", "x-requested-with"} <= {
            *preflight["Access-Control-Allow-Headers"].split(", ")
        }

    response = call("GET", "/api/tasks", **origin)

    assert response["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert {"X-Total-Count", "Link", "Ignored-Fields", "X-Request-ID", "ETag", "Retry-After"} <= {
        *response["Access-Control-Expose-Headers"].split(", ")
    }


def test_the_scheme_is_case_insensitive(call: RecordingClient) -> None:
    response = call("GET", "/api/tasks", Authorization=call.bearer.replace("Bearer", "bearer"))

    assert response.status_code == 200


def test_without_headers_the_response_is_a_401_in_json(contract: str, db: None) -> None:
    response: Any = APIClient().get("/api/tasks")

    assert response.status_code == 401
    assert response["Content-Type"] == "application/json"
    assert response.json()["error"]


def test_every_response_has_a_json_body_with_delete_status_200(
    call: RecordingClient, task: Task, settings: Any
) -> None:
    settings.API_DELETE_STATUS = 200

    requests = [("GET", ""), ("PATCH", "/complete"), ("DELETE", ""), ("DELETE", "")]
    responses = [call(method, f"/api/tasks/{task.pk}{path}") for method, path in requests]

    assert [response.status_code for response in responses] == [200, 200, 200, 404]
    assert all(json.loads(response.content) for response in responses)


def test_the_token_contains_the_user_id(call: RecordingClient) -> None:
    signed_up = call.client.post("/api/auth/signup", SIGN_UP).json()

    payload = signed_up["token"].split(".")[1]
    user_id = json.loads(base64.urlsafe_b64decode(payload + "=="))["user_id"]
    listed = call(
        "GET", f"/api/{user_id}/tasks", Authorization=f"Bearer {signed_up[token_member(call)]}"
    )

    assert listed.status_code == 200


def token_member(call: RecordingClient) -> str:
    return camel("access_token") if call.camel else "access_token"
