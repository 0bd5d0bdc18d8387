"""What a worker's memory does while people, addresses, paths and keys keep changing.

    python -m bench.memory [seconds]

One gunicorn, 200 requests a second: lists, creates, and what fails. Nobody comes twice. Prints each
worker's proportional share of memory (PSS) over time. Variables such as MALLOC_ARENA_MAX reach it.
"""

import http.client
import itertools
import json
import sys
import tempfile
import threading
import time
from pathlib import Path

import jwt

from bench.behind_nginx import SECRET, Instance, running
from bench.postgres import postgres
from todo_api.tests.pooled.servers import HOST

CALLERS, SECONDS_BETWEEN = 16, 0.08
REQUESTS_A_CONNECTION = 50
EVERY = 15  # seconds

Request = tuple[str, str, str | None, dict[str, str]]


def requests(number: int) -> list[Request]:
    """One of each kind, of a person and an address that nobody has seen before."""
    now = int(time.time())
    payload = {"sub": f"person-{number}", "iat": now, "exp": now + 3600}
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    stranger = {"X-Forwarded-For": address, "Content-Type": "application/json"}
    user = stranger | {"Authorization": f"Bearer {jwt.encode(payload, SECRET, 'HS256')}"}
    task = json.dumps({"title": f"Task {number}", "description": "x" * (number % 2_000)})
    return [
        ("POST", "/api/tasks", task, user | {"Idempotency-Key": f"key-{number}"}),
        ("GET", f"/api/tasks?limit=20&search=word-{number}", None, user),
        ("GET", f"/api/tasks/{number}", None, user),
        ("POST", "/api/tasks", json.dumps({"title": "", f"member-{number}": 1}), user),
        ("GET", "/api/tasks", None, stranger | {"Authorization": f"Bearer nonsense-{number}"}),
        ("GET", f"/nowhere/{number}", None, stranger),
        (f"METHOD{number}", "/api/tasks", None, stranger | {"Host": f"host-{number}"}),
    ]


class Caller(threading.Thread):
    """Sends one request after the other. What is answered does not matter here."""

    def __init__(self, port: int, numbers: "itertools.count[int]", over: threading.Event) -> None:
        super().__init__()
        self.port, self.numbers, self.over, self.answers = port, numbers, over, 0

    def run(self) -> None:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=30)
        while not self.over.is_set():
            for method, target, body, headers in requests(next(self.numbers)):
                connection.request(method, target, body, {"Host": "localhost", **headers})
                connection.getresponse().read()
                self.answers += 1
                if self.answers % REQUESTS_A_CONNECTION == 0:
                    connection.close()  # the next one may be another worker's
                self.over.wait(SECONDS_BETWEEN)
        connection.close()


def megabytes(instance: Instance) -> list[float]:
    """The PSS of each worker."""
    pid = instance.process.pid
    workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    rollups = [Path(f"/proc/{worker}/smaps_rollup").read_text() for worker in workers]
    return [int(rollup.partition("\nPss:")[2].split()[0]) / 1024 for rollup in rollups]


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 120
    with (
        tempfile.TemporaryDirectory(prefix="todo-api-bench-") as folder,
        postgres() as server,
        running(server, Path(folder), 1) as (instance,),
    ):
        over, numbers = threading.Event(), itertools.count(1)
        callers = [Caller(instance.port, numbers, over) for _ in range(CALLERS)]
        sys.stdout.write("| Seconds | Requests | PSS of each worker, MB |\n|---:|---:|---|\n")
        show(0, callers, instance)
        for caller in callers:
            caller.start()
        for second in range(EVERY, seconds + 1, EVERY):
            time.sleep(EVERY)
            show(second, callers, instance)
        over.set()
        for caller in callers:
            caller.join()


def show(second: int, callers: list[Caller], instance: Instance) -> None:
    responses = sum(caller.answers for caller in callers)
    sizes = ", ".join(f"{size:.0f}" for size in megabytes(instance))
    sys.stdout.write(f"| {second} | {responses:,} | {sizes} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
