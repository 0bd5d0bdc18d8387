"""Indexes of the trash and of sync. Those of lists are without the trash."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Func, Q

# Only in queries of operators: see tasks.models.ALL_USERS.
ALL_USERS = Q(Func(F("created_at"), function="isfinite", output_field=models.BooleanField()))


class Migration(migrations.Migration):
    atomic = False  # built beside the service at work
    dependencies = [("tasks", "0011_sync_states")]

    operations = [
        AddIndexConcurrently(
            "task",
            models.Index(
                condition=Q(deleted_at=None),
                fields=["user", "-created_at", "-id"],
                include=["completed", "priority", "due_date"],
                name="tasks_task_live",
            ),
        ),
        AddIndexConcurrently(
            "task", models.Index(fields=["user", "seq", "id"], name="tasks_task_changed")
        ),
        AddIndexConcurrently(
            "task",
            models.Index(
                condition=Q(deleted_at__isnull=False),
                fields=["user", "-deleted_at", "-id"],
                name="tasks_task_trashed",
            ),
        ),
        AddIndexConcurrently(
            "task",
            models.Index(
                condition=Q(deleted_at__isnull=False) & ALL_USERS,
                fields=["deleted_at"],
                name="tasks_task_purgeable",
            ),
        ),
        RemoveIndexConcurrently("task", "tasks_task_listed"),
    ]
