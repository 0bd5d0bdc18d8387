"""The task that follows a completed one that repeats."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from tasks.models import Task
from tasks.recurrence import next_occurrence
from tasks.time_zones import exists, instant_of, local_time, zone_named

# What differs from the completed task. Everything else that users can write is copied.
OWN = {"id", "user", "completed", "due_date", "due_at", "remind_at", "repeat"}


def copied_fields(model: type[Task]) -> list[str]:
    """Returns the names of the fields that the task that follows has from the completed one."""
    fields: Any = model._meta.concrete_fields
    return [
        field.name
        for field in fields
        if field.editable and not field.generated and field.name not in OWN
    ]


def following_id(pk: Any) -> UUID:
    """Returns the id of the task that follows. It is always the same: completing a task twice, or
    again after it was reopened, creates one.
    """
    return uuid5(UUID(str(pk)), "next")


def following(task: Task, now: datetime, zone: ZoneInfo) -> Task | None:
    """Returns a new task, not saved, that is due at the next occurrence: later than the due date
    and later than now. None if the task does not repeat or the series has ended.

    A task without a time zone is in `zone`. A date without a time is later than now if it is later
    than today.
    """
    if not task.repeat:
        return None
    zone = zone_of_task(task, zone)
    due = due_time(task, zone)
    start, after = counted_from(task, now, zone)
    found = next_occurrence(task.repeat["rule"], start, after, zone)
    while found and task.due_at and instant_of(found[0], zone) <= now:
        # In an hour that a clock repeats, a later local time can be an earlier instant.
        found = next_occurrence(task.repeat["rule"], start, found[0], zone)
    if found is None:
        return None
    local, rule = found
    repeat = {"rule": rule, "from": task.repeat["from"]}
    copied = {name: getattr(task, name) for name in copied_fields(type(task))}
    due_at = instant_of(local, zone) if task.due_at else None
    new: Task = type(task).objects.new(
        pk=following_id(task.pk),
        user_id=task.user_id,
        # A clock change may move a time that it skips to the next day.
        due_date=(local_time(due_at, zone) if due_at else local).date(),
        due_at=due_at,
        repeat=repeat,
        **copied,
    )
    if due_at and not exists(local, zone):  # the task after it is due at this time again
        repeat["time"] = local.time().isoformat()
    if task.remind_at and due:
        new.remind_at = shifted(task.remind_at, local - due, zone)
    return new


def shifted(moment: datetime, by: timedelta, zone: ZoneInfo) -> datetime | None:
    """Returns the instant whose local time is later by `by`. None after year 9999."""
    try:
        return instant_of(local_time(moment, zone) + by, zone)
    except OverflowError:
        return None


def counted_from(task: Task, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Returns the local time from which the rule counts, and that after which the next occurrence
    is wanted.
    """
    here, due = local_time(now, zone), due_time(task, zone)
    end_of_today = datetime.combine(here.date(), time.max)
    if due is not None and task.repeat["from"] == "due":
        return due, here if task.due_at else end_of_today
    start = datetime.combine(here.date(), due.time() if due else time.min)
    return start, max(end_of_today, due or end_of_today)


def zone_of_task(task: Task, zone: ZoneInfo) -> ZoneInfo:
    return zone_named(task.time_zone) if task.time_zone else zone


def due_time(task: Task, zone: ZoneInfo) -> datetime | None:
    """Returns the local time at which the task is due; the beginning of the day without a time. Of
    a time that a clock change skipped, the skipped time.
    """
    if task.due_at:
        due = local_time(task.due_at, zone)
        if skipped := (task.repeat or {}).get("time"):
            wanted = datetime.combine(due.date(), time.fromisoformat(skipped))
            return wanted if instant_of(wanted, zone) == task.due_at else due
        return due
    return datetime.combine(task.due_date, time.min) if task.due_date else None
