"""`todo_become(id)`: the rest of this transaction is that person's. Returns what they are: active,
stale (not noted as seen for an hour), suspended, or null for somebody new.

PostgreSQL keeps the plan of its query; as SQL text, each request would have it planned again.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION todo_become(person text) RETURNS text LANGUAGE plpgsql AS $$
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
        -- Whatever runs for a caller gives up in time.
        set_config('statement_timeout', '5s', true),
        set_config('lock_timeout', '2s', true),
        set_config('idle_in_transaction_session_timeout', '10s', true),
        set_config('role', 'todo_user', true),
        set_config('app.user_id', person, true);
    RETURN state;
END $$;
-- A second statement of a transaction calls it as todo_user.
GRANT EXECUTE ON FUNCTION todo_become(text) TO todo_user;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_log_of_a_person")]
    operations = [migrations.RunSQL(FORWARD, "DROP FUNCTION todo_become(text)")]
