"""The tasks of a UTC day are counted once, after the day has ended, and the counts are stored."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from conftest import make_task
from operations.models import TaskDay
from operations.task_days import recent_days
from tasks.models import Task

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = NOON.date()


def add_task(user: User, created_at: datetime, completed_at: datetime | None = None) -> None:
    task = make_task(user)
    Task.objects.filter(pk=task.pk).update(
        created_at=created_at, completed_at=completed_at, completed=completed_at is not None
    )


def counted(now: datetime) -> dict[date, tuple[int, int]]:
    return {
        day.date: (day.created, day.completed)
        for day in recent_days(now)
        if day.created or day.completed
    }


def stored_dates() -> list[date]:
    return list(TaskDay.objects.order_by("date").values_list("date", flat=True))


def test_tasks_are_counted_on_the_utc_day_of_creation_or_completion(alice: User) -> None:
    midnight = NOON.replace(hour=0)
    add_task(alice, midnight, midnight + timedelta(minutes=1))
    add_task(alice, midnight - timedelta(microseconds=1), midnight)
    add_task(alice, midnight - timedelta(days=29))
    add_task(alice, midnight - timedelta(days=29, microseconds=1), NOON)

    days = recent_days(NOON)

    assert [day.date for day in days] == [TODAY - timedelta(days=n) for n in range(29, -1, -1)]
    assert {day.date: (day.created, day.completed) for day in days if day.created} == {
        TODAY - timedelta(days=29): (1, 0),
        TODAY - timedelta(days=1): (1, 0),
        TODAY: (1, 3),
    }


def test_a_finished_day_keeps_its_count_after_tasks_are_deleted(alice: User) -> None:
    add_task(alice, NOON - timedelta(days=1), NOON - timedelta(days=1))
    add_task(alice, NOON, NOON)
    before = counted(NOON)

    Task.objects.all().delete()

    assert before == {TODAY - timedelta(days=1): (1, 1), TODAY: (1, 1)}
    assert counted(NOON) == {TODAY - timedelta(days=1): (1, 1)}


def test_missed_days_are_counted_at_the_next_call(alice: User) -> None:
    recent_days(NOON)
    add_task(alice, NOON + timedelta(days=1))
    add_task(alice, NOON + timedelta(days=3))

    later = counted(NOON + timedelta(days=4))

    assert later == {TODAY + timedelta(days=1): (1, 0), TODAY + timedelta(days=3): (1, 0)}
    assert stored_dates()[-5:] == [TODAY + timedelta(days=n) for n in range(-1, 4)]


def test_after_a_long_gap_only_thirty_days_are_counted(alice: User) -> None:
    recent_days(NOON - timedelta(days=400))
    add_task(alice, NOON - timedelta(days=100))

    assert counted(NOON) == {}
    assert stored_dates()[-30] < TODAY - timedelta(days=29)


@pytest.mark.parametrize(
    ("minutes", "last"),
    [(9, TODAY - timedelta(days=1)), (10, TODAY)],
    ids=["9 minutes", "10 minutes"],
)
def test_a_day_is_stored_ten_minutes_after_its_end(alice: User, minutes: int, last: date) -> None:
    midnight = NOON.replace(hour=0) + timedelta(days=1)
    add_task(alice, midnight - timedelta(seconds=1))

    days = counted(midnight + timedelta(minutes=minutes))

    assert days == {TODAY: (1, 0)}
    assert stored_dates()[-1] == last


@pytest.mark.django_db
def test_a_call_costs_three_queries_once_the_finished_days_are_stored() -> None:
    recent_days(NOON)

    with CaptureQueriesContext(connection) as queries:
        recent_days(NOON)

    # The stored days, and the tasks created and completed since the last of them.
    assert len(queries) == 3
