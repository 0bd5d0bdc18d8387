"""Migrations run by an owner that is not a superuser, forward and back."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.core.management import call_command

from conftest import ROOT, service_environment
from todo_api.tests.settings import temporary_postgres

Manage = Callable[..., str]
OWNER = "CREATE ROLE owner LOGIN CREATEROLE PASSWORD 'only-for-this-run'"


@pytest.mark.django_db
def test_the_models_need_no_further_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of a separate server, because all databases of a server share its roles.

    Its files cannot be in pytest's temporary folder, which PostgreSQL's own user cannot read.
    """
    postgres = temporary_postgres()
    yield postgres.get_uri()
    postgres.cleanup()


@pytest.fixture
def owned(server: str) -> Iterator[tuple[str, str]]:
    """The URLs of an empty database, for a superuser and for its owner."""
    with psycopg.connect(server, autocommit=True) as superuser:
        superuser.execute(OWNER)
        superuser.execute("CREATE DATABASE owned OWNER owner")
        at = urlsplit(server)._replace(path="/owned")
        owners = at._replace(netloc=f"owner:only-for-this-run@{at.netloc.rpartition('@')[2]}")
        yield urlunsplit(at), urlunsplit(owners)
        superuser.execute("DROP DATABASE owned WITH (FORCE)")
        superuser.execute("DROP ROLE IF EXISTS todo_user")
        superuser.execute("DROP ROLE owner")


def manage(address: str, *arguments: str) -> str:
    """Returns the output of a management command on this database. Fails if the command does."""
    environment = service_environment(DATABASE_URL=address)
    result = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    return result.stdout


def query(address: str, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(address) as connection:
        return connection.execute(sql.encode()).fetchall()


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

    manage(owner, "migrate", "tasks", "0001", "--verbosity=0")
    manage(owner, "migrate", "accounts", "0001", "--verbosity=0")
    left = [query(superuser, sql) for sql in (ROLES, GUARDED, POLICIES, GRANTS)]
    assert left == [[], [], [], []]

    manage(owner, "migrate", "--verbosity=0")
    guarded = ["accounts_user", "tasks_idempotencyrecord", "tasks_task"]
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

    manage(owner, "migrate", "tasks", "0001", "--verbosity=0")
    manage(owner, "migrate", "accounts", "0001", "--verbosity=0")
    left = [query(superuser, sql) for sql in (ROLES, GUARDED, POLICIES, GRANTS)]
    assert left == [[("todo_user",)], [], [], []]
