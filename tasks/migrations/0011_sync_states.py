"""A row for each user who has tasks. Triggers create those of later users."""

from django.db import migrations

FORWARD = """
INSERT INTO tasks_syncstate (user_id, seq, purged_seq)
SELECT id, 0, 0 FROM accounts_user AS owner
WHERE EXISTS (SELECT FROM tasks_task WHERE user_id = owner.id)
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0010_trash_and_sync")]
    # Backwards, the table goes with the migration before.
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
