"""What API requests may do with tasks and stored responses: everything, with the user's own rows.

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
)
