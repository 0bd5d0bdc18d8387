"""PATCH and POST /api/tasks/{id}/complete, and its alias /toggle."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.parallel import at_once
from conftest import client_of, make_task
from tasks.models import Task

EVERY_ROUTE = pytest.mark.parametrize(
    ("method", "suffix"),
    [("PATCH", "complete"), ("POST", "complete"), ("PATCH", "toggle"), ("POST", "toggle/")],
)


@EVERY_ROUTE
def test_it_completes_an_open_task(
    as_alice: APIClient,
    alice: User,
    method: str,
    suffix: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    task = make_task(alice)

    with django_assert_num_queries(1):  # the UPDATE returns the task
        response = as_alice.generic(method, f"/api/tasks/{task.pk}/{suffix}")

    stored = Task.objects.get()
    assert response.status_code == 200
    assert response.json() == {
        "id": str(task.pk),
        "user_id": alice.pk,
        "title": "Water the plants",
        "description": None,
        "completed": True,
        "completed_at": stored.updated_at.isoformat().replace("+00:00", "Z"),
        "priority": "medium",
        "due_date": None,
        "due_at": None,
        "time_zone": None,
        "remind_at": None,
        "repeat": None,
        "tags": [],
        "created_at": task.created_at.isoformat().replace("+00:00", "Z"),
        "updated_at": stored.updated_at.isoformat().replace("+00:00", "Z"),
        "deleted_at": None,
    }
    assert (stored.completed, stored.completed_at) == (True, stored.updated_at)
    assert stored.updated_at > task.updated_at


@EVERY_ROUTE
def test_it_reopens_a_completed_task(
    as_alice: APIClient, alice: User, method: str, suffix: str
) -> None:
    task = make_task(alice, completed=True)

    response = as_alice.generic(method, f"/api/tasks/{task.pk}/{suffix}")

    assert (response.json()["completed"], response.json()["completed_at"]) == (False, None)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("{}", "application/json"),
        ("", "application/json"),
        ("", ""),
        ("", "application/x-www-form-urlencoded"),  # sent by curl -d "" and some browsers
        ("", "multipart/form-data; boundary=x"),
        ("", "text/plain"),
        ('{"title": "Ignored", "id": "x"}', "application/json"),
    ],
)
def test_a_body_without_completed_toggles(
    as_alice: APIClient, alice: User, body: str, content_type: str
) -> None:
    task = make_task(alice)

    shown = [
        as_alice.generic("POST", f"/api/tasks/{task.pk}/complete", body, content_type).json()
        for _ in range(3)
    ]

    assert [task["completed"] for task in shown] == [True, False, True]
    assert shown[-1]["title"] == "Water the plants"


@EVERY_ROUTE
@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("wanted", [True, False])
def test_a_boolean_sets_completed(
    as_alice: APIClient, alice: User, method: str, suffix: str, before: bool, wanted: bool
) -> None:
    task = make_task(alice, completed=before)
    url = f"/api/tasks/{task.pk}/{suffix}"

    first = getattr(as_alice, method.lower())(url, {"completed": wanted}).json()
    second = getattr(as_alice, method.lower())(url, {"completed": wanted}).json()

    assert first["completed"] is second["completed"] is wanted
    assert first["completed_at"] == second["completed_at"]
    if before and wanted:
        assert Task.objects.get().completed_at == task.completed_at


@pytest.mark.parametrize("value", ["true", 1, 0, None, [], {}, ""])
def test_a_value_that_is_not_a_boolean_returns_400(
    as_alice: APIClient, alice: User, value: Any
) -> None:
    task = make_task(alice)

    response = as_alice.post(f"/api/tasks/{task.pk}/complete", {"completed": value})

    assert response.status_code == 400
    assert response.json()["errors"] == {"completed": ["Completed must be true or false"]}
    assert not Task.objects.get().completed


@pytest.mark.parametrize("body", ["null", "[]", "true"])
def test_a_body_that_is_not_an_object_returns_400(
    as_alice: APIClient, alice: User, body: str
) -> None:
    url = f"/api/tasks/{make_task(alice).pk}/complete"

    response = as_alice.generic("POST", url, body, "application/json")

    assert (response.status_code, response.json()["error"]) == (
        400,
        "The body must be a JSON object",
    )
    assert not Task.objects.get().completed


def test_other_members_are_listed_in_ignored_fields(as_alice: APIClient, alice: User) -> None:
    url = f"/api/tasks/{make_task(alice).pk}/complete?now=1"

    response = as_alice.post(url, {"completed": True, "title": "x", "user_id": "x"})

    assert response.headers["Ignored-Fields"] == "now, title"
    assert response.json()["title"] == "Water the plants"


@pytest.mark.parametrize("attempt", range(5))
def test_an_even_number_of_concurrent_toggles_cancels_out(
    transactional_db: None, alice: User, attempt: int
) -> None:
    task = make_task(alice)
    url = f"/api/tasks/{task.pk}/complete"

    responses = at_once(*[lambda: client_of(alice.pk).post(url)] * 4)

    assert [response.status_code for response in responses] == [200] * 4
    assert not Task.objects.get().completed
