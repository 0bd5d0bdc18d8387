"""The two backends that are compared. Each has its own database with the same users and tasks."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Self

import jwt
import psutil

from bench.postgres import Postgres
from todo_api.tests.pooled.servers import HOST, free_port

ROOT = Path(__file__).resolve().parent.parent
SECRET = "only-for-this-benchmark-0123456789abcdef"
LIST, TASK = "/api/tasks", "/api/tasks/{id}"
START_SECONDS = 30


@dataclass
class Operation:
    """A request with placeholders: `{id}` of a task of the user, `{n}` for a new number, `{next}`
    for the address of the list's second page.
    """

    method: str
    path: str
    body: str = ""


OPERATIONS = {
    "list": Operation("GET", LIST),
    "filtered list": Operation("GET", f"{LIST}?status=pending&sort=created_at&limit=20"),
    "searched list": Operation("GET", f"{LIST}?search=9&limit=20"),
    "second page": Operation("GET", f"{LIST}?limit=20&offset=20"),
    "get": Operation("GET", TASK),
    "create": Operation("POST", LIST, '{"title": "New {n}", "description": "Made by the bench"}'),
    "update": Operation("PATCH", TASK, '{"title": "Changed {n}", "completed": true}'),
    "complete": Operation("PATCH", TASK, '{"completed": true}'),
    "delete": Operation("DELETE", TASK),
}

# The service's requests that differ: `sort=created_at` is ascending, and pages have cursors.
SERVICE_OPERATIONS = {
    "filtered list": Operation("GET", f"{LIST}?status=pending&sort=-created_at&limit=20"),
    "second page": Operation("GET", "{next}"),
    "complete": Operation("PATCH", f"{TASK}/complete", "{}"),
}
LISTS = ("list", "filtered list", "searched list", "second page")


@dataclass
class Backend:
    """A backend to start and to send requests to. Call `prepare` before `running`.

    `users` is a file with a line for each user: a token, the ids of the tasks, and the address of
    the list's second page once `find_second_pages` has run.
    """

    name: str
    command: str
    environment: dict[str, str]
    make_tables: Callable[[Postgres, str], None]
    tasks: str  # the name of its table
    postgres: Postgres
    folder: Path
    operations: dict[str, Operation] = field(default_factory=lambda: OPERATIONS)
    port: int = 0
    deleted: int = 0  # ids
    second_page: str = ""  # of the first user

    @property
    def users(self) -> Path:
        return self.folder / f"{self.name}.users"

    def prepare(self) -> None:
        """Makes a fresh database, and the file `users`."""
        self.postgres.create(self.name)
        self.make_tables(self.postgres, self.postgres.address(self.name))
        with self.postgres.superuser(self.name) as connection:
            connection.execute("VACUUM ANALYZE")
            ids = f"SELECT user_id, array_agg(id::text) FROM {self.tasks} GROUP BY 1 ORDER BY 1"
            rows = connection.execute(ids.encode()).fetchall()
        lines = [f"{token(user)}\t{','.join(ids)}\n" for user, ids in rows]
        self.users.write_text("".join(lines))
        self.token, first = lines[0].rstrip().split("\t")
        self.ids, self.deleted = first.split(","), 0
        self.second_page = ""

    def running(self, database_port: int = 0) -> Self:
        """Starts the backend for a `with` block. Sets `seconds`, the time to the first response."""
        self.port = free_port()
        address = self.postgres.address(self.name, port=database_port)
        environment = {
            name: text.format(address=address) for name, text in self.environment.items()
        }
        log = (self.folder / f"{self.name}.log").open("ab")
        started = time.perf_counter()
        self.process = subprocess.Popen(
            self.command.format(port=self.port).split(), cwd=ROOT, stdout=log, stderr=log,
            env={"PATH": os.environ["PATH"], **environment}, start_new_session=True,
        )  # fmt: skip
        while not self.is_up():
            if self.process.poll() is not None or time.perf_counter() > started + START_SECONDS:
                output = Path(log.name).read_text()[-2000:]
                raise SystemExit(f"{self.name} does not start: {output}")
            time.sleep(0.005)
        self.seconds = time.perf_counter() - started
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.terminate()
        self.process.wait(30)

    def is_up(self) -> bool:
        try:
            return bool(self.send("list")[0] == 200)
        except (OSError, HTTPException):
            return False

    def send(self, name: str, task: str = "", connection: HTTPConnection | None = None) -> Any:
        """Sends a request of the first user. Returns the status and the JSON body or None."""
        operation, client = self.operations[name], connection or HTTPConnection(HOST, self.port, 20)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        body = operation.body.replace("{n}", "1") or None
        path = operation.path.replace("{id}", task)
        if "{next}" in path:
            self.second_page = self.second_page or self.find_second_page(self.token, client)
            path = self.second_page
        client.request(operation.method, path, body, headers)
        response = client.getresponse()
        text = response.read()
        if connection is None:
            client.close()
        return response.status, json.loads(text) if text else None

    def find_second_pages(self) -> None:
        """Adds the second page of each user to the file `users`, if an operation needs it."""
        if not any("{next}" in operation.path for operation in self.operations.values()):
            return
        lines = [line.split("\t")[:2] for line in self.users.read_text().splitlines()]
        connection = HTTPConnection(HOST, self.port, 20)
        found = [(token, ids, self.find_second_page(token, connection)) for token, ids in lines]
        self.users.write_text("".join("\t".join(line) + "\n" for line in found))
        self.next = found[0][2]

    def find_second_page(self, token: str, connection: HTTPConnection) -> str:
        """Returns the target of the second page, from the `Link` header of the first."""
        headers = {"Authorization": f"Bearer {token}"}
        connection.request("GET", f"{LIST}?limit=20", headers=headers)
        response = connection.getresponse()
        response.read()
        address = str(response.headers["Link"]).partition(">")[0]
        return address[address.index(LIST) :]

    def processes(self) -> list[psutil.Process]:
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]


def token(user: str) -> str:
    now = int(time.time())
    email = f"{user.replace('-', '')}@todo.test"
    return jwt.encode({"sub": user, "email": email, "iat": now, "exp": now + 86_400}, SECRET)


def peer_backend(postgres: Postgres, folder: Path) -> Backend:
    """Returns the peer: FastAPI, SQLModel, asyncpg and uvicorn."""

    def make_tables(postgres: Postgres, address: str) -> None:
        execute(postgres, "peer", ROOT / "bench/peer/schema.sql")

    python = python_with("peer", ROOT / "bench/peer/requirements.txt")
    return Backend(
        "peer", f"{python} -m uvicorn bench.peer.main:app --host {HOST} --port {{port}}"
        " --workers 2 --no-access-log",
        {"DATABASE_URL": "{address}", "JWT_SECRET": SECRET}, make_tables, "tasks", postgres, folder,
    )  # fmt: skip


def service_backend(postgres: Postgres, folder: Path) -> Backend:
    """Returns the service with its default settings and two workers."""
    environment = {
        "DATABASE_URL": "{address}", "BETTER_AUTH_SECRET": SECRET, "SECRET_KEY": SECRET,
        "CORS_ORIGINS": "http://localhost:3000", "PYTHON_DOTENV_DISABLED": "1",
    }  # fmt: skip

    python = python_with("service", ROOT / "requirements.txt")

    def make_tables(postgres: Postgres, address: str) -> None:
        subprocess.run(
            [python, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, check=True,
            env={**environment, "DATABASE_URL": address, "PATH": os.environ["PATH"]},
        )  # fmt: skip
        execute(postgres, "service", ROOT / "bench/seed.sql")

    return Backend(
        "service", f"{python} -m gunicorn todo_api.asgi --bind {HOST}:{{port}}",
        environment, make_tables, "tasks_task", postgres, folder,
        {**OPERATIONS, **SERVICE_OPERATIONS},
    )  # fmt: skip


def execute(postgres: Postgres, database: str, file: Path) -> None:
    """Runs a file of SQL as the superuser, who bypasses row-level security."""
    with postgres.superuser(database) as connection:
        connection.execute(file.read_bytes())
        if database == "peer":
            connection.execute(b"GRANT ALL ON ALL TABLES IN SCHEMA public TO todo_owner")


def python_with(name: str, requirements: Path) -> Path:
    """Returns the Python of a virtual environment with these requirements and no other packages.
    Creates it when it is missing or out of date.
    """
    folder = ROOT / f".data/bench-{name}"
    python, ready = folder / "bin/python", folder / "requirements.txt"
    if not ready.exists() or ready.read_bytes() != requirements.read_bytes():
        print(f"Installing the {name}'s packages", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]
        subprocess.run([python, *install, requirements], check=True)
        ready.write_bytes(requirements.read_bytes())
    return python
