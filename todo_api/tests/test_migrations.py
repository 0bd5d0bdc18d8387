"""Migrations run by an owner that is not a superuser, forward and back."""

import psycopg
import pytest
from django.core.management import call_command

from todo_api.tests.owners import manage, query


@pytest.mark.django_db
def test_the_models_need_no_further_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


ROLES = "SELECT rolname FROM pg_roles WHERE rolname = 'todo_user'"
GUARDED = "SELECT relname FROM pg_class WHERE relrowsecurity ORDER BY relname"
POLICIES = "SELECT polname FROM pg_policy"
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
