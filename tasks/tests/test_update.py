"""PUT and PATCH /api/tasks/{id}: both change the fields that are sent, and only those."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.parallel import at_once
from conftest import client_of, make_task
from tasks.models import Priority, Task

BOTH = pytest.mark.parametrize("method", ["put", "patch"])


def send(client: APIClient, method: str, task: Task, body: dict[str, Any]) -> Any:
    return getattr(client, method)(f"/api/tasks/{task.pk}", body)


def values(task: Task) -> dict[str, Any]:
    return dict(Task.objects.values().get(pk=task.pk))


@BOTH
def test_it_changes_the_fields_that_are_sent(
    as_alice: APIClient,
    alice: User,
    method: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    task = make_task(alice, description="Twice", priority=Priority.HIGH, due_date=date(2026, 1, 31))
    before = values(task)

    with django_assert_num_queries(1):  # the UPDATE returns the task
        response = send(as_alice, method, task, {"title": " Water the cactus "})

    after = values(task)
    assert response.status_code == 200
    assert "Ignored-Fields" not in response.headers
    assert response.json() == {
        "id": str(task.pk),
        "user_id": alice.pk,
        "title": "Water the cactus",
        "description": "Twice",
        "completed": False,
        "completed_at": None,
        "priority": "high",
        "due_date": "2026-01-31",
        "due_at": None,
        "time_zone": None,
        "remind_at": None,
        "repeat": None,
        "tags": [],
        "created_at": before["created_at"].isoformat().replace("+00:00", "Z"),
        "updated_at": after["updated_at"].isoformat().replace("+00:00", "Z"),
        "deleted_at": None,
    }
    assert after["updated_at"] > before["updated_at"]
    assert after["seq"] > before["seq"]
    set_by_server = {name: after[name] for name in ("updated_at", "seq", "folded")}
    assert after == {**before, "title": "Water the cactus", **set_by_server}


@BOTH
@pytest.mark.parametrize(
    ("body", "changed"),
    [
        ({"description": None}, {"description": None}),
        ({"description": ""}, {"description": ""}),
        ({"description": "  new  "}, {"description": "  new  "}),
        ({"priority": "URGENT"}, {"priority": "urgent"}),
        ({"due_date": None}, {"due_date": None}),
        ({"due_date": ""}, {"due_date": None}),
        ({"due_date": "2027-01-01T00:30:00+14:00"}, {"due_date": "2027-01-01"}),
        ({"title": "a", "priority": "low"}, {"title": "a", "priority": "low"}),
    ],
)
def test_each_field_can_be_changed_or_cleared_separately(
    as_alice: APIClient, alice: User, method: str, body: dict[str, Any], changed: dict[str, Any]
) -> None:
    task = make_task(alice, description="Twice", due_date=date(2026, 1, 31))
    before = as_alice.get(f"/api/tasks/{task.pk}").json()

    after = send(as_alice, method, task, body).json()

    assert after == {**before, **changed, "updated_at": after["updated_at"]}
    assert as_alice.get(f"/api/tasks/{task.pk}").json() == after


@BOTH
@pytest.mark.parametrize(
    "body", [{}, {"id": "x", "user_id": "x", "user": 1, "created_at": None}, {"colour": "red"}]
)
def test_without_a_field_nothing_changes(
    as_alice: APIClient, alice: User, method: str, body: dict[str, Any]
) -> None:
    task = make_task(alice)
    before = values(task)

    response = send(as_alice, method, task, body)

    assert response.status_code == 200
    assert response.headers.get("Ignored-Fields") == ("colour" if "colour" in body else None)
    assert values(task) == before


@BOTH
@pytest.mark.parametrize(
    ("body", "name", "text"),
    [
        ({"title": " "}, "title", "Title cannot be empty"),
        ({"title": None}, "title", "Title cannot be empty"),
        ({"title": "x" * 256}, "title", "Title must not exceed 255 characters"),
        ({"completed": None}, "completed", "Completed must be true or false"),
        ({"title": "new", "priority": 1}, "priority",
         "Priority must be one of: low, medium, high, urgent"),
        ({"title": "new", "due_date": "soon"}, "due_date",
         "Due date must be a date such as 2026-01-31"),
    ],
)  # fmt: skip
def test_an_invalid_field_returns_400_and_changes_nothing(
    as_alice: APIClient, alice: User, method: str, body: dict[str, Any], name: str, text: str
) -> None:
    task = make_task(alice)
    before = values(task)

    response = send(as_alice, method, task, body)

    assert (response.status_code, response.json()["errors"]) == (400, {name: [text]})
    assert values(task) == before


@BOTH
def test_completing_sets_completed_at_and_reopening_clears_it(
    as_alice: APIClient, alice: User, method: str
) -> None:
    task = make_task(alice)

    first = send(as_alice, method, task, {"completed": True}).json()
    again = send(as_alice, method, task, {"completed": True, "title": "x"}).json()
    reopened = send(as_alice, method, task, {"completed": False}).json()
    still_open = send(as_alice, method, task, {"completed": False}).json()

    assert (first["completed"], first["completed_at"]) == (True, first["updated_at"])
    assert (again["completed"], again["completed_at"]) == (True, first["completed_at"])
    assert again["updated_at"] > first["updated_at"]
    assert (reopened["completed"], reopened["completed_at"]) == (False, None)
    assert (still_open["completed"], still_open["completed_at"]) == (False, None)


@pytest.mark.parametrize("attempt", range(3))
def test_concurrent_changes_of_different_fields_are_all_kept(
    transactional_db: None, alice: User, attempt: int
) -> None:
    task = make_task(alice)
    changes: list[dict[str, Any]] = [
        {"title": "Water the cactus"},
        {"description": "Twice"},
        {"completed": True},
        {"priority": "urgent"},
        {"due_date": "2026-01-31"},
    ]

    responses = at_once(
        *(lambda body=body: send(client_of(alice.pk), "patch", task, body) for body in changes)
    )

    assert [response.status_code for response in responses] == [200] * 5
    assert values(task) == {
        **values(task),
        "title": "Water the cactus",
        "description": "Twice",
        "completed": True,
        "priority": Priority.URGENT,
        "due_date": date(2026, 1, 31),
    }


def test_a_missing_task_is_a_404_after_one_statement(
    as_alice: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # A second one could find a task that was restored meanwhile, and call it a failed condition.
    with django_assert_num_queries(1):
        response = as_alice.patch(f"/api/tasks/{uuid4()}", {"title": "x"})

    assert response.status_code == 404
