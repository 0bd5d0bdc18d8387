"""What a person owns, and the rules that always hold."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Expression, F, Func, Q, When
from django.db.models.functions import Greatest, Lower
from django.db.models.sql import UpdateQuery
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
# What the API shows of a task, in this order.
REPRESENTED = (
    "id", "user_id", "title", "description", "completed", "completed_at", "priority", "due_date",
    "created_at", "updated_at",
)  # fmt: skip
# The same as SQL, in the types that are read and written fastest: times without a zone, which is
# UTC (an interval, because a zone's name would be looked up for each value), and the id as text.
AS_SHOWN = {"id": "id::text"} | {
    name: f"{name} AT TIME ZONE INTERVAL '0'"
    for name in ("completed_at", "created_at", "updated_at")
}
REPRESENTATION = ", ".join(f"tasks_task.{AS_SHOWN.get(name, name)}" for name in REPRESENTED)
SORTS = ("created_at", "updated_at", "due_date", "priority", "title")
# True of every task. PostgreSQL reads a partial index only for a query that states its condition:
# what states this is operators', and the index on it is never mistaken for a person's (ADR 20).
EVERYBODYS = Q(Func(F("created_at"), function="isfinite", output_field=models.BooleanField()))


def later(now: Any) -> Any:
    """`now`, but after the last change in any case: servers' clocks differ, versions must not."""
    return Greatest(now, F("updated_at") + timedelta(microseconds=1))


class Representation(Expression):
    """All columns of the representation as one: Django would compile each of them."""

    output_field: Any = models.TextField()  # of no importance: nothing is done with it

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[()]]:
        return REPRESENTATION, ()


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks of one person, once `owned_by` has been asked."""

    def owned_by(self, user: Any) -> Self:
        return self.filter(user=user)

    def everybodys(self) -> Self:
        """All tasks, for operators: newest first, and those of a day, they are read in an index."""
        return self.filter(EVERYBODYS)

    def represented(self) -> Any:
        """Rows for tasks.representation: what sorts them, if that is no column, then what the API
        shows.
        """
        return self.values_list(*self.query.annotations, Representation())

    @staticmethod
    def place_of(row: tuple[Any, ...], name: str) -> tuple[Any, str]:
        """What a represented row is sorted by, and its id."""
        shown = dict(zip(REPRESENTED, row[-len(REPRESENTED) :], strict=True))
        value = shown.get(name, row[0])
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value, shown["id"]

    def containing(self, words: str) -> Self:
        """Each word is in the title or the description, in any case."""
        different = dict.fromkeys(words.split())
        found = (Q(title__icontains=word) | Q(description__icontains=word) for word in different)
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
        return Task(**fields, completed_at=completed_at, created_at=now, updated_at=now)

    def add(self, **fields: Any) -> "Task":
        """Makes a task. One statement."""
        task = self.new(**fields)
        task.save(force_insert=True)
        return task

    def newest_first(self) -> Self:
        """The order of a list that asks for none."""
        return self.sorted_by("created_at", descending=True)

    def changing(self, now: Any, **fields: Any) -> UpdateQuery:
        """The UPDATE of these fields and of what follows from them, and of nothing else: two people
        who change different fields both win.
        """
        if "completed" in fields:
            fields["completed_at"] = (
                Case(When(completed=True, then=F("completed_at")), default=now)
                if fields["completed"]
                else None
            )
        return self._update_query(**fields, updated_at=later(now))

    def flipping(self, now: Any) -> UpdateQuery:
        """The UPDATE that completes open tasks and reopens completed ones: two cancel out."""
        return self._update_query(
            completed=Case(When(completed=True, then=False), default=True),
            completed_at=Case(When(completed=True, then=None), default=now),
            updated_at=later(now),
        )

    def _update_query(self, **fields: Any) -> UpdateQuery:
        query: Any = self.query.chain(UpdateQuery)
        query.add_update_values(fields)
        return query  # type: ignore[no-any-return]


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
            # The list, newest first, and every cursor into it; other sorts read one person's rows.
            models.Index(fields=["user", "-created_at", "-id"], name="tasks_task_newest"),
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
