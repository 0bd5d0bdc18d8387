"""A separate PostgreSQL server, with a database whose owner is not a superuser."""

from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from todo_api.tests.owners import OWNER
from todo_api.tests.settings import temporary_postgres


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
