"""The index of lists that are sorted by title."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Func, Q
from django.db.models.functions import Collate


class Migration(migrations.Migration):
    atomic = False  # built beside the service at work
    dependencies = [("tasks", "0014_fold_texts")]
    operations = [
        AddIndexConcurrently(
            "task",
            models.Index(
                F("user"),
                Collate(Func(F("title"), function="todo_natural"), "todo_title"),
                F("created_at").desc(),
                F("id").desc(),
                condition=Q(deleted_at=None),
                name="tasks_task_titles",
            ),
        ),
    ]
