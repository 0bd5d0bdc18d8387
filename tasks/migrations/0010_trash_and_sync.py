"""The trash, and the number of each user's last change, for sync (ADR 26).

`todo_number` gives all rows of one statement the next number of their user. It locks the user's row
until the transaction ends, so that numbers are committed in their order. The number is at least the
time in microseconds: a database that was restored from a backup gives no number again that a client
may have seen. `todo_purge` remembers which deletions can no longer be shown.

They run as the owner of the tables: users may not write `tasks_syncstate`. Its foreign key is
checked at the end of the transaction, after the policies of `tasks_task`: a first request of a user
without a row is recognised by their refusal.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = """
-- Every write of a task updates a row: room for new versions in the same page.
ALTER TABLE tasks_syncstate SET (fillfactor = 50);
ALTER TABLE tasks_syncstate ENABLE ROW LEVEL SECURITY;
CREATE POLICY tasks_syncstate_own ON tasks_syncstate TO todo_user
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')));
GRANT SELECT ON tasks_syncstate TO todo_user;

CREATE FUNCTION todo_number() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    time_number bigint := extract(epoch FROM clock_timestamp()) * 1000000;
BEGIN
    -- The number of an earlier row of this statement. The version of the row must be of this
    -- transaction: another one may have begun a statement at the same time.
    SELECT seq INTO NEW.seq FROM tasks_syncstate WHERE user_id = NEW.user_id
        AND numbered_at = statement_timestamp() AND xmin = pg_current_xact_id()::xid;
    IF FOUND THEN
        RETURN NEW;
    END IF;
    UPDATE tasks_syncstate
        SET seq = greatest(seq + 1, time_number), numbered_at = statement_timestamp()
        WHERE user_id = NEW.user_id RETURNING seq INTO NEW.seq;
    IF NOT FOUND THEN
        INSERT INTO tasks_syncstate (user_id, seq, purged_seq, numbered_at)
            VALUES (NEW.user_id, time_number, 0, statement_timestamp())
            ON CONFLICT (user_id) DO UPDATE
            SET seq = greatest(tasks_syncstate.seq + 1, excluded.seq),
                numbered_at = excluded.numbered_at
            RETURNING seq INTO NEW.seq;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tasks_task_number BEFORE INSERT OR UPDATE ON tasks_task
    FOR EACH ROW EXECUTE FUNCTION todo_number();

CREATE FUNCTION todo_purge() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    -- Once: with a `purged_seq` above `seq`, every checkpoint would be too old.
    time_number bigint := extract(epoch FROM clock_timestamp()) * 1000000;
BEGIN
    -- Who knows the last change of a task in the trash knows its deletion.
    UPDATE tasks_syncstate AS state SET
        seq = CASE WHEN purged.live THEN greatest(seq + 1, time_number) ELSE seq END,
        purged_seq = CASE WHEN purged.live THEN greatest(seq + 1, time_number)
            ELSE greatest(purged_seq, purged.last) END
        FROM (SELECT user_id, bool_or(deleted_at IS NULL) AS live, max(seq) AS last
            FROM removed GROUP BY user_id) AS purged
        WHERE state.user_id = purged.user_id;
    RETURN NULL;
END $$;
CREATE TRIGGER tasks_task_purge AFTER DELETE ON tasks_task REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION todo_purge();
"""
BACKWARD = """
DROP TRIGGER tasks_task_purge ON tasks_task;
DROP FUNCTION todo_purge();
DROP TRIGGER tasks_task_number ON tasks_task;
DROP FUNCTION todo_number();
DROP POLICY tasks_syncstate_own ON tasks_syncstate;
REVOKE ALL ON tasks_syncstate FROM todo_user;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0009_upper"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField("task", "deleted_at", models.DateTimeField(editable=False, null=True)),
        migrations.AddField("task", "seq", models.BigIntegerField(db_default=0, editable=False)),
        migrations.CreateModel(
            name="SyncState",
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
                ("seq", models.BigIntegerField(default=0)),
                ("purged_seq", models.BigIntegerField(default=0)),
                ("numbered_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
