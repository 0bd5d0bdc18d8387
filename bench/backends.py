"""The two backends that are compared, each with a database and the same people and tasks."""

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
SECRET = "only-for-this-benchmark-0123456789abcdef"  # noqa: S105
LIST, TASK = "/api/tasks", "/api/tasks/{id}"
START_SECONDS = 30


@dataclass
class Operation:
    """A request. `{id}` stands for a task of the user, `{n}` for a new number, `{next}` for the
    second page of the list.
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

# The same where the addresses differ: `sort=created_at` ascends, and pages have cursors.
OURS = {
    "filtered list": Operation("GET", f"{LIST}?status=pending&sort=-created_at&limit=20"),
    "second page": Operation("GET", "{next}"),
    "complete": Operation("PATCH", f"{TASK}/complete", "{}"),
}
LISTS = ("list", "filtered list", "searched list", "second page")


@dataclass
class Backend:
    """Give `prepare` before `running`. `people` is a file with a line for each user: a token, the
    ids of the tasks, and the second page of the list where `follow` has found it.
    """

    name: str
    command: str
    environment: dict[str, str]
    make: Callable[[Postgres, str], None]
    tasks: str  # its table
    postgres: Postgres
    folder: Path
    operations: dict[str, Operation] = field(default_factory=lambda: OPERATIONS)
    port: int = 0
    used: int = 0  # ids that a deletion has taken
    next: str = ""  # the second page of the first user

    @property
    def people(self) -> Path:
        return self.folder / f"{self.name}.people"

    def prepare(self) -> None:
        """A fresh database."""
        self.postgres.create(self.name)
        self.make(self.postgres, self.postgres.address(self.name))
        with self.postgres.superuser(self.name) as connection:
            connection.execute("VACUUM ANALYZE")
            ids = f"SELECT user_id, array_agg(id::text) FROM {self.tasks} GROUP BY 1 ORDER BY 1"  # noqa: S608
            rows = connection.execute(ids.encode()).fetchall()
        lines = [f"{token(user)}\t{','.join(ids)}\n" for user, ids in rows]
        self.people.write_text("".join(lines))
        self.token, first = lines[0].rstrip().split("\t")
        self.ids, self.used = first.split(","), 0
        self.next = ""

    def running(self, database_port: int = 0) -> Self:
        """A context, from the first answer on. `seconds` is how long that took."""
        self.port = free_port()
        address = self.postgres.address(self.name, port=database_port)
        environment = {
            name: text.format(address=address) for name, text in self.environment.items()
        }
        log = (self.folder / f"{self.name}.log").open("ab")
        started = time.perf_counter()
        self.process = subprocess.Popen(  # noqa: S603
            self.command.format(port=self.port).split(), cwd=ROOT, stdout=log, stderr=log,
            env={"PATH": os.environ["PATH"], **environment}, start_new_session=True,
        )  # fmt: skip
        while not self.answers():
            if self.process.poll() is not None or time.perf_counter() > started + START_SECONDS:
                said = Path(log.name).read_text()[-2000:]
                raise SystemExit(f"{self.name} does not start: {said}")
            time.sleep(0.005)
        self.seconds = time.perf_counter() - started
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.terminate()
        self.process.wait(30)

    def answers(self) -> bool:
        try:
            return bool(self.ask("list")[0] == 200)
        except (OSError, HTTPException):
            return False

    def ask(self, name: str, task: str = "", connection: HTTPConnection | None = None) -> Any:
        """One request of the first person: the status and the body, as JSON where there is one."""
        operation, caller = self.operations[name], connection or HTTPConnection(HOST, self.port, 20)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        body = operation.body.replace("{n}", "1") or None
        path = operation.path.replace("{id}", task)
        if "{next}" in path:
            self.next = self.next or self.page_after(self.token, caller)
            path = self.next
        caller.request(operation.method, path, body, headers)
        response = caller.getresponse()
        text = response.read()
        if connection is None:
            caller.close()
        return response.status, json.loads(text) if text else None

    def follow(self) -> None:
        """Asks for the second page of each user, where an operation needs it."""
        if not any("{next}" in operation.path for operation in self.operations.values()):
            return
        lines = [line.split("\t")[:2] for line in self.people.read_text().splitlines()]
        connection = HTTPConnection(HOST, self.port, 20)
        found = [(token, ids, self.page_after(token, connection)) for token, ids in lines]
        self.people.write_text("".join("\t".join(line) + "\n" for line in found))
        self.next = found[0][2]

    def page_after(self, token: str, connection: HTTPConnection) -> str:
        """The target of the second page, as `Link` names it."""
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


def the_peer(postgres: Postgres, folder: Path) -> Backend:
    """FastAPI, SQLModel, asyncpg and uvicorn: what people would deploy otherwise."""

    def make(postgres: Postgres, address: str) -> None:
        execute(postgres, "peer", ROOT / "bench/peer/schema.sql")

    python = python_with("peer", ROOT / "bench/peer/requirements.txt")
    return Backend(
        "peer", f"{python} -m uvicorn bench.peer.main:app --host {HOST} --port {{port}}"
        " --workers 2 --no-access-log",
        {"DATABASE_URL": "{address}", "JWT_SECRET": SECRET}, make, "tasks", postgres, folder,
    )  # fmt: skip


def the_service(postgres: Postgres, folder: Path) -> Backend:
    """Ours, with the settings that it has when nobody sets any, and two workers."""
    environment = {
        "DATABASE_URL": "{address}", "BETTER_AUTH_SECRET": SECRET, "SECRET_KEY": SECRET,
        "CORS_ORIGINS": "http://localhost:3000", "PYTHON_DOTENV_DISABLED": "1",
    }  # fmt: skip

    python = python_with("service", ROOT / "requirements.txt")

    def make(postgres: Postgres, address: str) -> None:
        subprocess.run(  # noqa: S603
            [python, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, check=True,
            env={**environment, "DATABASE_URL": address, "PATH": os.environ["PATH"]},
        )  # fmt: skip
        execute(postgres, "service", ROOT / "bench/seed.sql")

    return Backend(
        "service", f"{python} -m gunicorn todo_api.asgi --bind {HOST}:{{port}}",
        environment, make, "tasks_task", postgres, folder,
        {**OPERATIONS, **OURS},
    )  # fmt: skip


def execute(postgres: Postgres, database: str, file: Path) -> None:
    """As the superuser: tasks are seeded past row-level security."""
    with postgres.superuser(database) as connection:
        connection.execute(file.read_bytes())
        if database == "peer":
            connection.execute(b"GRANT ALL ON ALL TABLES IN SCHEMA public TO todo_owner")


def python_with(name: str, requirements: Path) -> Path:
    """One with the packages that are deployed and no others, installed when they are not there."""
    folder = ROOT / f".data/bench-{name}"
    python, ready = folder / "bin/python", folder / "requirements.txt"
    if not ready.exists() or ready.read_bytes() != requirements.read_bytes():
        print(f"Installing the {name}'s packages", flush=True)  # noqa: T201
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)  # noqa: S603
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]
        subprocess.run([python, *install, requirements], check=True)  # noqa: S603
        ready.write_bytes(requirements.read_bytes())
    return python
