"""Everybody's tasks by when they were completed, for operators and commands. No list of the API
reads this index.

Completing a task makes an entry in each index of the table now, once in most tasks' lives. A BRIN
index would not, but reads the greater part of the table for one day: tasks are not stored in the
order in which they are completed.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # built beside the service at work
    dependencies = [("tasks", "0005_newest_of_all")]

    operations = [
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(
                fields=["completed_at"],
                condition=models.Q(("completed_at__isnull", False)),
                name="tasks_task_completed",
            ),
        ),
    ]
