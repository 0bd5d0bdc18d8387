"""Answers to POSTs with an Idempotency-Key. Other people's are not there, as with tasks."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

OWN = "user_id = (SELECT nullif(current_setting('app.user_id', true), ''))"

ACTIVE = """(SELECT is_active FROM accounts_user
    WHERE id = (SELECT nullif(current_setting('app.user_id', true), '')))"""

FORWARD = f"""
GRANT SELECT, INSERT, DELETE ON tasks_idempotencyrecord TO todo_user;
ALTER TABLE tasks_idempotencyrecord ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tasks_idempotencyrecord_own ON tasks_idempotencyrecord;
CREATE POLICY tasks_idempotencyrecord_own ON tasks_idempotencyrecord TO todo_user
    USING ({OWN}) WITH CHECK ({OWN});
DROP POLICY IF EXISTS tasks_idempotencyrecord_insert_active ON tasks_idempotencyrecord;
CREATE POLICY tasks_idempotencyrecord_insert_active ON tasks_idempotencyrecord AS RESTRICTIVE
    FOR INSERT TO todo_user WITH CHECK ({ACTIVE});
DROP POLICY IF EXISTS tasks_idempotencyrecord_delete_active ON tasks_idempotencyrecord;
CREATE POLICY tasks_idempotencyrecord_delete_active ON tasks_idempotencyrecord AS RESTRICTIVE
    FOR DELETE TO todo_user USING ({ACTIVE});
"""

BACKWARD = """
DROP POLICY IF EXISTS tasks_idempotencyrecord_delete_active ON tasks_idempotencyrecord;
DROP POLICY IF EXISTS tasks_idempotencyrecord_insert_active ON tasks_idempotencyrecord;
DROP POLICY IF EXISTS tasks_idempotencyrecord_own ON tasks_idempotencyrecord;
ALTER TABLE tasks_idempotencyrecord DISABLE ROW LEVEL SECURITY;
REVOKE ALL ON tasks_idempotencyrecord FROM todo_user;
"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0002_row_level_security")]
    operations = [
        migrations.CreateModel(
            name="IdempotencyRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "user_id",
                        "key",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("key", models.CharField(max_length=255)),
                ("fingerprint", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField()),
                ("headers", models.JSONField()),
                ("body", models.JSONField()),
                (
                    "created_at",
                    models.DateTimeField(db_index=True, default=django.utils.timezone.now),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
