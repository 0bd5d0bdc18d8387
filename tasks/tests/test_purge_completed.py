"""`manage.py purge_completed` deletes what was done long ago, and only that."""

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


def completed(user: User, title: str, **ago: float) -> None:
    make_task(user, title, completed=True)
    Task.objects.filter(title=title).update(completed_at=timezone.now() - timedelta(**ago))


@pytest.fixture
def tasks(alice: User, bob: User) -> None:
    completed(alice, "Long ago", days=91)
    completed(bob, "Long ago too", days=900)
    completed(alice, "Lately", days=89)
    make_task(alice, "Open")
    Task.objects.filter(title="Open").update(created_at=timezone.now() - timedelta(days=900))


def titles() -> set[str]:
    return {task.title for task in Task.objects.all()}


@pytest.mark.usefixtures("tasks")
def test_it_deletes_what_was_completed_longer_ago() -> None:
    printed = purge()

    assert printed == "Deleted 2 tasks.Task\n"
    assert titles() == {"Lately", "Open"}
    assert purge() == "Deleted nothing\n"
    assert purge(verbosity=0) == ""


@pytest.mark.usefixtures("tasks")
def test_what_it_deletes_is_counted_for_prometheus() -> None:
    before = ROWS_PURGED.labels("tasks.Task")._value.get()

    purge()

    assert ROWS_PURGED.labels("tasks.Task")._value.get() == before + 2


@pytest.mark.usefixtures("tasks")
def test_a_dry_run_only_counts() -> None:
    printed = purge("--dry-run")

    assert printed == "Would delete 2 tasks.Task\n"
    assert Task.objects.count() == 4


def test_it_walks_over_the_whole_table_in_steps(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "PAGES", 2)
    now = timezone.now()
    times = {"completed": True, "completed_at": now - timedelta(days=100)}
    Task.objects.bulk_create(Task(user=alice, title=f"{n}", **times) for n in range(1000))
    make_task(alice, "Open")

    steps = list(batches.sweep(Task.objects.completed_before(now)))

    assert len(steps) > 3
    assert sum(step.total() for step in steps) == 1000
    assert titles() == {"Open"}


@pytest.mark.parametrize("span", ["", "90", "0d", "-1d", "1y", "90 d", "123456d"])
def test_a_span_that_makes_no_sense_is_refused(span: str) -> None:
    with pytest.raises(CommandError, match="such as 90d or 12h"):
        call_command("purge_completed", f"--older-than={span}")


@pytest.mark.usefixtures("tasks")
@pytest.mark.parametrize(("span", "left"), [("130w", 4), ("128w", 3), ("2159h", 2), ("100m", 1)])
def test_spans_are_weeks_days_hours_or_minutes(span: str, left: int) -> None:
    call_command("purge_completed", "--older-than", span, verbosity=0)

    assert Task.objects.count() == left


def test_without_a_span_nothing_is_deleted() -> None:
    with pytest.raises(CommandError, match="--older-than"):
        call_command("purge_completed")
