"""What an agent learns before its first call: the tools, their schemas and hints."""

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # no stubs

from accounts.models import User
from tasks.filters import PARAMETERS
from tasks.models import TITLE_LENGTH
from tasks.serializers import TaskSerializer
from todo_api import __version__
from todo_api.mcp.registry import CALLS
from todo_api.tests.mcp.agent import Agent, Json
from todo_api.web import pagination
from todo_api.web.scopes import READ

pytestmark = pytest.mark.django_db

READING, ADDING, CHANGING = {"list_tasks", "get_task", "list_tags"}, {"add_task"}, {"update_task"}
TOOLS = READING | ADDING | CHANGING | {"complete_task", "delete_task", "restore_task"}
# Other words for the same in the API, for existing frontends. Agents page with cursors.
NOT_OFFERED = {"completed", "due_before", "due_after", "sort_by", "order", "sort_order", "offset"}


@pytest.fixture
def tools(alice: User) -> dict[str, Json]:
    return Agent().tools()


def arguments_of(tool: Json) -> Json:
    found: Json = tool["inputSchema"]["properties"]
    return found


def test_there_are_eight_tools(tools: dict[str, Json]) -> None:
    assert tools.keys() == TOOLS == CALLS.keys()


def test_every_schema_is_json_schema_and_closed(tools: dict[str, Json]) -> None:
    for tool in tools.values():
        Draft202012Validator.check_schema(tool["inputSchema"])
        assert tool["inputSchema"]["additionalProperties"] is False


def test_a_task_is_written_with_the_fields_that_the_api_accepts(tools: dict[str, Json]) -> None:
    writable = {name for name, field in TaskSerializer().fields.items() if not field.read_only}

    added, changed = arguments_of(tools["add_task"]), arguments_of(tools["update_task"])

    assert added.keys() == writable - {"completed"}
    assert changed.keys() == added.keys() | {"id"}
    assert added["title"] == {"type": "string", "maxLength": TITLE_LENGTH}
    assert tools["add_task"]["inputSchema"]["required"] == ["title"]
    assert tools["update_task"]["inputSchema"]["required"] == ["id"]


def test_fields_that_the_api_clears_with_null_say_so(tools: dict[str, Json]) -> None:
    fields = TaskSerializer().fields
    schemas = arguments_of(tools["add_task"])

    assert {name for name, each in schemas.items() if "null" in each["type"]} == {
        name for name in schemas if fields[name].allow_null
    }


def test_a_list_takes_parameters_of_the_api(tools: dict[str, Json]) -> None:
    known = {**PARAMETERS, **pagination.PARAMETERS}

    listed = arguments_of(tools["list_tasks"])

    assert listed.keys() == known.keys() - NOT_OFFERED | {"time_zone"}
    for name in listed.keys() - {"time_zone", "limit", "sort"}:
        schema = known[name].schema
        offered = listed[name]["items"] if known[name].repeatable else listed[name]
        assert {word: offered.get(word) for word in schema} == schema, name
    assert listed["limit"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
    assert set(listed["sort"]["enum"]) <= set(known["sort"].schema["enum"])


def test_hints_tell_what_a_tool_may_do(tools: dict[str, Json]) -> None:
    hints = {name: tool["annotations"] for name, tool in tools.items()}

    assert {name for name, each in hints.items() if each["readOnlyHint"]} == READING
    writing = {name: each for name, each in hints.items() if not each["readOnlyHint"]}
    assert {name for name, each in writing.items() if each["destructiveHint"]} == {
        "update_task",
        "delete_task",
    }
    assert {name for name, each in writing.items() if not each["idempotentHint"]} == {"add_task"}
    assert not any(each["openWorldHint"] for each in hints.values())


def test_only_tools_with_the_scope_to_read_are_called_read_only(tools: dict[str, Json]) -> None:
    assert {name: tool["annotations"]["readOnlyHint"] for name, tool in tools.items()} == {
        name: call.scope == READ for name, call in CALLS.items()
    }


def test_connecting_tells_who_the_server_is_and_how_to_use_it(alice: User) -> None:
    asked = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "a"}}

    connected = Agent().result("initialize", asked)

    assert connected["protocolVersion"] == "2025-06-18"
    assert connected["capabilities"] == {"tools": {}}
    assert connected["serverInfo"] == {
        "name": "todo-api", "title": "Todo API", "version": __version__,
    }  # fmt: skip
    assert "time_zone" in connected["instructions"]
    assert Agent().result("ping") == {}


def test_the_list_of_tools_is_small(alice: User) -> None:
    """An agent pays for it in each conversation: about four bytes are a token."""
    assert len(Agent().send("tools/list").content) < 8_000
