"""The task itself: what it does, and what the database does not let anyone do to it."""

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
def test_no_update_gets_past_the_constraints(
    alice: User, fields: dict[str, Any], message: str
) -> None:
    make_task(alice)

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Task.objects.update(**fields)

    response: Any = from_database(refused.value)
    assert (response.status_code, response.detail) == (400, [message])


@VIOLATIONS
def test_no_insert_gets_past_the_constraints(
    alice: User, fields: dict[str, Any], message: str
) -> None:
    task = Task(**{"user": alice, "title": "x", **fields})

    with pytest.raises(ValidationError, match=message):
        task.validate_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.bulk_create([task])
    assert not Task.objects.exists()


@pytest.mark.parametrize("fields", [{"title": "x" * 256}, {"description": "x" * 10_001}])
def test_the_database_keeps_the_limits_of_texts(alice: User, fields: dict[str, Any]) -> None:
    make_task(alice)

    with pytest.raises(DataError) as refused, transaction.atomic():
        Task.objects.update(**fields)

    response: Any = from_database(refused.value)
    assert response.status_code == 400


@pytest.mark.parametrize("name", ["title", "completed", "priority", "user_id", "created_at"])
def test_only_what_may_be_empty_can_be_null(alice: User, name: str) -> None:
    make_task(alice)

    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.update(**{name: None})


@pytest.mark.django_db(transaction=True)
def test_a_task_belongs_to_somebody_who_exists() -> None:
    with pytest.raises(IntegrityError):
        Task.objects.add(user_id="nobody", title="x")


def test_tasks_go_when_their_person_goes(alice: User, bob: User) -> None:
    make_task(alice)
    kept = make_task(bob)

    alice.delete()

    assert list(Task.objects.all()) == [kept]


def test_by_itself_a_list_is_newest_first(alice: User) -> None:
    tasks = [make_task(alice) for _ in range(3)]

    assert list(Task.objects.all()) == tasks[::-1]


def test_a_task_shows_as_its_id_and_not_its_words(alice: User) -> None:
    task = make_task(alice, "Secret")

    assert str(task) == str(task.pk)
