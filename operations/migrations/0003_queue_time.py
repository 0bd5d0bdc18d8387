"""The time that requests waited for a thread. The columns have defaults of the database, because
processes of the release before write rows without them.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("operations", "0002_task_day")]
    operations = [
        migrations.AddField("traffic", name, models.FloatField(default=0.0, db_default=0.0))
        for name in ("queue_ms", "longest_queue_ms")
    ]
