"""PostgreSQL 15 behind PgBouncer, configured as at Neon: transaction pooling, TLS, and an owner
that is not a superuser.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

POSTGRES = Path("/usr/lib/postgresql/15/bin/postgres")
PGBOUNCER = Path("/usr/sbin/pgbouncer")
HOST, DATABASE, OWNER, PASSWORD = "127.0.0.1", "todo", "todo_owner", "only-for-this-test-run"
START_SECONDS = 30
# Neither server runs as root.
AS_POSTGRES: dict[str, Any] = (
    {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
)

OWNER_SQL = f"""
CREATE ROLE {OWNER} LOGIN PASSWORD '{PASSWORD}'
    NOSUPERUSER CREATEDB CREATEROLE NOBYPASSRLS NOREPLICATION
"""
# Unknown start-up parameters are refused, which is the default. Clients that connect with `address`
# require TLS. PgBouncer only allows it, because a proxy that counts messages must read them.
PGBOUNCER_INI = """
[databases]
* = host={host} port={server_port}
[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
pool_mode = transaction
default_pool_size = {pool_size}
max_client_conn = 1000
auth_type = scram-sha-256
auth_file = users.txt
stats_users = {owner}
client_tls_sslmode = allow
client_tls_cert_file = server.crt
client_tls_key_file = server.key
server_tls_sslmode = require
"""


@contextmanager
def postgres() -> Iterator[int]:
    """Runs a new PostgreSQL with the owner and an empty database. Yields its port."""
    with server_folder() as folder:
        initdb = "initdb -D data -U postgres --auth-local=trust --auth-host=scram-sha-256"
        run(folder, f"{POSTGRES.parent}/{initdb} --encoding=UTF8 --locale=C.UTF-8 --no-sync")
        port = free_port()
        command = f"{POSTGRES} -D data -h {HOST} -p {port} -k {folder} -N 300 -F"
        tls = f"--ssl=on --ssl-cert-file={folder}/server.crt --ssl-key-file={folder}/server.key"

        def prepare() -> None:
            at = f"host={folder} port={port} user=postgres dbname=postgres"
            with psycopg.connect(at, autocommit=True) as superuser:
                superuser.execute(OWNER_SQL.encode())
                superuser.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}".encode())

        # SIGINT disconnects clients; SIGTERM would wait for them.
        with running(folder, f"{command} {tls}", signal.SIGINT, prepare):
            yield port


@contextmanager
def pgbouncer(server_port: int, pool_size: int = 20) -> Iterator[int]:
    """Runs PgBouncer in transaction mode. Yields its port.

    `pool_size` is the maximum of server connections for each database.
    """
    with server_folder() as folder:
        port = free_port()
        values = {"port": port, "server_port": server_port, "pool_size": pool_size}
        ini = PGBOUNCER_INI.format(**values, host=HOST, owner=OWNER)
        (folder / "pgbouncer.ini").write_text(ini)
        (folder / "users.txt").write_text(f'"{OWNER}" "{PASSWORD}"\n')

        def is_ready() -> None:
            psycopg.connect(address(port, "pgbouncer"), autocommit=True).close()

        with running(folder, f"{PGBOUNCER} -q pgbouncer.ini", signal.SIGTERM, is_ready):
            yield port


def address(port: int, database: str = DATABASE) -> str:
    return f"postgresql://{OWNER}:{PASSWORD}@{HOST}:{port}/{database}?sslmode=require"


@contextmanager
def server_folder() -> Iterator[Path]:
    """Yields a folder with a self-signed certificate and its key, and removes it afterwards."""
    with tempfile.TemporaryDirectory(prefix="todo-api-pooled-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if AS_POSTGRES:
            shutil.chown(folder, "postgres", "postgres")
        key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout server.key"
        run(folder, f"openssl req -x509 -days 2 -subj /CN=localhost {key} -out server.crt")
        yield folder


def run(folder: Path, command: str) -> None:
    done = subprocess.run(
        command.split(), cwd=folder, capture_output=True, text=True, check=False, **AS_POSTGRES
    )
    if done.returncode:
        raise SystemExit(f"{command}\n{done.stdout}{done.stderr}")


@contextmanager
def running(
    folder: Path, command: str, stop: signal.Signals, is_ready: Callable[[], None]
) -> Iterator[None]:
    """Runs a server until the end of the block, which starts when `is_ready` raises no error.

    The server is in a session of its own, so that Ctrl-C does not stop it before this process.
    Raises SystemExit with its log if it does not start.
    """
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command.split(),
            cwd=folder,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **AS_POSTGRES,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                is_ready()
                break
            except psycopg.OperationalError as exc:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"{command}\n{log.read_text()}{exc}") from exc
                time.sleep(0.05)
        yield
    finally:
        server.send_signal(stop)
        server.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
