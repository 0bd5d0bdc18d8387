"""What a token that was issued to an agent may do: no more than its scopes."""

from typing import Any

import pytest

from accounts.models import User
from conftest import make_task
from tasks.models import Task
from todo_api.tests.mcp.agent import URL, Agent, Json, message, scoped
from todo_api.web.scopes import ACCOUNT, READ, WRITE

pytestmark = pytest.mark.django_db

READING = ["list_tasks", "get_task", "list_tags"]
WRITING = ["add_task", "update_task", "complete_task", "delete_task", "restore_task"]
METHODS = [
    "initialize", "ping", "tools/list", "tools/call", "server/discover", "resources/list",
    "notifications/initialized", "no/such/method",
]  # fmt: skip
METADATA = 'resource_metadata="http://testserver/.well-known/oauth-protected-resource/api/mcp"'


def assert_needs(response: Any, scope: str, named: str = "") -> None:
    assert (response.status_code, response.json()["code"]) == (403, "insufficient_scope")
    # With the scope to connect, so that a client that asks for these alone can go on.
    named = named or (f"{READ} {WRITE}" if scope == WRITE else scope)
    challenge = f'Bearer error="insufficient_scope", scope="{named}", {METADATA}'
    assert response.headers["WWW-Authenticate"] == challenge


def arguments_for(tool: str, task: Task) -> Json:
    if tool in {"list_tasks", "list_tags"}:
        return {}
    return {"title": "Changed"} if tool == "add_task" else {"id": str(task.pk)}


@pytest.mark.parametrize(
    ("agent", "tools"),
    [
        (Agent(), {*READING, *WRITING}),
        (scoped(READ, WRITE), {*READING, *WRITING}),
        (scoped("openid", READ, ACCOUNT), {*READING}),
    ],
)
def test_an_agent_sees_the_tools_that_its_token_may_call(
    alice: User, agent: Agent, tools: set[str]
) -> None:
    assert agent.tools().keys() == tools


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("tool", READING + WRITING)
def test_a_tool_needs_its_scope_and_no_other(alice: User, tool: str) -> None:
    task = make_task(alice)
    if tool == "restore_task":
        Task.objects.update(deleted_at=task.created_at)
    needed, other = (READ, WRITE) if tool in READING else (WRITE, READ)
    before = list(Task.objects.values())

    refused = scoped(other, ACCOUNT).called(tool, **arguments_for(tool, task))
    after_refusal = list(Task.objects.values())
    allowed = scoped(needed).called(tool, **arguments_for(tool, task))

    assert_needs(refused, needed)
    assert after_refusal == before
    assert (allowed.status_code, allowed.json()["result"]["isError"]) == (200, False)


@pytest.mark.parametrize("method", ["initialize", "tools/list", "ping", "no/such/method"])
def test_a_token_that_only_writes_cannot_connect(alice: User, method: str) -> None:
    assert_needs(scoped(WRITE).send(method, {}), READ)


@pytest.mark.parametrize(
    "claims",
    [
        {"scope": ""},
        {"azp": "an-agent"},
        {"scope": "openid tasks tasks:admin"},
        {"scope": [READ, WRITE]},
        {"scope": f"{READ},{WRITE}"},
        {"scope": ACCOUNT},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", METHODS)
def test_without_a_known_scope_no_method_is_allowed(alice: User, claims: Json, method: str) -> None:
    params = {"name": "list_tasks", "arguments": {}} if method == "tools/call" else {}

    assert_needs(Agent(claims=claims).send(method, params), READ)


@pytest.mark.parametrize("method", METHODS)
def test_without_a_token_no_method_is_allowed(anonymous: Any, db: None, method: str) -> None:
    response = anonymous.generic("POST", URL, message(method), content_type="application/json")

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == f"Bearer {METADATA}"


def test_a_notification_needs_the_scope_of_its_tool_and_changes_nothing(alice: User) -> None:
    body = (
        b'{"jsonrpc": "2.0", "method": "tools/call",'
        b' "params": {"name": "add_task", "arguments": {"title": "Read"}}}'
    )

    assert_needs(scoped(READ).post(body), WRITE)
    assert scoped(WRITE).post(body).status_code == 202
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    "members",
    [
        '"method": "tools/list", "method": "tools/call", "params": {"name": "add_task", %s}',
        '"method": "tools/call", "params": {"name": "list_tags"}, "params": {"name":"add_task",%s}',
        '"method": "tools/call", "params": {"name": "list_tags", "name": "add_task", %s}',
        r'"method": "tools\/call", "params": {"name": "add\u005ftask", %s}',
        '"\\u006dethod": "tools/call", "params": {"n\\u0061me": "add_task", %s}',
    ],
)
def test_the_check_of_the_scope_reads_the_message_as_the_server_does(
    alice: User, members: str
) -> None:
    body = '{"jsonrpc": "2.0", "id": 1, ' + members % '"arguments": {"title": "Read"}' + "}"

    assert_needs(scoped(READ).post(body.encode()), WRITE)
    assert not Task.objects.exists()
    assert scoped(WRITE).post(body.encode()).status_code == 200
    assert Task.objects.count() == 1


def test_the_last_of_two_methods_counts(alice: User) -> None:
    body = (
        b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "method": "ping",'
        b' "params": {"name": "add_task", "arguments": {"title": "Read"}}}'
    )

    assert scoped(READ).post(body).json()["result"] == {}
    assert_needs(scoped(WRITE).post(body), READ)
    assert not Task.objects.exists()


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_client_with_a_scope_learns_that_there_are_no_event_streams(
    alice: User, method: str
) -> None:
    response = scoped(READ).client.generic(method, URL)

    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
