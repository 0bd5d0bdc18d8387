"""Responses in every contract: complete bodies, and conformance to the OpenAPI document."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # no stubs
from rest_framework.test import APIClient

from accounts.models import User
from accounts.throttling import PER_EMAIL_AND_ADDRESS
from accounts.tokens import verifier
from conftest import ALICE, BOB, free_port, make_task, token_for
from todo_api.tests.contracts.client import RecordingClient, golden

TASK_ID, TAG = re.compile(r"/tasks/[0-9a-f-]+"), re.compile(r"/tags/.+")
DUE: dict[str, Any] = {
    "due_at": "2099-12-24T09:00:00+01:00",
    "time_zone": "Europe/Berlin",
    "remind_at": "2099-12-24T07:30:00Z",
    "repeat": {"rule": "freq=weekly;count=5", "from": "due"},
}
IGNORED = {"due_color", "dueColor"}


def test_the_life_of_a_task(contract: str, call: RecordingClient) -> None:
    first = call.create(title=" Water the plants ", priority="HIGH", due_date="2026-12-01")
    second = call.create(title="Read", completed=True, description="é", labels=["a"])
    call.create(title="Rest", due_date="2027-01-31T23:00:00Z")
    call("GET", "/api/tasks")
    call("GET", "/api/tasks?status=completed")
    call("GET", "/api/tasks?sort_by=due_date&limit=1")
    call("GET", "/api/tasks?offset=1")
    call("GET", "/api/tasks?due_before=2026-12-02&due_color=red")
    call("GET", f"/api/tasks/{first}")
    call("PUT", f"/api/tasks/{first}", {"completed": True})
    call("PATCH", f"/api/tasks/{first}", {"title": "Water them", "due_date": ""})
    call("PATCH", f"/api/tasks/{first}/complete")
    call("PATCH", f"/api/tasks/{first}/complete", {})
    call("PATCH", f"/api/tasks/{first}/complete", {"completed": False})
    call("POST", f"/api/tasks/{first}/toggle")
    call("PATCH", f"/api/tasks/{second}", {"status": "pending"})
    call("DELETE", f"/api/tasks/{first}")
    call("GET", f"/api/tasks/{first}")
    call("GET", "/api/tasks?deleted=true")
    call("POST", f"/api/tasks/{first}/restore")
    call("DELETE", f"/api/tasks/{first}?forever=true")
    call("DELETE", f"/api/tasks/{second}")
    call("GET", "/api/me")
    call("GET", "/api/me/export")

    assert_golden(f"{contract}-life", call)


def test_tags_times_and_a_series(contract: str, call: RecordingClient) -> None:
    first = call.create(title="Water the plants", tags=["Home", "Caf\u00e9"], **DUE)
    call("GET", f"/api/tasks/{first}")
    days = "due_from=2099-12-24&due_until=2099-12-24"
    call("GET", f"/api/tasks?tag=home&{days}&priority=medium,high&priority=low")
    call("GET", "/api/tasks?due=none", **{"Time-Zone": "Asia/Tokyo"})
    call("PATCH", f"/api/tasks/{first}/complete", {"completed": True})
    second = call.newest()
    call("PATCH", f"/api/tasks/{first}/complete", {"completed": True})
    call("POST", f"/api/tasks/{second}/toggle")
    third = call.newest()
    call("PUT", f"/api/tasks/{third}", {"completed": True, "remind_at": None, "tags": ["Home"]})
    fourth = call.newest()
    operations = [
        {"op": "update", "id": fourth, "fields": {"due_at": "2099-12-31T23:30:00Z"}},
        {"op": "complete", "id": fourth},
        {"op": "complete", "id": fourth},
    ]
    call("POST", "/api/batch", {"operations": operations})
    fifth = call.newest()
    call("PATCH", f"/api/tasks/{fifth}", {"due_date": "2099-12-24"})
    call("PATCH", f"/api/tasks/{fifth}", {"completed": True})
    call("GET", "/api/tags")
    call("PATCH", "/api/tags/home", {"name": "House"})
    call("DELETE", "/api/tags/caf%C3%A9")
    call("DELETE", "/api/tags/caf%C3%A9")
    preview = {name: DUE[name] for name in ("repeat", "due_at", "time_zone")}
    call("POST", "/api/repeat/preview", preview)
    call(
        "POST", "/api/repeat/preview", {"repeat": {"rule": "FREQ=DAILY"}, "due_date": "2099-12-24"}
    )
    wrong = {"due_at": "soon", "time_zone": "Europe/Bonn", "repeat": {}, "tags": ["a", "A"]}
    call("POST", "/api/tasks", {"title": "Rest", **wrong})
    call("POST", "/api/tasks", {"title": "Rest", **DUE, "due_date": "2099-12-25"})
    call("GET", "/api/tasks?due_from=soon&due=never")
    call("GET", "/api/tasks?due_from=2099-12-24&due_from=2099-12-25")
    call("GET", "/api/tasks", **{"Time-Zone": "Europe/Bonn"})

    assert_golden(f"{contract}-series", call)


def test_the_next_task_of_a_series_has_the_members_of_a_task(
    contract: str, call: RecordingClient
) -> None:
    one, other = (call.create(title="Water the plants", **DUE) for _ in range(2))
    known = set(task_of(call("GET", f"/api/tasks/{one}").json()))

    completed = task_of(call("POST", f"/api/tasks/{one}/complete").json())
    operations = [{"op": "complete", "id": other}]
    (result,) = call("POST", "/api/batch", {"operations": operations}).json()["results"]

    following = completed.pop("next")
    assert set(completed) == set(following) == known
    assert set(result["task"]) == set(result["next"]) == known
    assert following["repeat"] == {"rule": "FREQ=WEEKLY;COUNT=4", "from": "due"}


def task_of(body: Any) -> Any:
    """Returns the task in a body, whatever the shape of items is."""
    return body.get("task") or body.get("data") or body


def test_every_class_of_error(contract: str, call: RecordingClient, settings: Any) -> None:
    task = call.create(title="Water the plants")
    call("POST", "/api/tasks", {})
    call("POST", "/api/tasks", {"title": " ", "due_date": "soon"})
    call("PATCH", f"/api/tasks/{task}", {"status": "done"})
    call("GET", "/api/tasks?sort_by=color")
    call("GET", "/api/tasks?due_before=soon")
    call.raw("POST", "/api/tasks", '{"title": ')
    call.raw("POST", "/api/tasks", "[]")
    call("GET", "/api/tasks", Authorization="")
    call("GET", "/api/tasks", Authorization=f"Bearer {token_for(ALICE, secret='x' * 32)}")
    call("GET", "/api/tasks", Authorization=f"Bearer {token_for(ALICE, exp=1)}")
    call("GET", f"/api/{BOB}/tasks")
    User.objects.filter(pk=BOB).update(is_active=False)
    call("GET", "/api/tasks", Authorization=f"Bearer {token_for(BOB)}")
    call("GET", "/api/nothing")
    call("GET", "/api/tasks/1")
    call("DELETE", "/api/tasks")
    call("OPTIONS", "/api/tasks")
    call("GET", "/api/tasks", Accept="text/html")
    call.raw("POST", f"/api/tasks/{task}/complete", "{}", **{"Idempotency-Key": "1"})
    call.raw("POST", f"/api/tasks/{task}/complete", '{"a": 1}', **{"Idempotency-Key": "1"})
    call("PATCH", f"/api/tasks/{task}", {"title": "Read"}, **{"If-Match": '"0"'})
    call.raw("POST", "/api/tasks", "x" * (settings.MAX_BODY_BYTES + 1))
    call.raw("POST", "/api/tasks", "title=Read", **{"Content-Type": "text/plain"})
    settings.STRICT_INPUT = True
    call("POST", "/api/tasks", {"title": "Read", "due_dat": "2026-12-01"})
    for _ in range(PER_EMAIL_AND_ADDRESS):
        call.client.post("/api/auth/login", {"email": "alice@todo.test", "password": "wrong"})
    call("POST", "/api/auth/login", {"email": "alice@todo.test", "password": "wrong"})
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("REVOKE SELECT ON tasks_task FROM todo_user")
        call("GET", "/api/tasks")
        transaction.set_rollback(True)
    settings.BETTER_AUTH_TOKENS = ["jwks"]
    settings.BETTER_AUTH_URL = "https://app.todo.test"
    settings.BETTER_AUTH_JWKS_URL = f"http://127.0.0.1:{free_port()}/unreachable"
    verifier.cache_clear()
    call("GET", "/api/tasks", Authorization=f"Bearer {token_of_an_unknown_key()}")

    assert_golden(f"{contract}-errors", call)


def test_too_many_parameters_return_400(call: RecordingClient) -> None:
    path = f"/api/tasks?{'&'.join(['a=b'] * 1_001)}"

    refused = call("GET", path, Origin="http://localhost:3000")
    without_token = call("GET", path, Authorization="")

    assert (refused.status_code, without_token.status_code) == (400, 401)
    assert b'"validation_error"' in refused.content
    assert refused["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert refused["X-Content-Type-Options"] == "nosniff"


def test_an_etag_of_another_contract_does_not_match(
    contract: str, call: RecordingClient, settings: Any
) -> None:
    task = call.create(title="Water the plants")
    known = call("GET", f"/api/tasks/{task}")["ETag"]
    again = call("GET", f"/api/tasks/{task}", **{"If-None-Match": known})

    settings.API_ITEM_SHAPE = "keyed" if settings.API_ITEM_SHAPE != "keyed" else "bare"
    other_contract = call("GET", f"/api/tasks/{task}", **{"If-None-Match": known})

    assert (again.status_code, other_contract.status_code) == (304, 200)


@pytest.mark.parametrize(
    ("name", "value"),
    [("API_DONE_FIELD", True), ("API_STATUS_FIELD", True), ("API_TASK_EXTRAS", {"kind": "a"})],
)
def test_an_etag_changes_with_the_members_of_a_task(
    as_alice: APIClient, alice: User, settings: Any, name: str, value: Any
) -> None:
    path = f"/api/tasks/{make_task(alice).pk}"
    known = as_alice.get(path)["ETag"]

    setattr(settings, name, value)

    assert as_alice.get(path, HTTP_IF_NONE_MATCH=known).status_code == 200


def assert_golden(name: str, call: RecordingClient) -> None:
    """Asserts that the transcript equals the file and that responses conform to the document."""
    found = [*mismatches(call.exchanges)]
    file, written = golden(name), call.written()
    if not file.exists():
        file.write_text(written)
        pytest.fail(f"{file.name} was missing and is written now: read it, then run again")
    assert written == file.read_text()
    assert found == []


def mismatches(exchanges: list[tuple[str, Any]]) -> Iterator[str]:
    """Yields each parameter and member that the current OpenAPI document does not describe."""
    document: Any = SchemaGenerator().get_schema(request=None, public=True)
    components = closed(document["components"])
    for request, response in exchanges:
        method, target = request.split(" ")
        path, _, query = target.partition("?")
        path = TASK_ID.sub("/tasks/{id}", path.replace(f"/{BOB}/", "/{user_id}/"))
        path = TAG.sub("/tags/{name}", path)
        operation = document["paths"].get(path, {}).get(method.lower())
        if operation is None:  # an unknown route, or method
            assert response.status_code in {404, 405}
            continue
        known = {parameter["name"] for parameter in operation.get("parameters", ())}
        yield from {name for name, _ in parse_qsl(query) if name not in known} - IGNORED
        described = operation["responses"][str(response.status_code)]
        assert ("content" in described) == bool(response.body), request
        if response.body:
            schema = closed(described["content"][response["Content-Type"]]["schema"])
            validator = Draft202012Validator({**schema, "components": components})
            for error in validator.iter_errors(json.loads(response.body)):
                yield f"{request} {response.status_code}: {error.message}"


def closed(schema: Any) -> Any:
    """Returns a copy of the schema that forbids members it does not describe."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    copy = {name: closed(part) for name, part in schema.items()}
    return {"additionalProperties": False, **copy} if "properties" in copy else copy


def token_of_an_unknown_key() -> str:
    now = int(time.time())
    claims = {"sub": ALICE, "iat": now, "exp": now + 900}
    key = Ed25519PrivateKey.generate()
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": "unknown"})
