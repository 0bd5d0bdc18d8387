"""What each tool does and returns."""

from datetime import UTC, datetime

import pytest
import time_machine

from accounts.models import User
from conftest import make_task
from tasks.models import Priority, Task
from todo_api.tests.mcp.agent import Agent, ToolFailed

pytestmark = pytest.mark.django_db

DUE = {
    "due_at": "2099-12-24T09:00:00+01:00",
    "time_zone": "Europe/Berlin",
    "remind_at": "2099-12-24T07:30:00Z",
}


def test_add_task_stores_a_task_and_returns_its_members_that_have_a_value(alice: User) -> None:
    added = Agent().call(
        "add_task", title=" Water the plants ", description="All of them", priority="high",
        tags=["home", "Balcony"], repeat={"rule": "freq=weekly", "from": "completion"}, **DUE,
    )  # fmt: skip

    task = Task.objects.get()
    assert added == {
        "id": str(task.pk),
        "title": "Water the plants",
        "description": "All of them",
        "completed": False,
        "priority": "high",
        "due_date": "2099-12-24",
        "due_at": "2099-12-24T08:00:00Z",
        "time_zone": "Europe/Berlin",
        "remind_at": "2099-12-24T07:30:00Z",
        "repeat": {"rule": "FREQ=WEEKLY", "from": "completion"},
        "tags": ["home", "Balcony"],
        "created_at": added["updated_at"],
        "updated_at": added["updated_at"],
    }
    assert (task.user, task.title, task.priority) == (alice, "Water the plants", Priority.HIGH)


def test_add_task_needs_only_a_title_and_returns_nothing_empty(alice: User) -> None:
    added = Agent().call("add_task", title="Read", description="")

    assert added.keys() == {"id", "title", "completed", "priority", "created_at", "updated_at"}


def test_get_task_returns_the_whole_description(alice: User) -> None:
    task = make_task(alice, "Read", description="a word " * 100)

    found = Agent().call("get_task", id=str(task.pk).upper())

    assert (found["id"], found["description"]) == (str(task.pk), task.description)


def test_update_task_changes_only_what_is_sent_and_null_clears(alice: User) -> None:
    task = make_task(alice, "Read", description="Soon", priority=Priority.LOW, tags=["home"])

    changed = Agent().call("update_task", id=str(task.pk), title="Read it", description=None)

    task.refresh_from_db()
    assert (changed["title"], changed["priority"], changed["tags"]) == ("Read it", "low", ["home"])
    assert "description" not in changed
    assert (task.title, task.description, task.priority) == ("Read it", None, Priority.LOW)


def test_complete_task_completes_and_reopens(alice: User) -> None:
    task = make_task(alice)

    completed = Agent().call("complete_task", id=str(task.pk))
    reopened = Agent().call("complete_task", id=str(task.pk), completed=False)

    assert (completed["completed"], "completed_at" in completed) == (True, True)
    assert (reopened["completed"], "completed_at" in reopened) == (False, False)


def test_a_completed_task_that_repeats_returns_the_next_one_once(alice: User) -> None:
    repeat = {"rule": "FREQ=WEEKLY", "from": "due"}
    task = make_task(alice, "Weekly review", due_date="2099-12-04", repeat=repeat)

    completed = Agent().call("complete_task", id=str(task.pk))
    again = Agent().call("complete_task", id=str(task.pk))

    following = completed["next"]
    assert following == {
        "id": str(Task.objects.exclude(pk=task.pk).get().pk),
        "title": "Weekly review",
        "completed": False,
        "priority": "medium",
        "due_date": "2099-12-11",
        "repeat": repeat,
        "created_at": following["created_at"],
        "updated_at": following["updated_at"],
    }
    assert "next" not in again


def test_the_next_date_is_later_than_today_in_the_time_zone(alice: User) -> None:
    repeat = {"rule": "FREQ=DAILY", "from": "due"}
    tasks = [make_task(alice, due_date="2026-12-01", repeat=repeat) for _ in range(2)]
    noon = datetime(2026, 12, 1, 12, tzinfo=UTC)  # already the second in Auckland

    with time_machine.travel(noon, tick=False):
        here = Agent().call("complete_task", id=str(tasks[0].pk))
        there = Agent().call("complete_task", id=str(tasks[1].pk), time_zone="Pacific/Auckland")

    assert here["next"]["due_date"] == "2026-12-02"
    assert there["next"]["due_date"] == "2026-12-03"


def test_a_deleted_task_is_in_the_trash_until_it_is_restored(alice: User) -> None:
    agent, task = Agent(), make_task(alice)
    task_id = str(task.pk)

    deleted = agent.call("delete_task", id=task_id)
    listed, trash = agent.call("list_tasks"), agent.call("list_tasks", deleted=True)
    restored = agent.call("restore_task", id=task_id)

    assert deleted == {"id": task_id, "deleted": True}
    assert listed == {"tasks": [], "total": 0}
    assert [(each["id"], "deleted_at" in each) for each in trash["tasks"]] == [(task_id, True)]
    assert (restored["id"], "deleted_at" in restored) == (task_id, False)
    assert agent.call("list_tasks", deleted=True) == {"tasks": [], "total": 0}
    with pytest.raises(ToolFailed, match=r"^Task not found$"):
        agent.call("restore_task", id=task_id)


def test_list_tags_counts_open_tasks_and_all(alice: User) -> None:
    make_task(alice, tags=["home", "urgent"])
    make_task(alice, tags=["home"], completed=True)

    assert Agent().call("list_tags") == {
        "tags": [
            {"name": "home", "open": 1, "total": 2},
            {"name": "urgent", "open": 1, "total": 1},
        ]
    }


def test_a_new_user_s_first_contact_may_be_an_agent() -> None:
    assert Agent("someone-new", {"scope": "tasks:read"}).call("list_tags") == {"tags": []}
    assert User.objects.get().pk == "someone-new"
