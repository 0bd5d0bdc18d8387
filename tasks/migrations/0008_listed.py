"""The list's index with the columns that lists are filtered by: a filtered list is counted without
reading its rows.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # built beside the service at work
    dependencies = [("tasks", "0007_everybodys")]

    operations = [
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(
                fields=["user", "-created_at", "-id"],
                include=["completed", "priority", "due_date"],
                name="tasks_task_listed",
            ),
        ),
        RemoveIndexConcurrently(model_name="task", name="tasks_task_newest"),
    ]
