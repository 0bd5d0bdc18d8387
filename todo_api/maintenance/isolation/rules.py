"""Checks the role and its grants and policies on every table, which needs no test users."""

from collections.abc import Generator, Iterator

from todo_api.maintenance.isolation.check import ONE, REFUSED, Check, query, run_as

FORBIDDEN_ATTRIBUTES = ("rolcanlogin", "rolbypassrls", "rolsuper", "rolcreaterole", "rolcreatedb")
# Without the tables of extensions, which hold no user data.
TABLES = r"""
SELECT c.oid::regclass::text,
    has_table_privilege('todo_user', c.oid, 'SELECT, INSERT, UPDATE, DELETE')
        OR has_any_column_privilege('todo_user', c.oid, 'SELECT, INSERT, UPDATE'),
    -- Policies do not apply to these.
    has_table_privilege('todo_user', c.oid, 'TRUNCATE, REFERENCES, TRIGGER'),
    c.relrowsecurity,
    EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive
        AND 'todo_user'::regrole = ANY (p.polroles)),
    ARRAY (SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive
        AND p.polcmd IN ('*', 'r', 'w', 'd')
        AND coalesce(pg_get_expr(p.polqual, c.oid), '') !~ 'app\.user_id|^false$'),
    ARRAY (SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive
        AND p.polcmd IN ('*', 'a', 'w')
        AND coalesce(pg_get_expr(p.polwithcheck, c.oid), '') !~ 'app\.user_id|^false$')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_|^information_schema$'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
        AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1
"""
RUNS_AS_TODO_USER = "SELECT 1 WHERE current_user = 'todo_user'"


def check_rules() -> Generator[Check, None, bool]:
    """Yields the checks. Returns whether the role exists, as the other checks require."""
    found = bool(query("SELECT 1 FROM pg_roles WHERE rolname = 'todo_user'"))
    yield Check("the role todo_user", "exists", "exists" if found else "missing: migrate")
    if found:
        yield from _role()
        yield from _tables()
    return found


def _role() -> Iterator[Check]:
    """Checks the attributes of todo_user, and that this connection can run as todo_user."""
    for name in FORBIDDEN_ATTRIBUTES:
        ((value,),) = query(f"SELECT {name} FROM pg_roles WHERE rolname = 'todo_user'")  # noqa: S608  (a constant)
        yield Check(f"todo_user has {name}", "False", str(value))
    groups = "SELECT roleid::regrole::text FROM pg_auth_members WHERE member = "
    owned = "SELECT oid::regclass::text FROM pg_class WHERE relowner = "
    for claim, sql in (("todo_user belongs to", groups), ("todo_user owns", owned)):
        names = [name for (name,) in query(sql + "'todo_user'::regrole")]
        yield Check(claim, "nothing", ", ".join(names) or "nothing")
    yield Check("this connection can run as todo_user", ONE, run_as("", RUNS_AS_TODO_USER))


def _tables() -> Iterator[Check]:
    """Checks that todo_user has no access to a table, or only through policies by the identity."""
    for table, granted, bypassing, enabled, has_policy, no_using, no_check in query(TABLES):
        if bypassing:
            yield Check(f"{table}: privileges that bypass policies", "none", "granted")
        if not granted:
            yield Check(f"table {table}", REFUSED, run_as("", f"SELECT FROM {table} LIMIT 1"))
        elif not enabled:
            yield Check(f"table {table}", "guarded", "granted without row-level security")
        elif not has_policy:
            yield Check(f"table {table}", "guarded", "no policy for todo_user")
        else:
            holes = [f"{name} without USING the identity" for name in no_using]
            holes += [f"{name} without WITH CHECK of the identity" for name in no_check]
            yield Check(f"table {table}", "guarded", ", ".join(holes) or "guarded")
