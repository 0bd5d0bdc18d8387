"""What a person owns, and the rules that always hold."""

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import connection, models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.functions import Greatest, Lower
from django.utils import timezone

TITLE_LENGTH = 255
DESCRIPTION_LENGTH = 10_000


class Priority(models.IntegerChoices):
    """Stored as a number so that it sorts by urgency; the API speaks its lower-case name."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    URGENT = 4


PRIORITIES = {priority.name.lower(): priority for priority in Priority}
PRIORITY_NAMES = {priority.value: name for name, priority in PRIORITIES.items()}
SORTS = ("created_at", "updated_at", "due_date", "priority", "title")
# True of every task. PostgreSQL reads a partial index only for a query that states its condition:
# what states this is operators', and the index on it is never mistaken for a person's (ADR 20).
EVERYBODYS = Q(Func(F("created_at"), function="isfinite", output_field=models.BooleanField()))


def later(now: Any) -> Any:
    """`now`, but after the last change in any case: servers' clocks differ, versions must not."""
    return Greatest(now, F("updated_at") + timedelta(microseconds=1))


def changes(now: Any, **fields: Any) -> dict[str, Any]:
    """What an UPDATE of these fields writes: them and what follows from them, and nothing else. Two
    requests that change different fields both win.
    """
    if "completed" in fields:
        fields["completed_at"] = (
            Case(When(completed=True, then=F("completed_at")), default=now)
            if fields["completed"]
            else None
        )
    return {**fields, "updated_at": later(now)}


def flip_of(now: Any) -> dict[str, Any]:
    """What an UPDATE writes that completes open tasks and reopens completed ones."""
    return {
        "completed": Case(When(completed=True, then=False), default=True),
        "completed_at": Case(When(completed=True, then=None), default=now),
        "updated_at": later(now),
    }


class Matches(Func):
    """Whether a text matches a pattern, in any case. (`icontains` would escape the word in SQL.)"""

    template, arg_joiner = "UPPER(%(expressions)s)", ") LIKE UPPER("
    output_field: Any = models.BooleanField()


def pattern_of(word: str) -> str:
    """Returns the pattern of texts that contain the word."""
    return f"%{connection.ops.prep_for_like_query(word)}%"


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks of one person, once `owned_by` has been asked."""

    def owned_by(self, user: Any) -> Self:
        return self.filter(user=user)

    def everybodys(self) -> Self:
        """All tasks, for operators: newest first, and those of a day, they are read in an index."""
        return self.filter(EVERYBODYS)

    def containing(self, *patterns: Any) -> Self:
        """Each pattern matches the title or the description, in any case (see pattern_of)."""
        texts = (Value(each) if isinstance(each, str) else each for each in patterns)
        found = (Q(Matches("title", text)) | Q(Matches("description", text)) for text in texts)
        return self.filter(*found)

    def completed_before(self, moment: datetime) -> Self:
        return self.filter(completed_at__lt=moment)

    def sorted_by(self, name: str, *, descending: bool) -> Self:
        """Ordered by one of SORTS and the id, tasks without a due date last either way."""
        tasks, key = self, F(name)
        if name == "title":
            tasks, key = self.annotate(lower_title=Lower("title")), F("lower_title")
        # "nulls last" on a column without nulls would only keep the index from being used.
        nulls_last = True if name == "due_date" else None
        if descending:
            return tasks.order_by(key.desc(nulls_last=nulls_last), "-id")
        return tasks.order_by(key.asc(nulls_last=nulls_last), "id")

    def new(self, **fields: Any) -> "Task":
        """A task that is not in the database yet."""
        now = timezone.now()
        completed_at = now if fields.get("completed") else None
        task: Task = self.model(**fields, completed_at=completed_at, created_at=now, updated_at=now)
        return task

    def add(self, **fields: Any) -> "Task":
        """Makes a task. One statement."""
        task = self.new(**fields)
        task.save(force_insert=True)
        return task


class Task(models.Model):
    """One thing to do. It belongs to one person and goes when they go."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="tasks",
        db_index=False,  # the index below begins with it
        editable=False,
    )
    title = models.CharField(max_length=TITLE_LENGTH)
    # Null and empty differ in the contract; varchar, so that the database keeps the limit.
    description = models.CharField(max_length=DESCRIPTION_LENGTH, null=True, blank=True)  # noqa: DJ001
    completed = models.BooleanField(default=False)
    completed_at = models.DateTimeField(null=True, editable=False)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.MEDIUM)
    due_date = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        permissions: ClassVar = [("read_titles", "Can read titles and descriptions")]
        indexes: ClassVar = [
            # The list, newest first, and every cursor into it; other sorts read one user's rows.
            # Filtered lists are counted in the index alone.
            models.Index(
                fields=["user", "-created_at", "-id"],
                include=["completed", "priority", "due_date"],
                name="tasks_task_listed",
            ),
            # Operators: everybody's tasks, newest first, and those of a day.
            models.Index(
                fields=["created_at", "id"], condition=EVERYBODYS, name="tasks_task_everybodys"
            ),
            # Operators: what was completed on a day. A dry run of a purge counts by it.
            models.Index(
                fields=["completed_at"],
                condition=Q(completed_at__isnull=False),
                name="tasks_task_completed",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(title__regex=r"\S"),
                name="tasks_task_title_not_blank",
                violation_error_message="Title cannot be empty",
            ),
            models.CheckConstraint(
                condition=Q(completed=True, completed_at__isnull=False)
                | Q(completed=False, completed_at__isnull=True),
                name="tasks_task_completed_at_when_completed",
                violation_error_message="A task has a completion time exactly when it is completed",
            ),
            models.CheckConstraint(
                condition=Q(priority__in=Priority.values),
                name="tasks_task_priority_known",
                violation_error_message=f"Priority must be one of: {', '.join(PRIORITIES)}",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class IdempotencyRecord(models.Model):
    """The answer to a request with an `Idempotency-Key`, for whoever asks again within a day."""

    pk = models.CompositePrimaryKey("user_id", "key")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,  # the primary key begins with it
    )
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField()
    body = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)  # what may be purged

    def __str__(self) -> str:
        return self.key
