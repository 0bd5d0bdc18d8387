"""The Task model and the constraints of its table."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from conftest import make_task
from tasks.models import Task
from todo_api.errors import from_database

BLANK = "Title cannot be empty"
COMPLETION = "A task has a completion time exactly when it is completed"
PRIORITY = "Priority must be one of: low, medium, high, urgent"
VIOLATIONS = pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"title": ""}, BLANK),
        ({"title": " \t\n"}, BLANK),
        ({"completed": True, "completed_at": None}, COMPLETION),
        ({"completed": False, "completed_at": timezone.now()}, COMPLETION),
        ({"priority": 0}, PRIORITY),
        ({"priority": 5}, PRIORITY),
    ],
)


@VIOLATIONS
def test_an_update_that_violates_a_constraint_fails(
    alice: User, fields: dict[str, Any], message: str
) -> None:
    make_task(alice)

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Task.objects.update(**fields)

    response: Any = from_database(refused.value)
    assert (response.status_code, response.detail) == (400, [message])


@VIOLATIONS
def test_an_insert_that_violates_a_constraint_fails(
    alice: User, fields: dict[str, Any], message: str
) -> None:
    task = Task(**{"user": alice, "title": "x", **fields})

    with pytest.raises(ValidationError, match=message):
        task.validate_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.bulk_create([task])
    assert not Task.objects.exists()


@pytest.mark.parametrize("fields", [{"title": "x" * 256}, {"description": "x" * 10_001}])
def test_the_database_enforces_the_maximum_lengths(alice: User, fields: dict[str, Any]) -> None:
    make_task(alice)

    with pytest.raises(DataError) as refused, transaction.atomic():
        Task.objects.update(**fields)

    response: Any = from_database(refused.value)
    assert response.status_code == 400


@pytest.mark.parametrize("name", ["title", "completed", "priority", "user_id", "created_at"])
def test_required_columns_cannot_be_null(alice: User, name: str) -> None:
    make_task(alice)

    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.update(**{name: None})


@pytest.mark.django_db(transaction=True)
def test_a_task_cannot_belong_to_an_unknown_user() -> None:
    with pytest.raises(IntegrityError):
        Task.objects.add(user_id="unknown", title="x")


def test_tasks_are_deleted_with_their_user(alice: User, bob: User) -> None:
    make_task(alice)
    kept = make_task(bob)

    alice.delete()

    assert list(Task.objects.all()) == [kept]


def test_the_default_order_is_newest_first(alice: User) -> None:
    tasks = [make_task(alice) for _ in range(3)]

    assert list(Task.objects.all()) == tasks[::-1]


def test_str_of_a_task_is_its_id(alice: User) -> None:
    task = make_task(alice, "Secret")

    assert str(task) == str(task.pk)
