"""Each call of a tool is one message to the database."""

from typing import Any

import pytest

from accounts.models import User
from conftest import make_task
from tasks.models import Task
from todo_api.tests.mcp.agent import Agent, Json, scoped
from todo_api.web.scopes import READ, WRITE

pytestmark = pytest.mark.django_db(transaction=True)

CALLS: list[tuple[str, Json]] = [
    ("list_tasks", {}),
    ("list_tasks", {"search": "plants", "tag": ["home"], "due": "week", "status": "pending"}),
    ("get_task", {"id": "a task"}),
    ("add_task", {"title": "Read", "tags": ["home"]}),
    ("update_task", {"id": "a task", "title": "Read", "due_date": "2026-12-04"}),
    ("complete_task", {"id": "a task"}),
    ("delete_task", {"id": "a task"}),
    ("restore_task", {"id": "one in the trash"}),
    ("list_tags", {}),
]
READING = {"list_tasks", "get_task", "list_tags"}


def prepared(alice: User, arguments: Json) -> Json:
    """Returns the arguments with the id of a task, after a request that opens the connection."""
    Agent().call("list_tags")
    task = make_task(alice, tags=["home"])
    if arguments.get("id") == "one in the trash":
        Task.objects.update(deleted_at=task.created_at)
    return arguments | ({"id": str(task.pk)} if "id" in arguments else {})


@pytest.mark.parametrize(("tool", "arguments"), CALLS, ids=str)
def test_a_call_is_one_statement(
    alice: User, tool: str, arguments: Json, django_assert_num_queries: Any
) -> None:
    arguments = prepared(alice, arguments)

    with django_assert_num_queries(1):
        Agent().call(tool, **arguments)


@pytest.mark.parametrize(("tool", "arguments"), CALLS, ids=str)
def test_it_is_one_also_with_a_scope(
    alice: User, tool: str, arguments: Json, django_assert_num_queries: Any
) -> None:
    arguments = prepared(alice, arguments)
    scope = READ if tool in READING else WRITE

    with django_assert_num_queries(1):
        scoped(scope).call(tool, **arguments)


@pytest.mark.parametrize("method", ["initialize", "ping", "tools/list", "server/discover"])
def test_connecting_asks_no_database(
    alice: User, method: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        Agent().result(method, {})


def test_wrong_arguments_ask_no_database(alice: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        for tool, arguments in (
            ("add_task", {"title": ""}),
            ("list_tasks", {"due": "soon"}),
            ("get_task", {"id": "1"}),
            ("list_tags", {"tag": "home"}),
        ):
            assert Agent().called(tool, **arguments).json()["result"]["isError"]
