"""Tasks and stored responses of users, with the constraints of the database."""

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
    """Stored as a number, so that it sorts by urgency. The API uses the lower-case name."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    URGENT = 4


PRIORITIES = {priority.name.lower(): priority for priority in Priority}
PRIORITY_NAMES = {priority.value: name for name, priority in PRIORITIES.items()}
SORTS = ("created_at", "updated_at", "due_date", "priority", "title")
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


class Matches(Func):
    """Whether a text matches a LIKE pattern, in any case. `icontains` would escape the pattern in
    SQL.
    """

    # See migration tasks.0009.
    template, arg_joiner = "todo_upper(%(expressions)s)", ") LIKE todo_upper("
    output_field: Any = models.BooleanField()


def like_pattern(word: str) -> str:
    """Returns the LIKE pattern of texts that contain the word."""
    return f"%{connection.ops.prep_for_like_query(word)}%"


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks of all users, until `owned_by` filters them."""

    def owned_by(self, user: Any) -> Self:
        return self.filter(user=user)

    def of_all_users(self) -> Self:
        """Returns all tasks, for operators. Sorts and filters by `created_at` use an index."""
        return self.filter(ALL_USERS)

    def containing(self, *patterns: Any) -> Self:
        """Returns the tasks in which each pattern (like_pattern) matches the title or the
        description, ignoring case.
        """
        values = (Value(each) if isinstance(each, str) else each for each in patterns)
        return self.filter(
            *(Q(Matches("title", each)) | Q(Matches("description", each)) for each in values)
        )

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
        """Sorts by a field, then by id. Tasks without a due date come last in both orders."""
        tasks, key = self, F(name)
        if name == "title":
            tasks, key = self.annotate(lower_title=Lower("title")), F("lower_title")
        # Not on other columns: they have no nulls, and PostgreSQL would not use the index.
        nulls_last = True if name == "due_date" else None
        if descending:
            return tasks.order_by(key.desc(nulls_last=nulls_last), "-id")
        return tasks.order_by(key.asc(nulls_last=nulls_last), "id")

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


class Task(models.Model):
    """A task of one user. It is deleted with the user.

    A trigger of the database sets `seq` with each write (SyncState). A task with `deleted_at` is in
    the trash: only the trash list, restoring and sync show it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="tasks",
        db_index=False,  # other indexes begin with it
        editable=False,
    )
    title = models.CharField(max_length=TITLE_LENGTH)
    # Nullable: the contract distinguishes null from "". A varchar: the database enforces the limit.
    description = models.CharField(max_length=DESCRIPTION_LENGTH, null=True, blank=True)  # noqa: DJ001  (null differs from empty in the contract)
    completed = models.BooleanField(default=False)
    completed_at = models.DateTimeField(null=True, editable=False)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.MEDIUM)
    due_date = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    seq = models.BigIntegerField(db_default=0, editable=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        permissions: ClassVar = [("read_titles", "Can read titles and descriptions")]
        indexes: ClassVar = [
            # For a user's list in the default order, and its cursors. Other orders read and sort
            # the user's rows. The included columns allow index-only counts of filtered lists.
            models.Index(
                fields=["user", "-created_at", "-id"],
                include=["completed", "priority", "due_date"],
                condition=Q(deleted_at=None),
                name="tasks_task_live",
            ),
            # For sync, and for the quota: a user's tasks in the order of their last change.
            models.Index(fields=["user", "seq", "id"], name="tasks_task_changed"),
            # For a user's trash, newest deletion first.
            models.Index(
                fields=["user", "-deleted_at", "-id"],
                condition=Q(deleted_at__isnull=False),
                name="tasks_task_trashed",
            ),
            # For operators: the trash of all users, and its purge.
            models.Index(
                fields=["deleted_at"],
                condition=Q(deleted_at__isnull=False) & ALL_USERS,
                name="tasks_task_purgeable",
            ),
            # For operators: the tasks of all users, newest first, and the tasks of a day.
            models.Index(
                fields=["created_at", "id"], condition=ALL_USERS, name="tasks_task_everybodys"
            ),
            # For operators: the tasks that were completed on a day, and the dry run of a purge.
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

    def change(self, now: datetime, **fields: Any) -> None:
        """Sets the fields as an UPDATE with the values of `changes` does. Saves nothing."""
        if "completed" in fields:
            self.completed_at = (self.completed_at or now) if fields["completed"] else None
        for name, value in fields.items():
            setattr(self, name, value)
        self.updated_at = max(now, self.updated_at + timedelta(microseconds=1))


class SyncStateQuerySet(models.QuerySet["SyncState"]):
    def restart(self) -> int:
        """Makes all checkpoints invalid, and returns the number of users."""
        # As migration tasks.0010 does. Checkpoints of a database that was lost are also smaller.
        now = int(timezone.now().timestamp() * 1_000_000)
        seq = Greatest(F("seq") + 1, Value(now))
        return self.update(seq=seq, purged_seq=seq)


class SyncState(models.Model):
    """The number of a user's last change, which triggers of the database write (ADR 26).

    `seq` grows with each transaction that writes tasks of the user, who waits for the row: numbers
    become visible in their order. Clients whose checkpoint is before `purged_seq` may have missed
    the deletion of a row that no longer exists.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    seq = models.BigIntegerField(default=0)
    purged_seq = models.BigIntegerField(default=0)
    numbered_at = models.DateTimeField(null=True)  # for the trigger

    objects = SyncStateQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.pk)


class IdempotencyRecord(models.Model):
    """The stored response to a request with an `Idempotency-Key`, for retries within a day."""

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
    created_at = models.DateTimeField(default=timezone.now, db_index=True)  # for the purge

    def __str__(self) -> str:
        return self.key
