"""How many tasks were created and completed a day: finished days remembered, today's counted now.

Days are UTC's. Whoever looks first after a day has ended counts it, and those that nobody looked
after. So the dashboard costs the same however many tasks there are, and what people delete or
reopen later does not change what happened.
"""

from datetime import date, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate

from operations.models import TaskDay
from tasks.models import Task

DAYS = 30
# A request that began before midnight may still write after it, and clocks differ.
FINISHED_AFTER = timedelta(minutes=10)


def recent_days(now: datetime) -> list[TaskDay]:
    """The last 30 days, today last. Three queries, and one to write after a day has ended."""
    today = now.date()
    first = today - timedelta(days=DAYS - 1)
    remembered = {day.date: day for day in TaskDay.objects.filter(date__gte=first)}
    # There are no gaps: whoever counts, counts everything since the last day that is known.
    start = max(remembered, default=first - timedelta(days=1)) + timedelta(days=1)
    created, completed = _per_day("created_at", start, now), _per_day("completed_at", start, now)
    counted = [
        TaskDay(date=day, created=created.get(day, 0), completed=completed.get(day, 0))
        for day in (start + timedelta(days=number) for number in range((today - start).days + 1))
    ]
    unfinished = (now - FINISHED_AFTER).date()
    if finished := [day for day in counted if day.date < unfinished]:
        TaskDay.objects.bulk_create(finished, ignore_conflicts=True)
    return [*(remembered[day] for day in sorted(remembered)), *counted]


def _per_day(field: str, start: date, now: datetime) -> dict[date, int]:
    """Tasks by the day of a moment of theirs. Reads that field's index from `start` on."""
    midnight = datetime.combine(start, datetime.min.time(), now.tzinfo)
    tasks = Task.objects.everybodys().filter(**{f"{field}__gte": midnight}).order_by()
    return dict(tasks.values_list(TruncDate(field)).annotate(number=Count("*")))
