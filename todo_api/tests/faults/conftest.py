"""A database that tests can break, and a service that uses it."""

from collections.abc import Iterator

import pytest

from conftest import Serve
from todo_api.tests.faults.postgres import Postgres
from todo_api.tests.faults.proxy import Proxy
from todo_api.tests.faults.service import Service


@pytest.fixture(scope="session")
def own_postgres() -> Postgres:
    return Postgres()


@pytest.fixture
def postgres(own_postgres: Postgres) -> Iterator[Postgres]:
    """A migrated, empty PostgreSQL for these tests only, restored after each of them."""
    yield own_postgres
    own_postgres.restore()


@pytest.fixture
def proxy(postgres: Postgres) -> Iterator[Proxy]:
    """A proxy between the service and that PostgreSQL."""
    with Proxy(postgres.socket_path) as proxy:
        yield proxy


@pytest.fixture
def service(serve: Serve, proxy: Proxy) -> Service:
    """The service with one worker, which connects to its database through the proxy."""
    return Service(serve("--workers", "1", DATABASE_URL=proxy.address))
