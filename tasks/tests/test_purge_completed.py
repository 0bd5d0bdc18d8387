"""`manage.py purge_completed` deletes tasks that were completed long ago, and no others."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from conftest import make_task
from tasks.models import Task
from todo_api.postgresql import batches
from todo_api.request.metrics import ROWS_PURGED

pytestmark = pytest.mark.django_db


def purge(*arguments: str, **options: Any) -> str:
    output = StringIO()
    call_command("purge_completed", "--older-than", "90d", *arguments, stdout=output, **options)
    return output.getvalue()


def make_completed(user: User, title: str, **ago: float) -> None:
    make_task(user, title, completed=True)
    Task.objects.filter(title=title).update(completed_at=timezone.now() - timedelta(**ago))


@pytest.fixture
def tasks(alice: User, bob: User) -> None:
    make_completed(alice, "Long ago", days=91)
    make_completed(bob, "Long ago too", days=900)
    make_completed(alice, "Lately", days=89)
    make_task(alice, "Open")
    Task.objects.filter(title="Open").update(created_at=timezone.now() - timedelta(days=900))


def titles() -> set[str]:
    return {task.title for task in Task.objects.all()}


@pytest.mark.usefixtures("tasks")
def test_it_deletes_tasks_that_were_completed_longer_ago() -> None:
    printed = purge()

    assert printed == "Deleted 2 tasks.Task\n"
    assert titles() == {"Lately", "Open"}
    assert purge() == "Deleted nothing\n"
    assert purge(verbosity=0) == ""


@pytest.mark.usefixtures("tasks")
def test_tasks_in_the_trash_are_deleted_like_others_and_none_goes_there() -> None:
    Task.objects.filter(title__in=["Long ago", "Lately"]).update(deleted_at=timezone.now())

    purge()

    assert titles() == {"Lately", "Open"}
    assert [task.title for task in Task.objects.trashed()] == ["Lately"]


@pytest.mark.usefixtures("tasks")
def test_deleted_rows_are_counted_in_a_metric() -> None:
    before = ROWS_PURGED.labels("tasks.Task")._value.get()

    purge()

    assert ROWS_PURGED.labels("tasks.Task")._value.get() == before + 2


@pytest.mark.usefixtures("tasks")
def test_a_dry_run_counts_and_deletes_nothing() -> None:
    printed = purge("--dry-run")

    assert printed == "Would delete 2 tasks.Task\n"
    assert Task.objects.count() == 4


def test_it_deletes_in_steps(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PAGES", 2)
    now = timezone.now()
    times = {"completed": True, "completed_at": now - timedelta(days=100)}
    Task.objects.bulk_create(Task(user=alice, title=f"{n}", **times) for n in range(1000))
    make_task(alice, "Open")

    steps = list(batches.sweep(Task.objects.completed_before(now)))

    assert len(steps) > 3
    assert sum(step.total() for step in steps) == 1000
    assert titles() == {"Open"}


@pytest.mark.parametrize("duration", ["", "90", "0d", "-1d", "1y", "90 d", "123456d"])
def test_an_invalid_duration_is_an_error(duration: str) -> None:
    with pytest.raises(CommandError, match="such as 90d or 12h"):
        call_command("purge_completed", f"--older-than={duration}")


@pytest.mark.usefixtures("tasks")
@pytest.mark.parametrize(
    ("duration", "left"), [("130w", 4), ("128w", 3), ("2159h", 2), ("100m", 1)]
)
def test_durations_are_in_weeks_days_hours_or_minutes(duration: str, left: int) -> None:
    call_command("purge_completed", "--older-than", duration, verbosity=0)

    assert Task.objects.count() == left


def test_older_than_is_required() -> None:
    with pytest.raises(CommandError, match="--older-than"):
        call_command("purge_completed")
