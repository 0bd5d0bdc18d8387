"""Fixtures for all tests: users, their clients, tokens, and a running service."""

import os
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jwt
import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.sources import Source
from accounts.tests.key_server import KeyServer
from accounts.tokens import verifier
from tasks.models import Task
from todo_api.tests import forked
from todo_api.tests.settings import SECRET

ROOT = Path(__file__).parent
ALICE, BOB = "alice-Zk3xQ9", "bob-Wp7yR2"
# Whether the tests run behind PgBouncer, as a database owner without superuser rights
# (`make test-pooled`).
POOLED = bool(os.environ.get("DATABASE_URL_UNPOOLED"))


def token_for(sub: str, secret: str = SECRET, **claims: Any) -> str:
    """Returns a valid HS256 token of a user, signed without the code under test."""
    now = int(time.time())
    payload = {"sub": sub, "email": f"{sub}@todo.test", "iat": now, "exp": now + 900, **claims}
    return jwt.encode(payload, secret, algorithm="HS256")


# What every challenge in WWW-Authenticate ends in, of the test client.
METADATA = 'resource_metadata="http://testserver/.well-known/oauth-protected-resource/api/mcp"'


def client_of(sub: str, **claims: Any) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(sub, **claims)}")
    return client


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create(id=ALICE, email="alice@todo.test", name="Alice", password="!")


@pytest.fixture
def bob(db: None) -> User:
    """A second user: Alice and Bob must not see each other's data."""
    return User.objects.create(id=BOB, email="bob@todo.test", name="Bob", password="!")


@pytest.fixture
def as_alice(alice: User) -> APIClient:
    return client_of(alice.pk)


@pytest.fixture
def as_bob(bob: User) -> APIClient:
    return client_of(bob.pk)


@pytest.fixture
def anonymous() -> APIClient:
    return APIClient()


@pytest.fixture
def superuser(db: None) -> User:
    return User.objects.create(
        id="boss", email="boss@todo.test", password="!", is_staff=True, is_superuser=True
    )


@pytest.fixture
def operator(superuser: User) -> Client:
    """A browser signed in to the admin as a superuser."""
    client = Client()
    client.force_login(superuser)
    return client


def operator_with(*permissions: str) -> Client:
    """Returns a browser signed in to the admin with these permissions, such as "suspend_user"."""
    operator = User.objects.create(email="staff@todo.test", password="!", is_staff=True)
    operator.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(operator)
    return client


def make_task(user: User, title: str = "Water the plants", **fields: Any) -> Task:
    return Task.objects.add(user=user, title=title, **fields)


@pytest.fixture
def key_server() -> Iterator[KeyServer]:
    """A key server on loopback with key rotation, faults and a count of its requests."""
    with KeyServer() as server:
        yield server


@pytest.fixture(autouse=True)
def _fresh_verifier() -> Iterator[None]:
    """Makes a new verifier for each test, because tests change the token settings."""
    verifier.cache_clear()
    yield
    verifier.cache_clear()


@pytest.fixture
def better_auth(key_server: KeyServer, settings: Any) -> KeyServer:
    """The settings beside a Better Auth server: only asymmetric tokens are accepted."""
    settings.BETTER_AUTH_TOKENS = ["jwks"]
    settings.BETTER_AUTH_URL = settings.BETTER_AUTH_ISSUER = key_server.origin
    settings.BETTER_AUTH_AUDIENCE = key_server.origin
    settings.BETTER_AUTH_JWKS_URL = key_server.url
    return key_server


@pytest.fixture
def other_source(better_auth: KeyServer, settings: Any) -> Iterator[KeyServer]:
    """A second source of tokens beside that of `better_auth`. Both have a key with the id "first",
    but not the same key.
    """
    with KeyServer() as server:
        entry = Source(server.origin, server.url, (server.origin,), "AUTH_SOURCES[0]")
        settings.AUTH_SOURCES = [entry]
        yield server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def database_url() -> str:
    """Returns the URL of the test's database, for processes that the test starts."""
    database = connection.settings_dict
    options = {**database["OPTIONS"], **({"host": database["HOST"]} if database["HOST"] else {})}
    options |= {"port": database["PORT"]} if database["PORT"] else {}
    query = "&".join(f"{name}={value}" for name, value in options.items())
    return f"postgresql://{database['USER']}:{database['PASSWORD']}@/{database['NAME']}?{query}"


def service_environment(**variables: str) -> dict[str, str]:
    """Returns the environment of a service process on the test's database."""
    defaults = {"DJANGO_SETTINGS_MODULE": "todo_api.settings", "DATABASE_URL": database_url()}
    # Emptied, because the inherited value names another database.
    return {**os.environ, "DATABASE_URL_UNPOOLED": "", **defaults, **variables}


Serve = Callable[..., str]


@contextmanager
def servers(log: Path) -> Iterator[Serve]:
    """A function that starts the service under gunicorn on the test's database.

    It returns the URL of the service. Keyword arguments are environment variables.
    """
    processes = []

    def start(*arguments: str, application: str = "todo_api.asgi", **variables: str) -> str:
        port = free_port()
        # A short stop, because some tests leave connections open.
        quick = {"GUNICORN_CMD_ARGS": "--graceful-timeout 1"}
        environment = service_environment(PORT=str(port), **{**quick, **variables})
        command = ["-m", "gunicorn", application, *arguments]
        processes.append(forked.start(*command, environment=environment, output=log))
        address = f"http://127.0.0.1:{port}"
        wait_until_responds(f"{address}/healthz")
        return address

    try:
        yield start
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(30)
            assert process.exitcode is not None


@pytest.fixture
def serve(transactional_db: None, tmp_path: Path) -> Iterator[Serve]:
    """Starts services of the test's own. Their log is in `tmp_path / "gunicorn.log"`."""
    with servers(tmp_path / "gunicorn.log") as start:
        yield start


@pytest.fixture(scope="module")
def _server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with servers(tmp_path_factory.mktemp("server") / "gunicorn.log") as start:
        yield start("--workers", "1")


@pytest.fixture
def served(_server: str, transactional_db: None) -> str:
    """The URL of a service with one worker, which the tests of a module share.

    Its database is emptied after each test, but not its memory.
    """
    return _server


def wait_until_responds(url: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310  (a local http address)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
