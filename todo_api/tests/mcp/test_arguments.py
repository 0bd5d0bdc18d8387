"""Arguments that an agent can correct: the result of the tool says how."""

from typing import Any

import pytest

from accounts.models import User
from conftest import client_of, make_task
from tasks.models import Task
from todo_api.tests.mcp.agent import Agent, Json, ToolFailed

pytestmark = pytest.mark.django_db

ONE_TASK = ("get_task", "update_task", "complete_task", "delete_task", "restore_task")
WRONG: list[Json] = [
    {"title": ""},
    {"title": None},
    {"title": 7},
    {"title": {"a": {"properties": 7, "b": 1}}},
    {"title": "x" * 256},
    {"title": "Read", "description": "x" * 10_001},
    {"title": "Read", "priority": "highest"},
    {"title": "Read", "priority": None},
    {"title": "Read", "due_date": "friday"},
    {"title": "Read", "due_at": "2026-12-24T09:00:00"},
    {"title": "Read", "due_at": "2026-12-24T09:00:00Z", "due_date": "2026-12-25"},
    {"title": "Read", "time_zone": "Berlin"},
    {"title": "Read", "remind_at": "soon"},
    {"title": "Read", "tags": "home"},
    {"title": "Read", "tags": ["x" * 51]},
    {"title": "Read", "tags": ["home", "Home"]},
    {"title": "Read", "tags": [str(number) for number in range(21)]},
    {"title": "Read", "repeat": "weekly"},
    {"title": "Read", "repeat": {"rule": "every week"}},
    {"title": "Read", "repeat": {"rule": "FREQ=WEEKLY", "from": "now"}},
]


def text_of_api(response: Any) -> str:
    """Returns the texts of an error of the API, those of all fields."""
    problem = response.json()
    texts = [text for each in problem.get("errors", {}).values() for text in each]
    return "; ".join(dict.fromkeys(texts)) or problem["detail"]


@pytest.mark.parametrize("fields", WRONG, ids=lambda fields: str(fields)[:60])
def test_a_wrong_field_has_the_text_of_the_api(alice: User, fields: Json) -> None:
    task_id, api = str(make_task(alice).pk), client_of(alice.pk)
    before = list(Task.objects.values())

    with pytest.raises(ToolFailed) as not_added:
        Agent().call("add_task", **fields)
    with pytest.raises(ToolFailed) as not_changed:
        Agent().call("update_task", id=task_id, **fields)

    created = api.post("/api/tasks", fields)
    changed = api.patch(f"/api/tasks/{task_id}", fields)
    assert (created.status_code, str(not_added.value)) == (400, text_of_api(created))
    assert (changed.status_code, str(not_changed.value)) == (400, text_of_api(changed))
    assert list(Task.objects.values()) == before


def test_the_text_names_every_wrong_field(alice: User) -> None:
    with pytest.raises(ToolFailed) as failed:
        Agent().call("add_task", priority="highest", due_date="friday")

    assert str(failed.value) == (
        "Title is required; Priority must be one of: low, medium, high, urgent;"
        " Due date must be a date such as 2026-01-31"
    )


@pytest.mark.parametrize(
    ("tool", "arguments", "text"),
    [
        ("add_task", {"titel": "Read"}, "'titel': did you mean title?"),
        ("list_tasks", {"tags": ["home"]}, "'tags': did you mean tag?"),
        ("get_task", {"task_id": "1"}, "'task_id': expected id"),
        ("list_tags", {"name": "home"}, "'name': expected none"),
        ("complete_task", {"status": "done"}, "'status': expected id, completed, time_zone"),
        ("add_task", {"title": "Read", "a": 1, "b": 2}, "'a': expected title, description, "),
        ("add_task", {"title": "Read", "\ud83d\ude00" * 200: 1}, r"'\\U0001f600"),
        ("add_task", {"title": "Read", "user_id": "bob"}, "'user_id': expected title, "),
        (
            "add_task",
            {"title": "Read", "repeat": {"rule": "FREQ=DAILY", "until": "2027"}},
            "'until': expected rule, from",
        ),
    ],
    ids=str,
)
def test_an_unknown_argument_is_refused_with_a_hint(
    alice: User, tool: str, arguments: Json, text: str
) -> None:
    with pytest.raises(ToolFailed) as failed:
        Agent().call(tool, **arguments)

    assert str(failed.value).startswith("Unknown argument ")
    assert text.replace("\\\\", "\\") in str(failed.value)
    assert len(str(failed.value)) < 300
    assert not Task.objects.exists()


@pytest.mark.parametrize("tool", ONE_TASK)
def test_a_foreign_a_deleted_and_a_malformed_id_are_the_same(
    alice: User, bob: User, tool: str
) -> None:
    foreign, other = make_task(bob), make_task(alice)
    # restore_task finds only what is in the trash, and the others only what is not.
    other.deleted_at = None if tool == "restore_task" else other.created_at
    other.save()
    before = list(Task.objects.order_by("pk").values())
    ids: list[Any] = [str(foreign.pk), str(other.pk), str(other.pk)[:-1], "", "1/complete", "é"]
    ids += [f"{{{foreign.pk}}}", 7, None, True, [str(foreign.pk)], {"id": str(foreign.pk)}]
    more = {"title": "Mine now"} if tool == "update_task" else {}

    texts = []
    for each in ids:
        with pytest.raises(ToolFailed) as failed:
            Agent().call(tool, id=each, **more)
        texts.append(str(failed.value))

    assert texts == ["Task not found"] * len(ids)
    assert list(Task.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("tool", ONE_TASK)
def test_a_missing_id_is_named(alice: User, tool: str) -> None:
    with pytest.raises(ToolFailed, match=r"^id is required, "):
        Agent().call(tool)


def test_completed_is_true_or_false(alice: User) -> None:
    with pytest.raises(ToolFailed, match=r"^Completed must be true or false$"):
        Agent().call("complete_task", id=str(make_task(alice).pk), completed="later")
