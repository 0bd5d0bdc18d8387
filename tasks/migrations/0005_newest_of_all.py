"""Everybody's tasks by age, for operators. No list of the API reads this index."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # built beside the service at work
    dependencies = [("tasks", "0004_read_titles")]

    operations = [
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(fields=["created_at", "id"], name="tasks_task_created"),
        ),
    ]
