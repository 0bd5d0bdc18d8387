"""Tasks and stored responses of users, with the constraints of the database."""

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Collate, Greatest
from django.utils import timezone

from tasks.querysets import ALL_USERS, TaskQuerySet

TITLE_LENGTH = 255
DESCRIPTION_LENGTH = 10_000
MAX_TAGS, TAG_LENGTH = 20, 50


class Priority(models.IntegerChoices):
    """Stored as a number, so that it sorts by urgency. The API uses the lower-case name."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    URGENT = 4


PRIORITIES = {priority.name.lower(): priority for priority in Priority}
PRIORITY_NAMES = {priority.value: name for name, priority in PRIORITIES.items()}


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
    # The local day of `due_at` in `time_zone`, or a day without a time.
    due_date = models.DateField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001  (null: none)
    remind_at = models.DateTimeField(null=True, blank=True)
    repeat: Any = models.JSONField(null=True, blank=True)  # {"rule": …, "from": …}
    tags = ArrayField(
        models.CharField(max_length=TAG_LENGTH),
        size=MAX_TAGS,
        default=list,
        db_default=[],
        blank=True,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    seq = models.BigIntegerField(db_default=0, editable=False)
    # Written by the trigger: title and description without case and accents, for searches.
    folded = models.TextField(null=True, editable=False)  # noqa: DJ001  (null: not written yet)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        permissions: ClassVar = [("read_titles", "Can read titles, descriptions and tags")]
        indexes: ClassVar = [
            # For a user's list in the default order, and its cursors. Other orders read and sort
            # the user's rows. The included columns allow index-only counts of filtered lists.
            models.Index(
                fields=["user", "-created_at", "-id"],
                include=["completed", "priority", "due_date"],
                condition=Q(deleted_at=None),
                name="tasks_task_live",
            ),
            # For a user's list by title.
            models.Index(
                F("user"),
                Collate(Func(F("title"), function="todo_natural"), "todo_title"),
                F("created_at").desc(),
                F("id").desc(),
                condition=Q(deleted_at=None),
                name="tasks_task_titles",
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

    class Meta:
        verbose_name, verbose_name_plural = "counter of changes", "counters of changes"

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


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def opened_by(self, secret: str) -> Self:
        """Returns the feed with this secret, unless its user is suspended or erased."""
        return self.filter(secret_hash=hash_of(secret), user__is_active=True)

    def renew(self, user_id: str) -> "tuple[CalendarFeed, str]":
        """Saves a feed that replaces an earlier one of the user. Returns it and its secret."""
        secret = secrets.token_urlsafe(32)
        feed = self.model(user_id=user_id, secret_hash=hash_of(secret))
        self.bulk_create(
            [feed],
            update_conflicts=True,
            unique_fields=["user"],
            update_fields=["secret_hash", "created_at"],
        )
        return feed, secret


class CalendarFeed(models.Model):
    """A calendar of the user's tasks, which its secret opens without a token.

    Only a hash of the secret is stored: a copy of the database opens no calendar.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CalendarFeedQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.pk)


def hash_of(secret: str) -> str:
    """Returns the SHA-256 of a secret. A random secret of 32 bytes needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
