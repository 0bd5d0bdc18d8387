"""The role that API requests run as, and what of a person it may see: their own row.

Roles belong to the whole server: another database of it (a test's, another deployment's) may have
made this one already, or may still need it when this migration is taken back.
"""

from django.db import migrations

FORWARD = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'todo_user') THEN
        CREATE ROLE todo_user NOLOGIN NOBYPASSRLS;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- made at this very moment
END $$;

-- Since PostgreSQL 16 whoever makes a role administers it, but must be given the right to become it.
-- An administrator who made the role may have given that right as well.
DO $$ BEGIN
    IF current_setting('server_version_num')::int < 160000 THEN
        IF NOT pg_has_role('todo_user', 'MEMBER') THEN
            EXECUTE 'GRANT todo_user TO CURRENT_USER';
        END IF;
    ELSIF NOT pg_has_role('todo_user', 'SET') THEN
        EXECUTE 'GRANT todo_user TO CURRENT_USER WITH INHERIT FALSE, SET TRUE';
    END IF;
END $$;

GRANT SELECT (id, email, name, is_active, date_joined, last_seen_at) ON accounts_user TO todo_user;
ALTER TABLE accounts_user ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS accounts_user_own ON accounts_user;
CREATE POLICY accounts_user_own ON accounts_user TO todo_user
    USING (id = (SELECT nullif(current_setting('app.user_id', true), '')))
    WITH CHECK (false);
"""

BACKWARD = """
DROP POLICY IF EXISTS accounts_user_own ON accounts_user;
ALTER TABLE accounts_user DISABLE ROW LEVEL SECURITY;
REVOKE ALL (id, email, name, is_active, date_joined, last_seen_at) ON accounts_user FROM todo_user;

DO $$ BEGIN
    DROP ROLE todo_user;
EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege THEN
    NULL; -- another database of this server uses it, or an administrator made it
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
