"""What was done to one person or task, found among everything that operators ever did. Django's log
has an index on who did it, and on the kind of thing, but none on the thing.
"""

from django.db import migrations


class Migration(migrations.Migration):
    atomic = False  # built beside the service at work
    dependencies = [
        ("accounts", "0005_operator_indexes"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS accounts_log_of_object"
            " ON django_admin_log (object_id, content_type_id)",
            "DROP INDEX CONCURRENTLY IF EXISTS accounts_log_of_object",
        )
    ]
