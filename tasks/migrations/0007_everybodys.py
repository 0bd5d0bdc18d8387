"""Everybody's tasks by age, for operators, in an index that no query of the API can read (ADR 20).

While both releases serve, operators' lists of the one before read the whole table.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Func, Q


class Migration(migrations.Migration):
    atomic = False  # built beside the service at work
    dependencies = [("tasks", "0006_completed")]

    operations = [
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(
                fields=["created_at", "id"],
                condition=Q(
                    Func(F("created_at"), function="isfinite", output_field=models.BooleanField())
                ),
                name="tasks_task_everybodys",
            ),
        ),
        RemoveIndexConcurrently(model_name="task", name="tasks_task_created"),
    ]
