"""What the database role of API requests may do, and the statements that establish it.

`todo_user` is the role that API requests run as (accounts/identity.py). A restored dump, another
owner or an administrator can change it, its privileges and the policies; then every request fails,
or users see each other's rows. todo_api/maintenance/access.py repairs it.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.db import DatabaseError, connection, transaction

# In policies: the id of the user that a request runs as, NULL without one. A sub-select is
# evaluated once per statement, so that a comparison with it is an index condition. A setting that
# was set and reset is an empty string, hence nullif.
USER = "(SELECT nullif(current_setting('app.user_id', true), ''))"

# Each query returns the statements that are missing. They run in this order.
ROLE_QUERIES = (
    "SELECT 'CREATE ROLE todo_user NOLOGIN' WHERE to_regrole('todo_user') IS NULL",
    """
    SELECT 'ALTER ROLE todo_user ' || attributes FROM (
        SELECT concat_ws(' ', CASE WHEN rolsuper THEN 'NOSUPERUSER' END,
            CASE WHEN rolbypassrls THEN 'NOBYPASSRLS' END, CASE WHEN rolcanlogin THEN 'NOLOGIN' END,
            CASE WHEN rolcreaterole THEN 'NOCREATEROLE' END,
            CASE WHEN rolcreatedb THEN 'NOCREATEDB' END,
            CASE WHEN rolreplication THEN 'NOREPLICATION' END) AS attributes
        FROM pg_roles WHERE rolname = 'todo_user'
    ) AS wrong WHERE attributes <> ''
    """,
    """
    SELECT format('REVOKE %%s FROM todo_user', roleid::regrole) FROM pg_auth_members
    WHERE member = to_regrole('todo_user')
    """,
    # Since PostgreSQL 16, the creator of a role administers it but cannot switch to it.
    """
    SELECT format('GRANT todo_user TO %%I', current_user) || CASE
        WHEN current_setting('server_version_num')::int < 160000 THEN ''
        ELSE ' WITH INHERIT FALSE, SET TRUE' END
    WHERE to_regrole('todo_user') IS NULL OR NOT pg_has_role(to_regrole('todo_user'), CASE
        WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END)
    """,
    """
    SELECT format('CREATE SCHEMA %%I AUTHORIZATION %%I', %(schema)s::text, current_user)
    WHERE to_regnamespace(quote_ident(%(schema)s)) IS NULL
    """,
    # A schema or table may belong to another role that restored a dump.
    """
    SELECT format('GRANT USAGE, CREATE ON SCHEMA %%I TO %%I', nspname, current_user)
    FROM pg_namespace WHERE nspname = %(schema)s
        AND NOT (has_schema_privilege(oid, 'USAGE') AND has_schema_privilege(oid, 'CREATE'))
    """,
    """
    SELECT format('GRANT USAGE ON SCHEMA %%I TO todo_user', nspname)
    FROM pg_namespace WHERE nspname = %(schema)s AND NOT coalesce(
        has_schema_privilege(to_regrole('todo_user'), oid, 'USAGE'),
        has_schema_privilege('public', oid, 'USAGE'))
    """,
    """
    SELECT format('ALTER TABLE %%I.%%I OWNER TO %%I', n.nspname, c.relname, current_user)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname = ANY (%(tables)s) AND c.relkind = 'r' AND n.nspname = %(schema)s
        AND NOT pg_has_role(c.relowner, 'USAGE')
    ORDER BY 1
    """,
    """
    SELECT format('ALTER FUNCTION %%I.%%I(text) OWNER TO %%I', n.nspname, p.proname, current_user)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.proname IN ('todo_become', 'todo_upper', 'todo_fold', 'todo_tag', 'todo_natural')
        AND n.nspname = %(schema)s
        AND NOT pg_has_role(p.proowner, 'USAGE')
    ORDER BY 1
    """,
    # Trigger functions run as their owner (SECURITY DEFINER): as that of the table they write.
    """
    SELECT format('ALTER FUNCTION %%I.%%I() OWNER TO %%I', n.nspname, p.proname, wanted)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN (
        SELECT relnamespace, CASE WHEN pg_has_role(relowner, 'USAGE') THEN pg_get_userbyid(relowner)
            ELSE current_user END AS wanted
        FROM pg_class WHERE relname = 'tasks_syncstate' AND relkind = 'r'
    ) AS written ON written.relnamespace = n.oid
    WHERE p.proname IN ('todo_number', 'todo_purge') AND n.nspname = %(schema)s
        AND pg_get_userbyid(p.proowner) <> wanted
    ORDER BY 1
    """,
)
# For DATABASE_SCHEMA. A setting of the role also works behind poolers.
SEARCH_PATH = """
SELECT format('ALTER ROLE %%I IN DATABASE %%I SET search_path = %%I',
    current_user, current_database(), %(schema)s::text)
WHERE NOT EXISTS (
    SELECT FROM pg_db_role_setting, unnest(setconfig) AS setting
    WHERE setrole = to_regrole(quote_ident(current_user)) AND setdatabase = (
            SELECT oid FROM pg_database WHERE datname = current_database())
        AND setting = 'search_path=' || quote_ident(%(schema)s)
)
"""
FUNCTION_QUERIES = (
    """
    SELECT format('GRANT EXECUTE ON FUNCTION %%I.%%s TO todo_user', %(schema)s::text, name)
    FROM unnest(ARRAY['todo_become(text)', 'todo_upper(text)', 'todo_fold(text)',
        'todo_tag(text)', 'todo_natural(text)']) AS name
    WHERE NOT has_function_privilege(to_regrole('todo_user'), to_regprocedure(name), 'EXECUTE')
    """,
    # With the locale C, upper() changes only ASCII letters.
    """
    SELECT format('CREATE OR REPLACE FUNCTION %%I.todo_upper(text) RETURNS text LANGUAGE sql'
        ' IMMUTABLE PARALLEL SAFE AS %%L', %(schema)s::text, wanted)
    FROM (SELECT coalesce('SELECT upper($1 COLLATE ' || quote_ident((
        SELECT max(collname) FROM pg_collation WHERE upper('ä') <> 'Ä'
            AND collname IN ('und-x-icu', 'pg_c_utf8')
            AND collnamespace = to_regnamespace('pg_catalog')
    )) || ')', 'SELECT upper($1)') AS wanted) AS body, pg_proc
    WHERE oid = to_regprocedure('todo_upper(text)') AND prosrc <> wanted
    """,
)
SECURITY = """
SELECT 'ALTER TABLE {table} ENABLE ROW LEVEL SECURITY'
FROM pg_class WHERE oid = to_regclass('{table}') AND NOT relrowsecurity
"""
# Privileges are compared as `SELECT` for the table, and `SELECT (id)` for a column.
PRIVILEGES = """
SELECT unnest(ARRAY['REVOKE ALL ON {table} FROM todo_user',
    'GRANT {granted} ON {table} TO todo_user'])
WHERE to_regclass('{table}') IS NOT NULL AND '{{{privileges}}}'::text[] IS DISTINCT FROM (
    SELECT array_agg(name ORDER BY name COLLATE "C") FROM (
        SELECT a.privilege_type AS name FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.oid = to_regclass('{table}') AND a.grantee = to_regrole('todo_user')
        UNION
        SELECT format('%%s (%%s)', a.privilege_type, c.attname)
        FROM pg_attribute c, aclexplode(c.attacl) a
        WHERE c.attrelid = to_regclass('{table}') AND a.grantee = to_regrole('todo_user')
    ) AS found
)
"""
# Policies of others, which could show more rows.
OTHER_POLICIES = """
SELECT format('DROP POLICY %%I ON {table}', polname) FROM pg_policy
WHERE polrelid = to_regclass('{table}') AND polname <> ALL ('{{{names}}}'::text[])
    AND (polroles @> ARRAY[0::oid] OR polroles @> ARRAY[to_regrole('todo_user')::oid])
"""
# Privileges that every role has on the table or on one of its columns.
PUBLIC_PRIVILEGES = """
SELECT 'REVOKE ALL ON {table} FROM PUBLIC' FROM pg_class c
WHERE c.oid = to_regclass('{table}') AND (
    EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = 0) OR EXISTS (
        SELECT FROM pg_attribute f, aclexplode(f.attacl) a
        WHERE f.attrelid = c.oid AND a.grantee = 0))
"""
# Privileges of todo_user, or of every role, on the tables that requests do not use.
OTHER_PRIVILEGES = """
SELECT format('REVOKE ALL ON %%I.%%I FROM todo_user, PUBLIC', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %(schema)s AND c.relname = ANY (%(tables)s) AND c.relname <> ALL ('{{{names}}}')
    AND to_regrole('todo_user') IS NOT NULL AND (
        EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee IN (0, to_regrole('todo_user')))
        OR EXISTS (SELECT FROM pg_attribute f, aclexplode(f.attacl) a
            WHERE f.attrelid = c.oid AND a.grantee IN (0, to_regrole('todo_user'))))
ORDER BY 1
"""
POLICY = """
SELECT unnest(ARRAY['DROP POLICY IF EXISTS {name} ON {table}', {create}])
WHERE to_regclass('{table}') IS NOT NULL AND NOT EXISTS (
    SELECT FROM pg_policy p WHERE p.polrelid = to_regclass('{table}') AND p.polname = '{name}'
        AND p.polcmd = '{command}' AND p.polpermissive = {permissive}
        AND p.polroles = ARRAY[to_regrole('todo_user')::oid]
        AND coalesce(pg_get_expr(p.polqual, p.polrelid), '') ~ '{using}'
        AND coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') ~ '{check}'
)
"""
COMMANDS = {"ALL": "*", "SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d"}


@dataclass(frozen=True)
class Policy:
    """A row policy for todo_user. `using` and `check` are SQL conditions, "" for none."""

    name: str
    using: str = ""
    check: str = ""
    command: str = "ALL"
    restrictive: bool = False

    def create(self, table: str) -> str:
        """Returns the statement that creates the policy."""
        kind = "AS RESTRICTIVE " if self.restrictive else ""
        using = f" USING ({self.using})" if self.using else ""
        check = f" WITH CHECK ({self.check})" if self.check else ""
        return (
            f"CREATE POLICY {self.name} ON {table} {kind}FOR {self.command} TO todo_user"
            f"{using}{check}"
        )


@dataclass(frozen=True)
class TableAccess:
    """The access of todo_user to a table. `columns` restricts each privilege to some columns."""

    table: str
    privileges: Sequence[str]
    policies: Sequence[Policy]
    columns: Sequence[str] = ()

    def queries(self) -> Iterable[str]:
        """Yields the queries for missing statements. They return none without the table."""
        columns = f" ({', '.join(self.columns)})" if self.columns else ""
        privileges = sorted(
            f"{privilege} ({column})" if column else privilege
            for privilege in self.privileges
            for column in self.columns or [""]
        )
        yield SECURITY.format(table=self.table)
        yield PUBLIC_PRIVILEGES.format(table=self.table)
        names = ",".join(policy.name for policy in self.policies)
        yield OTHER_POLICIES.format(table=self.table, names=names)
        yield PRIVILEGES.format(
            table=self.table,
            granted=", ".join(f"{privilege}{columns}" for privilege in self.privileges),
            privileges=",".join(f'"{name}"' for name in privileges),
        )
        for policy in self.policies:
            yield POLICY.format(
                table=self.table,
                name=policy.name,
                command=COMMANDS[policy.command],
                permissive=not policy.restrictive,
                using=_pattern(policy.using),
                check=_pattern(policy.check),
                create="'" + policy.create(self.table).replace("'", "''") + "'",
            )


def _pattern(condition: str) -> str:
    """Returns a regular expression for a condition as PostgreSQL shows it, in any version: one that
    depends on the user, or exactly the same.
    """
    return r"app\.user_id" if "app.user_id" in condition else f"^{condition}$"


def missing(queries: Iterable[str], tables: Sequence[str], schema: str) -> list[str]:
    """Returns the statements that the queries return, in one round trip."""
    numbered = (
        f"SELECT {number}, statement FROM ({query}) AS missing(statement)"
        for number, query in enumerate(queries)
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(numbered), {"tables": [*tables], "schema": schema})
        found: list[tuple[int, str]] = cursor.fetchall()
    # UNION keeps no order. Those of one query are in order already, and sorting is stable.
    return [statement for _, statement in sorted(found, key=lambda row: row[0])]


def apply(statements: Iterable[str]) -> None:
    """Runs statements, and skips those that fail. For use in a transaction."""
    with connection.cursor() as cursor:
        for statement in statements:
            with suppress(DatabaseError), transaction.atomic():
                cursor.execute(statement)
