"""A database that may be broken, and the service in front of it."""

from collections.abc import Iterator

import pytest

from conftest import Serve
from todo_api.tests.faults.proxy import Proxy
from todo_api.tests.faults.servers import Postgres
from todo_api.tests.faults.service import Service


@pytest.fixture(scope="session")
def own_postgres() -> Postgres:
    return Postgres()


@pytest.fixture
def postgres(own_postgres: Postgres) -> Iterator[Postgres]:
    """A migrated, empty PostgreSQL that nobody else uses, made whole after each test."""
    yield own_postgres
    own_postgres.restore()


@pytest.fixture
def proxy(postgres: Postgres) -> Iterator[Proxy]:
    """The network between the service and that PostgreSQL."""
    with Proxy(postgres.socket_path) as proxy:
        yield proxy


@pytest.fixture
def service(serve: Serve, proxy: Proxy) -> Service:
    """One worker process, which reaches its database through the proxy."""
    return Service(serve("--workers", "1", DATABASE_URL=proxy.address))
