"""Reading people's words has a permission of its own: to see a task is not to read it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tasks", "0003_idempotency_record")]

    operations = [
        migrations.AlterModelOptions(
            name="task",
            options={
                "ordering": ("-created_at", "-id"),
                "permissions": [("read_titles", "Can read titles and descriptions")],
            },
        ),
    ]
