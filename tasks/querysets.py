"""Querysets of tasks, and the SQL expressions that they use."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, Expression, F, Func, OrderBy, Q, Value, When
from django.db.models.functions import Collate, Greatest, StrIndex
from django.db.models.lookups import GreaterThan
from django.utils import timezone

if TYPE_CHECKING:
    from tasks.models import Task

SORTS = ("created_at", "updated_at", "due_date", "priority", "title")
# Fields that are sorted by an index with the id after them, in the same direction.
UNIQUE_ENOUGH = {"created_at", "deleted_at", "seq"}
# True for every task. PostgreSQL uses a partial index only for a query that contains the index's
# condition. Only operators' queries contain this one, so that a user's query never reads the index
# on it (ADR 20).
ALL_USERS = Q(Func(F("created_at"), function="isfinite", output_field=models.BooleanField()))


def next_version(now: Any) -> Any:
    """Returns the new `updated_at`: `now`, but always later than the present value. The clocks of
    servers differ, and a version must not repeat.
    """
    return Greatest(now, F("updated_at") + timedelta(microseconds=1))


def changes(now: Any, **fields: Any) -> dict[str, Any]:
    """Returns the values of an UPDATE of these fields, with `updated_at` and, for `completed`,
    `completed_at`. No other column is written: concurrent requests that change different fields
    keep each other's changes (ADR 4).
    """
    if "completed" in fields:
        fields["completed_at"] = (
            Case(When(completed=True, then=F("completed_at")), default=now)
            if fields["completed"]
            else None
        )
    return {**fields, "updated_at": next_version(now)}


def toggle_changes(now: Any) -> dict[str, Any]:
    """Returns the values of an UPDATE that completes open tasks and reopens completed tasks."""
    return {
        "completed": Case(When(completed=True, then=False), default=True),
        "completed_at": Case(When(completed=True, then=None), default=now),
        "updated_at": next_version(now),
    }


class EqualsAny(Func):
    """Whether a column equals one of the values in an array. The SQL is the same for any length."""

    arg_joiner, template = " = ANY (", "%(expressions)s)"
    output_field: Any = models.BooleanField()


class HasTags(Func):
    """Whether one array of tags contains all of another, in any case."""

    arg_joiner = "::text[]::text)::text[] @> todo_tag("
    template = "todo_tag(%(expressions)s::text[]::text)::text[]"
    output_field: Any = models.BooleanField()


def folded(text: Any) -> Func:
    """Returns a text without case and accents (migration tasks.0013)."""
    return Func(text, function="todo_fold", output_field=models.TextField())


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks of all users, until `owned_by` filters them."""

    def owned_by(self, user: Any) -> Self:
        return self.filter(user=user)

    def of_all_users(self) -> Self:
        """Returns all tasks, for operators. Sorts and filters by `created_at` use an index."""
        return self.filter(ALL_USERS)

    def containing(self, *words: Any) -> Self:
        """Returns the tasks with each word in the title or the description, ignoring case and
        accents.
        """
        values = (each if isinstance(each, Expression) else Value(each) for each in words)
        return self.filter(*(GreaterThan(StrIndex("folded", folded(each)), 0) for each in values))

    def tagged(self, tags: Any) -> Self:
        """Returns the tasks that have all of the tags, ignoring case."""
        return self.exclude(tags=[]).filter(HasTags("tags", tags))

    def different_tags(self) -> "models.QuerySet[Task, str]":
        """Returns the tags of the tasks, each once, as they are compared: in upper case."""
        each = Func("tags", function="unnest")
        key = Func(each, function="todo_tag", output_field=models.TextField())
        return self.exclude(tags=[]).order_by().values_list(key, flat=True).distinct()

    def due_from(self, day: Any, beginning: Any) -> Self:
        """Returns the tasks that are due on this day or later, or since its beginning."""
        return self.filter(Q(due_at=None, due_date__gte=day) | Q(due_at__gte=beginning))

    def due_until(self, day: Any, end: Any) -> Self:
        """Returns the tasks that are due on this day or earlier, or before its end."""
        return self.filter(Q(due_at=None, due_date__lte=day) | Q(due_at__lt=end))

    def live(self) -> Self:
        """Returns the tasks that are not in the trash."""
        return self.filter(deleted_at=None)

    def trashed(self) -> Self:
        return self.filter(deleted_at__isnull=False)

    def trashed_before(self, moment: datetime) -> Self:
        """Returns the tasks of all users that were moved to the trash before."""
        return self.of_all_users().filter(deleted_at__lt=moment)

    def completed_before(self, moment: datetime) -> Self:
        return self.filter(completed_at__lt=moment)

    def sorted_by(self, name: str, *, descending: bool) -> Self:
        """Sorts by a field. Tasks without a due date come last in both orders. Equal tasks are
        sorted by newest first, then by id.
        """
        tasks = self
        if name == "title":
            natural = Func("title", function="todo_natural", output_field=models.TextField())
            tasks, name = self.annotate(title_key=Collate(natural, "todo_title")), "title_key"
        # Of a day, tasks without a time come last.
        keys = ("due_date", "due_at") if name == "due_date" else (name,)
        # Not on other columns: they have no nulls, and PostgreSQL would not use the index.
        nulls_last = True if name == "due_date" else None
        first = [OrderBy(F(key), descending=descending, nulls_last=nulls_last) for key in keys]
        if name in UNIQUE_ENOUGH:
            return tasks.order_by(*first, OrderBy(F("id"), descending=descending))
        return tasks.order_by(*first, F("created_at").desc(), F("id").desc())

    def new(self, **fields: Any) -> "Task":
        """Returns a task that is not saved yet."""
        now = timezone.now()
        completed_at = now if fields.get("completed") else None
        task: Task = self.model(**fields, completed_at=completed_at, created_at=now, updated_at=now)
        return task

    def add(self, **fields: Any) -> "Task":
        """Saves and returns a new task, in one statement."""
        task = self.new(**fields)
        task.save(force_insert=True)
        return task
