"""The tools of one user never show or change the tasks of another."""

from typing import Any

import pytest

from accounts.models import User
from conftest import BOB, make_task
from tasks.models import Task
from todo_api.tests.mcp.agent import Agent, Json, scoped
from todo_api.web.scopes import READ, WRITE

pytestmark = pytest.mark.django_db(transaction=True)

AGENTS = [Agent(BOB), scoped(READ, WRITE, user_id=BOB)]


@pytest.mark.parametrize("agent", AGENTS, ids=["session", "scopes"])
def test_a_stranger_sees_and_changes_nothing(alice: User, bob: User, agent: Agent) -> None:
    live = make_task(
        alice, "Only Alice knows", description="private", tags=["private"], due_date="2026-12-01",
        repeat={"rule": "FREQ=DAILY", "from": "due"},
    )  # fmt: skip
    trashed = make_task(alice, "Only Alice knew", deleted_at=live.created_at)
    before = list(Task.objects.order_by("pk").values())
    calls: list[tuple[str, Json]] = [
        ("list_tasks", {}),
        ("list_tasks", {"deleted": True}),
        ("list_tasks", {"search": "Alice", "tag": ["private"]}),
        ("list_tags", {}),
        *(
            (tool, {"id": str(task.pk)})
            for task in (live, trashed)
            for tool in ("get_task", "complete_task", "delete_task", "restore_task")
        ),
        *(("update_task", {"id": str(task.pk), "title": "Mine"}) for task in (live, trashed)),
    ]

    responses: list[Any] = [agent.called(tool, **arguments) for tool, arguments in calls]

    for response in responses:
        assert response.status_code == 200
        assert b"Alice" not in response.content
        assert b"private" not in response.content
        assert b"alice" not in response.content
    assert list(Task.objects.order_by("pk").values()) == before


def test_a_cursor_of_another_user_shows_own_tasks_only(alice: User, bob: User) -> None:
    Task.objects.bulk_create(Task(user=alice, title="Only Alice knows") for _ in range(3))
    make_task(bob, "Bob's")
    cursor = Agent().call("list_tasks", limit=1)["next_cursor"]

    page = Agent(BOB).called("list_tasks", limit=1, cursor=cursor)

    assert b"Alice" not in page.content


def test_what_an_agent_adds_belongs_to_the_user_of_its_token(alice: User, bob: User) -> None:
    Agent(BOB).call("add_task", title="Bob's")

    assert list(Task.objects.values_list("user_id", "title")) == [(BOB, "Bob's")]
    assert Agent().call("list_tasks") == {"tasks": [], "total": 0}
