"""Management commands and queries on the database of another owner."""

import subprocess

import psycopg

from conftest import service_environment
from todo_api.tests import forked

OWNER = "CREATE ROLE owner LOGIN CREATEROLE PASSWORD 'only-for-this-run'"


def run(address: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a management command on this database."""
    return forked.manage(
        *arguments, environment=service_environment(DATABASE_URL=address, **variables)
    )


def manage(address: str, *arguments: str, **variables: str) -> str:
    """Returns the output of a management command on this database. Fails if the command does."""
    result = run(address, *arguments, **variables)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    return result.stdout


def query(address: str, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(address) as connection:
        return connection.execute(sql.encode()).fetchall()
