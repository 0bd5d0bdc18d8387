"""list_tasks: its pages, its filters, and what it leaves out."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from accounts.models import User
from conftest import client_of, make_task
from tasks.models import Priority, Task
from todo_api.mcp.tools import PARAMETERS
from todo_api.tests.mcp.agent import Agent, Json, ToolFailed

pytestmark = pytest.mark.django_db


def titles(page: Json) -> list[str]:
    return [task["title"] for task in page["tasks"]]


def test_a_list_shows_members_that_have_a_value_and_helps_to_choose(alice: User) -> None:
    task = make_task(alice, "Read", due_date="2026-12-04", tags=["home"])

    assert Agent().call("list_tasks") == {
        "tasks": [
            {
                "id": str(task.pk),
                "title": "Read",
                "completed": False,
                "priority": "medium",
                "due_date": "2026-12-04",
                "tags": ["home"],
            }
        ],
        "total": 1,
    }


@pytest.mark.parametrize(("length", "shown"), [(200, "é" * 200), (201, "é" * 200 + "…")])
def test_a_list_shows_200_characters_of_a_description(alice: User, length: int, shown: str) -> None:
    make_task(alice, description="é" * length)

    (task,) = Agent().call("list_tasks")["tasks"]

    assert task["description"] == shown


@pytest.mark.parametrize("sort", [None, "title", "-due_date", "priority"])
def test_pages_neither_repeat_nor_skip_a_task(alice: User, sort: str | None) -> None:
    Task.objects.bulk_create(
        Task(user=alice, title=f"Task {number % 3}", due_date="2026-12-04" if number % 2 else None)
        for number in range(25)
    )
    arguments: Json = {"limit": 10, "sort": sort}

    pages = [Agent().call("list_tasks", **arguments)]
    while cursor := pages[-1].get("next_cursor"):
        pages.append(Agent().call("list_tasks", **arguments, cursor=cursor))

    assert [len(page["tasks"]) for page in pages] == [10, 10, 5]
    assert {page["total"] for page in pages} == {25}
    assert len({task["id"] for page in pages for task in page["tasks"]}) == 25


def test_a_page_has_20_tasks_unless_limit_says_otherwise(alice: User) -> None:
    Task.objects.bulk_create(Task(user=alice, title="Read") for _ in range(101))

    sizes = [
        len(Agent().call("list_tasks", **arguments)["tasks"])
        for arguments in ({}, {"limit": None}, {"limit": 1}, {"limit": "5"}, {"limit": 100})
    ]

    assert sizes == [20, 20, 1, 5, 100]


@pytest.mark.parametrize("limit", [0, 101, -1, 2.5, True, {"is": 20}, 10**30, "all"], ids=str)
def test_another_limit_is_refused(alice: User, limit: Any) -> None:
    with pytest.raises(ToolFailed, match=r"^limit: expected a whole number from 1 to 100$"):
        Agent().call("list_tasks", limit=limit)


def test_filters_are_those_of_the_api(alice: User) -> None:
    make_task(alice, "Home, high", priority=Priority.HIGH, tags=["home", "urgent"])
    make_task(alice, "Home, low", priority=Priority.LOW, tags=["home"], completed=True)
    make_task(alice, "Due", due_date="2026-12-04", description="a café")
    agent = Agent()

    assert titles(agent.call("list_tasks", tag=["home"], priority=["low", "urgent"])) == [
        "Home, low"
    ]
    assert titles(agent.call("list_tasks", tag=["home", "urgent"])) == ["Home, high"]
    assert titles(agent.call("list_tasks", status="completed")) == ["Home, low"]
    assert titles(agent.call("list_tasks", search="cafe")) == ["Due"]
    assert titles(agent.call("list_tasks", due_from="2026-12-04", due_until="2026-12-04")) == [
        "Due"
    ]
    assert titles(agent.call("list_tasks", due="none", sort="title")) == ["Home, high", "Home, low"]


def test_empty_arguments_count_as_missing(alice: User) -> None:
    make_task(alice, "Read")
    everything = dict.fromkeys(("status", "due", "sort", "deleted", "cursor", "time_zone"))

    assert titles(Agent().call("list_tasks", **everything, search="", tag=[], priority=[])) == [
        "Read"
    ]


def test_today_is_that_of_the_time_zone(alice: User) -> None:
    make_task(alice, "In Auckland", due_date="2026-12-02")
    noon = datetime(2026, 12, 1, 12, tzinfo=UTC)

    with time_machine.travel(noon, tick=False):
        there = Agent().call("list_tasks", due="today", time_zone="Pacific/Auckland")
        here = Agent().call("list_tasks", due="today")

    assert (titles(there), titles(here)) == (["In Auckland"], [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("due", "this week"),
        ("due", {"today": True}),
        ("status", "doing"),
        ("status", ["pending", {}]),
        ("sort", "colour"),
        ("priority", ["high", "highest"]),
        ("priority", [None]),
        ("deleted", "maybe"),
        ("due_from", "friday"),
        ("due_until", 20261204),
        ("search", ["x" * 101]),
        ("tag", ["x" * 51]),
        ("cursor", "next"),
    ],
    ids=str,
)
def test_a_wrong_filter_is_an_error_and_never_lists_everything(
    alice: User, name: str, value: Any, settings: Any
) -> None:
    make_task(alice)
    expected = f"{name}: {PARAMETERS[name].expected}"

    with pytest.raises(ToolFailed) as failed:
        Agent().call("list_tasks", **{name: value})

    assert str(failed.value) == expected
    if isinstance(value, str):  # the API has the same text where it does not ignore the parameter
        settings.STRICT_INPUT = True
        refused = client_of(alice.pk).get("/api/tasks", {name: value})
        assert refused.json()["detail"] == expected


def test_a_cursor_of_another_order_is_an_error(alice: User) -> None:
    Task.objects.bulk_create(Task(user=alice, title="Read") for _ in range(2))
    cursor = Agent().call("list_tasks", limit=1)["next_cursor"]

    with pytest.raises(ToolFailed, match=r"^cursor: expected"):
        Agent().call("list_tasks", limit=1, cursor=cursor, sort="title")
