"""Measures a worker's memory while users, addresses, paths and keys keep changing.

    python -m bench.memory [seconds]

One gunicorn gets 200 requests a second: lists, creates and errors, each time from a new user and
address. Prints each worker's proportional share of memory (PSS) over time. gunicorn inherits the
environment, such as MALLOC_ARENA_MAX.
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

CLIENTS, INTERVAL_SECONDS = 16, 0.08
REQUESTS_PER_CONNECTION = 50
PRINT_SECONDS = 15

Request = tuple[str, str, str | None, dict[str, str]]


def requests(number: int) -> list[Request]:
    """Returns a request of each kind, with a new user and address for each number."""
    now = int(time.time())
    payload = {"sub": f"user-{number}", "iat": now, "exp": now + 3600}
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    headers = {"X-Forwarded-For": address, "Content-Type": "application/json"}
    signed_in = headers | {"Authorization": f"Bearer {jwt.encode(payload, SECRET, 'HS256')}"}
    task = json.dumps({"title": f"Task {number}", "description": "x" * (number % 2_000)})
    return [
        ("POST", "/api/tasks", task, signed_in | {"Idempotency-Key": f"key-{number}"}),
        ("GET", f"/api/tasks?limit=20&search=word-{number}", None, signed_in),
        ("GET", f"/api/tasks/{number}", None, signed_in),
        ("POST", "/api/tasks", json.dumps({"title": "", f"member-{number}": 1}), signed_in),
        ("GET", "/api/tasks", None, headers | {"Authorization": f"Bearer nonsense-{number}"}),
        ("GET", f"/nowhere/{number}", None, headers),
        (f"METHOD{number}", "/api/tasks", None, headers | {"Host": f"host-{number}"}),
    ]


class Client(threading.Thread):
    """Sends one request after the other, and ignores the responses."""

    def __init__(self, port: int, numbers: "itertools.count[int]", over: threading.Event) -> None:
        super().__init__()
        self.port, self.numbers, self.over, self.responses = port, numbers, over, 0

    def run(self) -> None:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=30)
        while not self.over.is_set():
            for method, target, body, headers in requests(next(self.numbers)):
                connection.request(method, target, body, {"Host": "localhost", **headers})
                connection.getresponse().read()
                self.responses += 1
                if self.responses % REQUESTS_PER_CONNECTION == 0:
                    connection.close()  # another worker may accept the next one
                self.over.wait(INTERVAL_SECONDS)
        connection.close()


def megabytes(instance: Instance) -> list[float]:
    """Returns the PSS of each worker."""
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
        clients = [Client(instance.port, numbers, over) for _ in range(CLIENTS)]
        sys.stdout.write("| Seconds | Requests | PSS of each worker, MB |\n|---:|---:|---|\n")
        show(0, clients, instance)
        for client in clients:
            client.start()
        for second in range(PRINT_SECONDS, seconds + 1, PRINT_SECONDS):
            time.sleep(PRINT_SECONDS)
            show(second, clients, instance)
        over.set()
        for client in clients:
            client.join()


def show(second: int, clients: list[Client], instance: Instance) -> None:
    responses = sum(client.responses for client in clients)
    sizes = ", ".join(f"{size:.0f}" for size in megabytes(instance))
    sys.stdout.write(f"| {second} | {responses:,} | {sizes} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
