"""`todo_become` switches row security on: a database can have the default `row_security = off`,
with which every statement that a policy applies to is an error.
"""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION todo_become(person text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text;
BEGIN
    SELECT CASE
            WHEN NOT is_active THEN 'suspended'
            WHEN last_seen_at > now() - interval '1 hour' THEN 'active'
            ELSE 'stale'
        END
        INTO state FROM accounts_user WHERE id = person;
    PERFORM
        -- Statements of requests time out.
        set_config('statement_timeout', '5s', true),
        set_config('lock_timeout', '2s', true),
        set_config('idle_in_transaction_session_timeout', '10s', true),
        {row_security}
        set_config('role', 'todo_user', true),
        set_config('app.user_id', person, true);
    RETURN state;
END $$;
"""
FORWARD = FUNCTION.format(row_security="set_config('row_security', 'on', true),")
BACKWARD = FUNCTION.format(row_security="")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_user_names")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
