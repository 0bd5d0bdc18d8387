"""GET /api/tasks/{id}."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from conftest import make_task

METHODS = [
    ("get", ""),
    ("put", ""),
    ("patch", ""),
    ("delete", ""),
    ("post", "/complete"),
    ("patch", "/complete"),
    ("post", "/toggle"),
    ("patch", "/toggle"),
]


def test_it_shows_an_own_task(
    as_alice: APIClient, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    task = make_task(alice, description="Twice")

    with django_assert_num_queries(1):  # the task
        response = as_alice.get(f"/api/tasks/{task.pk}")

    assert response.status_code == 200
    assert response.json() == {
        "id": str(task.pk),
        "user_id": alice.pk,
        "title": "Water the plants",
        "description": "Twice",
        "completed": False,
        "completed_at": None,
        "priority": "medium",
        "due_date": None,
        "due_at": None,
        "time_zone": None,
        "remind_at": None,
        "repeat": None,
        "tags": [],
        "created_at": task.created_at.isoformat().replace("+00:00", "Z"),
        "updated_at": task.updated_at.isoformat().replace("+00:00", "Z"),
        "deleted_at": None,
    }


@pytest.mark.parametrize(("method", "suffix"), METHODS)
def test_tasks_of_other_users_deleted_tasks_and_malformed_ids_return_the_same_404(
    as_alice: APIClient, alice: User, bob: User, method: str, suffix: str
) -> None:
    foreign, deleted = make_task(bob, "Secret"), make_task(alice)
    deleted_id = deleted.pk
    deleted.delete()
    malformed = ["1", "x", f"{foreign.pk}x", "%00", "%FF%FE", "%F0%9F%8E%89", "a" * 32]

    responses = [
        as_alice.generic(
            method.upper(), f"/api/tasks/{pk}{suffix}", "{}", "application/json",
            HTTP_X_REQUEST_ID="same",
        )
        for pk in (foreign.pk, deleted_id, *malformed)
    ]  # fmt: skip

    assert {response.status_code for response in responses} == {404}
    assert len({response.content for response in responses}) == 1
    assert len({str(sorted(response.headers.items())) for response in responses}) == 1
    assert responses[0].json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "Task not found",
        "error": "Task not found",
        "code": "not_found",
        "request_id": "same",
    }
    foreign.refresh_from_db()
    assert (foreign.title, foreign.completed) == ("Secret", False)


def test_unknown_parameters_are_listed_in_ignored_fields(as_alice: APIClient, alice: User) -> None:
    response = as_alice.get(f"/api/tasks/{make_task(alice).pk}?fields=title")

    assert response.headers["Ignored-Fields"] == "fields"


def test_strict_input_returns_400_for_unknown_parameters(
    as_alice: APIClient, alice: User, settings: Any
) -> None:
    settings.STRICT_INPUT = True

    response = as_alice.get(f"/api/tasks/{make_task(alice).pk}?fields=title")

    unknown = {"fields": ["Unknown name fields"]}
    assert (response.status_code, response.json()["errors"]) == (400, unknown)
