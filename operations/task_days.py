"""Numbers of tasks created and completed per UTC day.

A finished day is counted once and stored as a TaskDay; the current day is counted on each call. The
first call after a day has ended stores that day, and any earlier days that are missing. The cost
therefore does not grow with the number of tasks, and tasks that users delete or reopen later do not
change the numbers of past days (ADR 17).
"""

from datetime import date, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate

from operations.models import TaskDay
from tasks.models import Task

DAYS = 30
# A request that began before midnight may write after it, and the clocks of machines differ.
FINISH_DELAY = timedelta(minutes=10)


def recent_days(now: datetime) -> list[TaskDay]:
    """Returns the last 30 days, today last. Three queries, and an INSERT after a day has ended."""
    today = now.date()
    first = today - timedelta(days=DAYS - 1)
    stored = {day.date: day for day in TaskDay.objects.filter(date__gte=first)}
    # There are no gaps, because each call stores all finished days since the last stored one.
    start = max(stored, default=first - timedelta(days=1)) + timedelta(days=1)
    created, completed = _per_day("created_at", start, now), _per_day("completed_at", start, now)
    counted = [
        TaskDay(date=day, created=created.get(day, 0), completed=completed.get(day, 0))
        for day in (start + timedelta(days=number) for number in range((today - start).days + 1))
    ]
    unfinished = (now - FINISH_DELAY).date()
    if finished := [day for day in counted if day.date < unfinished]:
        TaskDay.objects.bulk_create(finished, ignore_conflicts=True)
    return [*(stored[day] for day in sorted(stored)), *counted]


def _per_day(field: str, start: date, now: datetime) -> dict[date, int]:
    """Returns the number of tasks by the UTC day of `field`, from `start` on. One query, which uses
    the index of `field`.
    """
    midnight = datetime.combine(start, datetime.min.time(), now.tzinfo)
    tasks = Task.objects.of_all_users().filter(**{f"{field}__gte": midnight}).order_by()
    return dict(tasks.values_list(TruncDate(field)).annotate(number=Count("*")))
