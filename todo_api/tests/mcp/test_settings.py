"""Settings that change the API for its frontends change nothing for agents."""

import json
import re
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from todo_api.tests.contracts.conftest import BARE, CONTRACTS
from todo_api.tests.mcp.agent import Agent

pytestmark = pytest.mark.django_db

VARIANTS: dict[str, dict[str, Any]] = {
    **CONTRACTS,
    "strict": {"STRICT_INPUT": True},
    "strict, all at once": {"STRICT_INPUT": True, **CONTRACTS["all-at-once"]},
}
TASK: dict[str, Any] = {
    "title": "Weekly review", "description": "x" * 300, "due_date": "2099-12-04",
    "tags": ["home"], "repeat": {"rule": "FREQ=WEEKLY"},
}  # fmt: skip
CHANGING = re.compile(r"[0-9a-f-]{36}|\d{4}-\d\d-\d\dT[\d:.]+Z")


def recorded() -> list[str]:
    """Returns the responses to calls that use every tool and fail in each way, without ids, times
    and cursors.
    """
    agent, bodies = Agent(), []

    def call(tool: str, **arguments: Any) -> Any:
        result = agent.called(tool, **arguments).json()["result"]
        shown = result.get("structuredContent", result["content"])
        cursor = {"next_cursor": "*"} if "next_cursor" in shown else {}
        bodies.append(json.dumps({**shown, **cursor} if cursor else shown))
        return shown

    with transaction.atomic():
        first = call("add_task", **TASK)["id"]
        second = call("add_task", title="Read", due_at="2099-12-24T09:00:00+01:00")["id"]
        call("list_tasks", limit=1, sort="due_date", due_from="2099-01-01")
        call("list_tasks", status="pending", deleted=False)
        call("get_task", id=first)
        call("update_task", id=second, due_date=None, priority="high", tags=[])
        call("complete_task", id=first)
        call("complete_task", id=first, completed=False)
        call("delete_task", id=second)
        call("list_tasks", deleted=True)
        call("restore_task", id=second)
        call("list_tags")
        call("add_task", due_date="soon", due_at="later", time_zone="Berlin")
        call("add_task", title="Read", dueDate="2099-12-04")
        call("add_task", title="Read", status="completed", is_completed=True, category="none")
        call("add_task", title="Read", repeat={"rule": "FREQ=DAILY", "until": "2099"})
        call("update_task", id=first, is_completed=True)
        call("list_tasks", due="someday")
        call("list_tasks", due_from="friday")
        call("list_tasks", sort="dueDate")
        call("get_task", id="1")
        bodies.append(agent.send("tools/list").content.decode())
        transaction.set_rollback(True)
    return [CHANGING.sub("*", body) for body in bodies]


@pytest.mark.parametrize("name", VARIANTS)
def test_no_setting_of_the_api_changes_the_tools(alice: User, settings: Any, name: str) -> None:
    for setting, value in BARE.items():
        setattr(settings, setting, value)
    expected = recorded()
    for setting, value in VARIANTS[name].items():
        setattr(settings, setting, value)

    assert recorded() == expected
