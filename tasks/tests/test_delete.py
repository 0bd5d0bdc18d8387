"""DELETE /api/tasks/{id}."""

from typing import Any

from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from conftest import make_task
from tasks.models import Task


def test_it_moves_an_own_task_to_the_trash(
    as_alice: APIClient, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    task, other = make_task(alice), make_task(alice)

    before: dict[str, Any] = {**Task.objects.values().get(pk=task.pk)}

    with django_assert_num_queries(1):  # the UPDATE
        response = as_alice.delete(f"/api/tasks/{task.pk}")

    assert (response.status_code, response.content) == (204, b"")
    assert "Content-Type" not in response.headers
    assert Task.objects.live().get() == other
    after: dict[str, Any] = {**Task.objects.values().get(pk=task.pk)}
    written = {name for name in after if after[name] != before[name]}
    assert written == {"deleted_at", "updated_at", "seq"}
    assert after["deleted_at"] == after["updated_at"]


def test_a_second_delete_returns_404(as_alice: APIClient, alice: User) -> None:
    task = make_task(alice)

    statuses = [as_alice.delete(f"/api/tasks/{task.pk}/").status_code for _ in range(2)]

    assert statuses == [204, 404]


def test_the_body_is_ignored(as_alice: APIClient, alice: User) -> None:
    task = make_task(alice)

    response = as_alice.generic("DELETE", f"/api/tasks/{task.pk}?soft=1", "{", "application/json")

    assert (response.status_code, response.headers["Ignored-Fields"]) == (204, "soft")
