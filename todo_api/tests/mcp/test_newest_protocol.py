"""The protocol of 2026-07-28, which has no handshake: each request says all in its headers."""

from typing import Any

import pytest

from accounts.models import User
from tasks.models import Task
from todo_api.tests.mcp.agent import Agent, Json, scoped
from todo_api.web.scopes import READ

pytestmark = pytest.mark.django_db

VERSION = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientCapabilities": {},
}
ADD: Json = {"name": "add_task", "arguments": {"title": "Read"}, "_meta": META}
HEADERS = {
    "HTTP_MCP_PROTOCOL_VERSION": VERSION,
    "HTTP_MCP_METHOD": "tools/call",
    "HTTP_MCP_NAME": "add_task",
}
MISMATCH, UNSUPPORTED, INVALID_PARAMS = -32020, -32022, -32602


def test_a_tool_is_called_without_a_handshake(alice: User) -> None:
    result = Agent().send("tools/call", ADD, **HEADERS).json()["result"]

    assert (result["isError"], result["structuredContent"]["title"]) == (False, "Read")


def test_discovery_names_the_versions(alice: User) -> None:
    headers = {"HTTP_MCP_PROTOCOL_VERSION": VERSION, "HTTP_MCP_METHOD": "server/discover"}

    result = Agent().send("server/discover", {"_meta": META}, **headers).json()["result"]

    assert result["supportedVersions"] == [VERSION, "2025-11-25", "2025-06-18", "2025-03-26"]
    assert result["capabilities"] == {"tools": {}}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"HTTP_MCP_METHOD": None}, MISMATCH),
        ({"HTTP_MCP_METHOD": "tools/list"}, MISMATCH),
        ({"HTTP_MCP_METHOD": "TOOLS/CALL"}, MISMATCH),
        ({"HTTP_MCP_NAME": None}, MISMATCH),
        ({"HTTP_MCP_NAME": "list_tasks"}, MISMATCH),
        ({"HTTP_MCP_NAME": "=?base64?%%%?="}, MISMATCH),
        ({"HTTP_MCP_PROTOCOL_VERSION": "2024-01-01"}, UNSUPPORTED),
    ],
    ids=str,
)
def test_headers_that_differ_from_the_message_are_refused(
    alice: User, changes: Json, code: int
) -> None:
    sent = {name: value for name, value in (HEADERS | changes).items() if value is not None}

    response = Agent().send("tools/call", ADD, **sent)

    assert (response.status_code, response.json()["error"]["code"]) == (400, code)
    assert not Task.objects.exists()


def test_a_message_without_its_version_is_refused(alice: User) -> None:
    response = Agent().send("tools/call", {**ADD, "_meta": {}}, **HEADERS)

    assert (response.status_code, response.json()["error"]["code"]) == (400, INVALID_PARAMS)


def test_the_scope_is_that_of_the_message_and_not_of_the_headers(alice: User) -> None:
    other: dict[str, Any] = HEADERS | {
        "HTTP_MCP_METHOD": "tools/list",
        "HTTP_MCP_NAME": "list_tags",
    }

    assert scoped(READ).send("tools/call", ADD, **other).status_code == 403
    assert not Task.objects.exists()
