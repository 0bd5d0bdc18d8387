"""Habits of frontends that exist. They keep working whatever shape a deployment chose."""

import base64
import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import ALICE, make_task
from tasks.models import Priority, Task
from todo_api.tests.contracts.caller import Caller, camel

SIGN_UP = {"email": "carol@todo.test", "password": "correct horse", "name": "Alice"}


@pytest.fixture
def task(call: Caller, alice: Any) -> Task:
    return make_task(alice, due_date="2026-12-01")


def test_put_of_completed_alone_keeps_the_rest(call: Caller, task: Task) -> None:
    response = call("PUT", f"/api/tasks/{task.pk}", {"completed": True})

    stored = Task.objects.get()
    assert response.status_code == 200
    assert (stored.completed, stored.title) == (True, task.title)


@pytest.mark.parametrize("body", [None, {}])
def test_complete_without_a_word_flips(call: Caller, task: Task, body: Any) -> None:
    response = call("PATCH", f"/api/tasks/{task.pk}/complete", body)

    assert response.status_code == 200
    assert Task.objects.get().completed is True


def test_complete_says_what_it_wants(call: Caller, task: Task) -> None:
    response = call("PATCH", f"/api/tasks/{task.pk}/complete", {"completed": False})

    assert response.status_code == 200
    assert Task.objects.get().completed is False


def test_members_of_other_backends_do_no_harm(call: Caller) -> None:
    others = {"category": "home", "tags": ["a"], "user_id": "bob", "userId": "bob", "id": 7}

    response = call("POST", "/api/tasks", {"title": "Read", **others})

    assert response.status_code == 201
    assert Task.objects.get().user_id == ALICE


@pytest.mark.parametrize("name", ["dueDate", "due_date"])
def test_an_empty_due_date_is_none(call: Caller, name: str) -> None:
    response = call("POST", "/api/tasks", {"title": "Read", name: ""})

    assert response.status_code == 201
    assert Task.objects.get().due_date is None


def test_shouted_priorities_and_null_descriptions_are_understood(call: Caller) -> None:
    response = call(
        "POST", "/api/tasks", {"title": "Read", "priority": "HIGH", "description": None}
    )

    stored = Task.objects.get()
    assert response.status_code == 201
    assert (stored.priority, stored.description) == (Priority.HIGH, None)


def test_a_query_against_caches_lists_the_newest_first(call: Caller, task: Task) -> None:
    newer = call.create(title="Read")

    body = call("GET", "/api/tasks?status=all&sort=created&_t=123&limit=50").content.decode()

    assert body.index(newer) < body.index(str(task.pk))


def test_a_browser_may_change_and_delete(call: Caller, task: Task) -> None:
    origin = {"Origin": "http://localhost:3000"}
    for method in ("PATCH", "DELETE"):
        asked = {
            **origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        preflight = call.raw("OPTIONS", f"/api/tasks/{task.pk}", None, Authorization="", **asked)
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


def test_the_scheme_has_no_case(call: Caller) -> None:
    response = call("GET", "/api/tasks", Authorization=call.bearer.replace("Bearer", "bearer"))

    assert response.status_code == 200


def test_without_any_header_the_answer_is_401_in_json(contract: str, db: None) -> None:
    response: Any = APIClient().get("/api/tasks")

    assert response.status_code == 401
    assert response["Content-Type"] == "application/json"
    assert response.json()["error"]


def test_whoever_parses_every_body_can(call: Caller, task: Task, settings: Any) -> None:
    settings.API_DELETE_STATUS = 200

    calls = [("GET", ""), ("PATCH", "/complete"), ("DELETE", ""), ("DELETE", "")]
    responses = [call(method, f"/api/tasks/{task.pk}{path}") for method, path in calls]

    assert [response.status_code for response in responses] == [200, 200, 200, 404]
    assert all(json.loads(response.content) for response in responses)


def test_a_browser_reads_the_user_id_out_of_the_token(call: Caller) -> None:
    signed_up = call.client.post("/api/auth/signup", SIGN_UP).json()

    payload = signed_up["token"].split(".")[1]
    user_id = json.loads(base64.urlsafe_b64decode(payload + "=="))["user_id"]
    listed = call(
        "GET", f"/api/{user_id}/tasks", Authorization=f"Bearer {signed_up[spelled(call)]}"
    )

    assert listed.status_code == 200


def spelled(call: Caller) -> str:
    return camel("access_token") if call.camel else "access_token"
