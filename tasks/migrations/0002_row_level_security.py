"""A person's tasks are the only ones there are, for whoever runs as todo_user.

The sub-selects are evaluated once a statement, which makes the first an index condition. A setting
that was made and undone is an empty string, hence nullif. There is no FORCE: it would do nothing
on Neon, whose owner bypasses policies, and would blind the owner elsewhere.
"""

from django.db import migrations

OWN = "user_id = (SELECT nullif(current_setting('app.user_id', true), ''))"
ACTIVE = """(SELECT is_active FROM accounts_user
    WHERE id = (SELECT nullif(current_setting('app.user_id', true), '')))"""

FORWARD = f"""
GRANT SELECT, INSERT, UPDATE, DELETE ON tasks_task TO todo_user;
ALTER TABLE tasks_task ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tasks_task_own ON tasks_task;
CREATE POLICY tasks_task_own ON tasks_task TO todo_user USING ({OWN}) WITH CHECK ({OWN});
-- Suspended people write nothing, whatever our code forgets.
DROP POLICY IF EXISTS tasks_task_insert_active ON tasks_task;
CREATE POLICY tasks_task_insert_active ON tasks_task AS RESTRICTIVE FOR INSERT TO todo_user
    WITH CHECK ({ACTIVE});
DROP POLICY IF EXISTS tasks_task_update_active ON tasks_task;
CREATE POLICY tasks_task_update_active ON tasks_task AS RESTRICTIVE FOR UPDATE TO todo_user
    USING ({ACTIVE});
DROP POLICY IF EXISTS tasks_task_delete_active ON tasks_task;
CREATE POLICY tasks_task_delete_active ON tasks_task AS RESTRICTIVE FOR DELETE TO todo_user
    USING ({ACTIVE});
"""

BACKWARD = """
DROP POLICY IF EXISTS tasks_task_delete_active ON tasks_task;
DROP POLICY IF EXISTS tasks_task_update_active ON tasks_task;
DROP POLICY IF EXISTS tasks_task_insert_active ON tasks_task;
DROP POLICY IF EXISTS tasks_task_own ON tasks_task;
ALTER TABLE tasks_task DISABLE ROW LEVEL SECURITY;
REVOKE ALL ON tasks_task FROM todo_user;
"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_initial"), ("accounts", "0002_todo_user")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
