"""Tools that a maintainer adds, with mistakes: a token still changes nothing without its scope."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django_mcpz.server import MCPServer, public
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User
from conftest import make_task
from tasks.models import Task
from tasks.views import TaskViewSet
from todo_api.mcp import registry, results, views
from todo_api.mcp.arguments import schema
from todo_api.mcp.calls import Call
from todo_api.tests.mcp.agent import Agent, scoped
from todo_api.tests.mcp.test_scopes import METADATA, assert_needs
from todo_api.web.scopes import ACCOUNT, READ, WRITE

pytestmark = pytest.mark.django_db(transaction=True)

Add = Callable[[type[TaskViewSet]], None]


class WritingList(TaskViewSet):
    """A list that also writes, by mistake."""

    def list(self, request: Request, **kwargs: Any) -> Any:
        Task.objects.filter(user_id=request.user.pk).update(title="Changed")
        return super().list(request, **kwargs)


class WritingInTransaction(WritingList):
    def list(self, request: Request, **kwargs: Any) -> Any:
        with transaction.atomic():
            return super().list(request, **kwargs)


class WritingSql(TaskViewSet):
    def list(self, request: Request, **kwargs: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM tasks_task")
        return super().list(request, **kwargs)


class Undeclared(TaskViewSet):
    """A view whose author removed the scopes."""

    required_scopes: Any = {}


class WithoutScopes(TaskViewSet):
    required_scopes: Any = {"POST": WRITE}


class Nobody(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        return False


class Closed(TaskViewSet):
    """A view with a permission of its own."""

    permission_classes = (Nobody,)


@pytest.fixture
def add(monkeypatch: pytest.MonkeyPatch) -> Add:
    """Adds a tool that lists tasks with a view, to a server without other tools."""
    server, calls = MCPServer(name="added", version="1", auth=public), dict[str, Call]()
    for module in (registry, views):
        monkeypatch.setattr(module, "SERVER", server)
        monkeypatch.setattr(module, "CALLS", calls)

    def add_tool(view: type[TaskViewSet]) -> None:
        @registry.tool("added", Call(view, "GET", "list"), schema({}), "Added by a maintainer.")
        def added(call: Call, request: Request, sent: Any) -> Any:
            return {"tasks": results.tasks(call.run(request).data)}

    return add_tool


@pytest.mark.parametrize("view", [WritingList, WritingInTransaction, WritingSql])
def test_a_tool_that_writes_by_mistake_changes_nothing_for_a_token_that_reads(
    alice: User, add: Add, view: type[TaskViewSet]
) -> None:
    make_task(alice)
    add(view)
    before = list(Task.objects.values())

    refused = scoped(READ).called("added")
    also = scoped(READ, WRITE).called("added")  # it is called with the scope to read

    assert_needs(refused, WRITE, named=WRITE)
    assert_needs(also, WRITE, named=WRITE)
    assert list(Task.objects.values()) == before
    assert Agent().called("added").status_code == 200
    assert list(Task.objects.values()) != before


@pytest.mark.parametrize("view", [Undeclared, WithoutScopes])
def test_a_tool_whose_view_declares_no_scope_is_closed_to_agents(
    alice: User, add: Add, view: type[TaskViewSet]
) -> None:
    add(view)
    everything = scoped(READ, WRITE, ACCOUNT)

    refused = everything.called("added")

    assert refused.status_code == 403
    challenge = f'Bearer error="insufficient_scope", {METADATA}'
    assert refused.headers["WWW-Authenticate"] == challenge
    assert "added" not in everything.tools()
    assert Agent().tools()["added"]["annotations"]["readOnlyHint"] is False
    assert Agent().call("added") == {"tasks": []}


def test_the_permissions_of_a_view_are_those_of_its_tool(alice: User, add: Add) -> None:
    add(Closed)

    refused = Agent().called("added")

    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_the_next_request_on_the_connection_can_write(alice: User) -> None:
    scoped(READ).call("list_tasks")

    assert scoped(WRITE).call("add_task", title="Read")["title"] == "Read"
