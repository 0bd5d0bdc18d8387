"""`manage.py seed_demo` adds generated users and tasks, and does not change existing ones."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, Max, Min
from django.utils import timezone

from accounts.models import User
from conftest import client_of
from tasks.models import Task
from todo_api.management.commands.dev import demo_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _development(settings: Any) -> None:
    settings.DEBUG = True


def seed(users: int, tasks: int, *arguments: str) -> str:
    output = StringIO()
    call_command(
        "seed_demo", "--users", str(users), "--tasks", str(tasks), *arguments, stdout=output
    )
    return output.getvalue()


def test_it_adds_exactly_as_many_users_and_tasks() -> None:
    printed = seed(50, 2000)

    assert "Added 50 accounts.User, 2000 tasks.Task (demo-0000000 to demo-0000049" in printed
    assert (User.objects.count(), Task.objects.count()) == (50, 2000)


def test_a_second_run_adds_nothing_and_reports_it() -> None:
    seed(20, 300)
    before = set(Task.objects.values_list("pk", "updated_at"))

    printed = seed(20, 300)

    assert printed.startswith("Added nothing")
    assert "20 users existed already" in printed
    assert set(Task.objects.values_list("pk", "updated_at")) == before


def test_ids_are_the_same_in_every_database() -> None:
    seed(5, 50)
    before = set(Task.objects.values_list("pk", flat=True))
    User.objects.all().delete()

    seed(5, 50)

    assert set(Task.objects.values_list("pk", flat=True)) == before


def test_generated_tasks_are_valid_and_realistically_distributed() -> None:
    seed(100, 5000)

    tasks, now = Task.objects.all(), timezone.now()
    for task in tasks.select_related("user")[::10]:
        task.full_clean(exclude=["user"])
        assert task.user.date_joined <= task.created_at <= task.updated_at <= now
    ends = tasks.aggregate(first=Min("created_at"), last=Max("created_at"))
    assert (now - ends["first"]).days in range(200, 366)
    assert (now - ends["last"]).days < 2
    assert 0.5 < tasks.filter(completed=True).count() / 5000 < 0.7
    assert {row["priority"] for row in tasks.values("priority").order_by().distinct()} == {
        1,
        2,
        3,
        4,
    }
    assert 0.3 < tasks.filter(due_date=None).count() / 5000 < 0.7
    most = User.objects.annotate(tasks_count=Count("tasks")).aggregate(most=Max("tasks_count"))
    assert most["most"] > 100
    assert User.objects.filter(is_active=False).count() == 1
    assert not User.objects.filter(is_staff=True).exists()


def test_a_generated_user_can_use_the_api() -> None:
    seed(3, 30)
    user = User.objects.get(pk="demo-0000001")

    response = client_of(user.pk).get("/api/tasks")

    assert len(response.json()) == user.tasks.count() > 0
    assert not user.has_usable_password()


def test_the_demo_user_of_dev_and_other_users_are_not_changed(alice: User) -> None:
    demo = demo_user()
    before = list(User.objects.order_by("pk").values())

    seed(10, 100)

    assert list(User.objects.filter(pk__in=[alice.pk, demo.pk]).order_by("pk").values()) == before
    assert demo.tasks.count() == 12


def test_outside_debug_it_requires_confirm(settings: Any) -> None:
    settings.DEBUG = False

    with pytest.raises(CommandError, match="DEBUG is off"):
        seed(1, 1)
    refused = User.objects.count()
    seed(1, 1, "--confirm")

    assert (refused, User.objects.count()) == (0, 1)


@pytest.mark.parametrize(("users", "tasks"), [(0, 10), (-1, 10), (1, -1)])
def test_invalid_numbers_are_refused(users: int, tasks: int) -> None:
    with pytest.raises(CommandError, match="at least 1"):
        seed(users, tasks)
