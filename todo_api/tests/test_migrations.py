"""Migrations run by an owner that is not a superuser, forward and back."""

from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from accounts.identity import AS_USER
from accounts.models import User
from todo_api.tests.owners import manage, query


@pytest.mark.django_db
def test_the_models_need_no_further_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


ROLES = "SELECT rolname FROM pg_roles WHERE rolname = 'todo_user'"
GUARDED = "SELECT relname FROM pg_class WHERE relrowsecurity ORDER BY relname"
POLICIES = "SELECT polname FROM pg_policy"
INSERT_USER = (
    "INSERT INTO accounts_user (id, password, email, name, is_active, is_staff, is_superuser,"
    " date_joined) VALUES (%s, '!', '', '', true, false, false, now())"
)
# Without the columns of later releases.
OLD_INSERT = (
    "INSERT INTO tasks_task (id, user_id, title, completed, priority, created_at, updated_at)"
    " VALUES (gen_random_uuid(), %s, 'Old', false, 2, now(), now())"
)
TASKS = "SELECT id, user_id, title, created_at, updated_at FROM tasks_task ORDER BY id"
STATES = "SELECT user_id, seq, purged_seq FROM tasks_syncstate ORDER BY user_id"
GRANTS = "SELECT table_name FROM information_schema.role_column_grants WHERE grantee = 'todo_user'"


@pytest.mark.slow
def test_an_owner_without_superuser_migrates_forward_back_and_forward(
    owned: tuple[str, str],
) -> None:
    superuser, owner = owned

    manage(owner, "migrate", "--verbosity=0")
    assert manage(owner, "verify_isolation", "--verbosity=0").endswith("checks, no hole\n")

    manage(owner, "migrate", "accounts", "0001", "--verbosity=0")
    left = [query(superuser, sql) for sql in (ROLES, GUARDED, POLICIES, GRANTS)]
    assert left == [[], [], [], []]

    manage(owner, "migrate", "--verbosity=0")
    guarded = ["accounts_user", "tasks_idempotencyrecord", "tasks_syncstate", "tasks_task"]
    assert query(superuser, GUARDED) == [(table,) for table in guarded]
    assert manage(owner, "verify_isolation", "--verbosity=0").endswith("checks, no hole\n")


@pytest.mark.slow
def test_a_role_that_exists_before_is_used_and_kept(
    owned: tuple[str, str],
) -> None:
    superuser, owner = owned
    with psycopg.connect(superuser, autocommit=True) as administrator:
        administrator.execute("ALTER ROLE owner NOCREATEROLE")
        administrator.execute("CREATE ROLE todo_user NOLOGIN")
        administrator.execute("GRANT todo_user TO owner")

    manage(owner, "migrate", "--verbosity=0")
    assert manage(owner, "verify_isolation", "--verbosity=0").endswith("checks, no hole\n")

    manage(owner, "migrate", "accounts", "0001", "--verbosity=0")
    left = [query(superuser, sql) for sql in (ROLES, GUARDED, POLICIES, GRANTS)]
    assert left == [[("todo_user",)], [], [], []]


@pytest.mark.slow
def test_tasks_survive_the_migrations_of_the_trash_in_both_directions(
    owned: tuple[str, str],
) -> None:
    superuser, owner = owned
    manage(owner, "migrate", "tasks", "0009", "--verbosity=0")
    with psycopg.connect(superuser) as administrator:
        for user, tasks in (("alice", 3), ("bob", 1), ("idle", 0)):
            administrator.execute(INSERT_USER, [user])
            for _ in range(tasks):
                administrator.execute(OLD_INSERT, [user])
    before = query(superuser, TASKS)

    manage(owner, "migrate", "--verbosity=0")

    assert query(superuser, TASKS) == before
    assert query(superuser, STATES) == [("alice", 0, 0), ("bob", 0, 0)]
    numbers = "SELECT DISTINCT deleted_at, seq FROM tasks_task"
    assert query(superuser, numbers) == [(None, 0)]
    with psycopg.connect(superuser) as administrator:
        administrator.execute("UPDATE tasks_task SET deleted_at = now() WHERE user_id = 'bob'")

    manage(owner, "migrate", "tasks", "0009", "--verbosity=0")

    assert query(superuser, TASKS) == before  # out of the trash

    manage(owner, "migrate", "tasks", "zero", "--verbosity=0")
    functions = "SELECT proname FROM pg_proc WHERE proname IN ('todo_number', 'todo_purge')"
    assert query(superuser, functions) == []
    manage(owner, "migrate", "--verbosity=0")
    assert manage(owner, "verify_isolation", "--verbosity=0").endswith("checks, no hole\n")


@pytest.mark.django_db
def test_statements_of_the_release_before_the_trash_work(alice: User) -> None:
    def run(sql: str) -> list[tuple[Any, ...]]:
        """Runs it as a request does, and returns tasks and the state of sync."""
        with connection.cursor() as cursor:
            cursor.execute(AS_USER, [alice.pk])
            cursor.execute(sql, [alice.pk])
            cursor.execute("RESET ROLE")
            cursor.execute("SELECT title, deleted_at, seq FROM tasks_task")
            tasks = cursor.fetchall()
            cursor.execute("SELECT seq, purged_seq FROM tasks_syncstate")
            return [*tasks, *cursor.fetchall()]

    (task, state) = run(OLD_INSERT)
    number = state[0]
    assert (task, state) == (("Old", None, number), (number, 0))

    (task, (changed, purged)) = run("UPDATE tasks_task SET title = 'New' WHERE user_id = %s")
    assert (task, purged) == (("New", None, changed), 0)
    assert changed >= number  # the same in one transaction and instant

    ((last, purged),) = run("DELETE FROM tasks_task WHERE user_id = %s")
    assert last == purged > changed  # clients must start again: the deletion left no row
