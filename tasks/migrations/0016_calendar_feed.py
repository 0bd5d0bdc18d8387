"""Calendar feeds: the hash of a secret for each user who has one. A request of the user reads and
writes their own row; a request with the secret finds it as the owner of the table.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

OWN = "user_id = (SELECT nullif(current_setting('app.user_id', true), ''))"
ACTIVE = """(SELECT is_active FROM accounts_user
    WHERE id = (SELECT nullif(current_setting('app.user_id', true), '')))"""
FORWARD = f"""
ALTER TABLE tasks_calendarfeed ENABLE ROW LEVEL SECURITY;
CREATE POLICY tasks_calendarfeed_own ON tasks_calendarfeed TO todo_user
    USING ({OWN}) WITH CHECK ({OWN});
CREATE POLICY tasks_calendarfeed_insert_active ON tasks_calendarfeed AS RESTRICTIVE
    FOR INSERT TO todo_user WITH CHECK ({ACTIVE});
CREATE POLICY tasks_calendarfeed_update_active ON tasks_calendarfeed AS RESTRICTIVE
    FOR UPDATE TO todo_user USING ({ACTIVE});
CREATE POLICY tasks_calendarfeed_delete_active ON tasks_calendarfeed AS RESTRICTIVE
    FOR DELETE TO todo_user USING ({ACTIVE});
GRANT SELECT, INSERT, UPDATE, DELETE ON tasks_calendarfeed TO todo_user;
"""
BACKWARD = """
DROP POLICY tasks_calendarfeed_delete_active ON tasks_calendarfeed;
DROP POLICY tasks_calendarfeed_update_active ON tasks_calendarfeed;
DROP POLICY tasks_calendarfeed_insert_active ON tasks_calendarfeed;
DROP POLICY tasks_calendarfeed_own ON tasks_calendarfeed;
REVOKE ALL ON tasks_calendarfeed FROM todo_user;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0015_title_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("secret_hash", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
