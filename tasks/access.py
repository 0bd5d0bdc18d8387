"""What API requests may do with tasks, stored responses and calendar feeds: everything, with the
user's own rows; and the triggers of sync.

The sub-selects are evaluated once per statement. There is no FORCE ROW LEVEL SECURITY: it
has no effect on Neon, whose owner bypasses policies, and would blind the owner elsewhere.
"""

from todo_api.postgresql.access import USER, Policy, TableAccess

OWN = f"user_id = {USER}"
# Suspended users write nothing, even if the code forgets to refuse them.
ACTIVE = f"(SELECT is_active FROM accounts_user WHERE id = {USER})"


def own_rows(table: str, privileges: tuple[str, ...]) -> TableAccess:
    writes = {
        "INSERT": Policy(f"{table}_insert_active", "", ACTIVE, "INSERT", restrictive=True),
        "UPDATE": Policy(f"{table}_update_active", ACTIVE, "", "UPDATE", restrictive=True),
        "DELETE": Policy(f"{table}_delete_active", ACTIVE, "", "DELETE", restrictive=True),
    }
    restrictions = [policy for command, policy in writes.items() if command in privileges]
    return TableAccess(table, privileges, (Policy(f"{table}_own", OWN, OWN), *restrictions))


ACCESS = (
    own_rows("tasks_task", ("SELECT", "INSERT", "UPDATE", "DELETE")),
    own_rows("tasks_idempotencyrecord", ("SELECT", "INSERT", "DELETE")),
    # Its triggers write as the owner.
    own_rows("tasks_syncstate", ("SELECT",)),
    own_rows("tasks_calendarfeed", ("SELECT", "INSERT", "UPDATE", "DELETE")),
)

# Queries for missing statements, as in todo_api.postgresql.access. The functions run as their owner
# (SECURITY DEFINER): their search path is fixed, and temporary tables of a request come last.
TRIGGERS = {
    "tasks_task_number": "BEFORE INSERT OR UPDATE ON tasks_task FOR EACH ROW"
    " EXECUTE FUNCTION todo_number()",
    "tasks_task_purge": "AFTER DELETE ON tasks_task REFERENCING OLD TABLE AS removed"
    " FOR EACH STATEMENT EXECUTE FUNCTION todo_purge()",
}
TRIGGER_QUERIES = (
    """
    SELECT format('ALTER FUNCTION %%I.%%I() SET search_path = %%I, pg_temp',
        n.nspname, p.proname, n.nspname)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.proname IN ('todo_number', 'todo_purge') AND n.nspname = %(schema)s AND p.proconfig
        IS DISTINCT FROM ARRAY['search_path=' || quote_ident(n.nspname) || ', pg_temp']
    ORDER BY 1
    """,
    """
    SELECT format('ALTER TABLE tasks_task ENABLE TRIGGER %%I', tgname) FROM pg_trigger
    WHERE tgrelid = to_regclass('tasks_task') AND NOT tgisinternal AND tgenabled <> 'O'
    """,
    *(
        f"SELECT 'CREATE TRIGGER {name} {definition}'"
        " WHERE to_regclass('tasks_syncstate') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_trigger"
        f" WHERE tgrelid = to_regclass('tasks_task') AND tgname = '{name}')"
        for name, definition in TRIGGERS.items()
    ),
)
