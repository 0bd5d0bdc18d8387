"""Durability: acknowledged writes survive killed workers and terminated connections."""

import http.client
import json
import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conftest import ALICE, Serve, token_for
from todo_api.tests.faults.postgres import Postgres
from todo_api.tests.faults.service import Service

CREATES, CONCURRENCY = 2_000, 50
LOST = 0  # in place of a status: the connection was closed without a response


class Client(threading.local):
    """A client with one keep-alive connection for each thread. Failed requests are not retried."""

    def __init__(self, address: str, token: str, stack: ExitStack) -> None:
        self.headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
        }
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
        stack.callback(self.connection.close)

    def create(self, title: str) -> int:
        try:
            self.connection.request(
                "POST", "/api/tasks", json.dumps({"title": title}), self.headers
            )
            response = self.connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            return LOST
        return response.status


def workers(log: Path) -> list[int]:
    return [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", log.read_text())]


@contextmanager
def every(seconds: float, call: Callable[[], object]) -> Iterator[None]:
    """Calls the function repeatedly while the block runs."""
    stop = threading.Event()

    def run() -> None:
        call()
        while not stop.wait(seconds):
            call()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_an_acknowledged_task_survives_a_killed_worker(
    serve: Serve, postgres: Postgres, tmp_path: Path
) -> None:
    service = Service(serve("--workers", "2", DATABASE_URL=postgres.server.get_uri()))

    acknowledged = service.create("Kept")
    for pid in workers(tmp_path / "gunicorn.log"):
        os.kill(pid, signal.SIGKILL)

    assert acknowledged.status == 201
    assert postgres.titles() == ["Kept"]


class Replica:
    """The titles that a client of sync knows, which follows the checkpoints through all faults."""

    def __init__(self, service: Service) -> None:
        self.service, self.checkpoint = service, ""
        self.titles: list[str] = []

    def poll(self) -> bool:
        """Returns whether there was a page, and it is the last one."""
        # A killed worker sends no response, or a part of one.
        with suppress(OSError, ValueError, IndexError):
            page = self.service.send_request("GET", f"/api/sync?limit=100&since={self.checkpoint}")
            if page.status == 200:
                self.checkpoint = page.json["checkpoint"]
                self.titles += [task["title"] for task in page.json["tasks"]]
                return not page.json["more"]
        return False


@pytest.mark.slow
def test_acknowledged_tasks_are_neither_lost_nor_duplicated_while_processes_are_killed(
    serve: Serve, postgres: Postgres, tmp_path: Path
) -> None:
    address = serve("--workers", "2", DATABASE_URL=postgres.server.get_uri())
    killed: set[int] = set()
    terminated: list[int] = []
    # With one token: the requests of two, 4 at a time each, are too many for one user (429).
    token = token_for(ALICE)
    replica = Replica(Service(address, token))

    def kill_a_worker() -> None:
        oldest = next(pid for pid in workers(tmp_path / "gunicorn.log") if pid not in killed)
        killed.add(oldest)
        with suppress(ProcessLookupError):
            os.kill(oldest, signal.SIGKILL)

    def create(client: Client, number: int) -> tuple[str, int]:
        status = client.create(title := f"Task {number}")
        if status == LOST:
            time.sleep(0.05)  # back off: the connection may have been refused
        return title, status

    with (
        ExitStack() as stack,
        every(1.5, kill_a_worker),
        every(0.3, lambda: terminated.append(postgres.terminate_back_ends())),
        every(0.1, replica.poll),
        ThreadPoolExecutor(CONCURRENCY) as pool,
    ):
        client = Client(address, token, stack)
        outcomes = list(pool.map(partial(create, client), range(CREATES)))

    statuses = Counter(status for _, status in outcomes)
    written = Counter(postgres.titles())
    assert set(statuses) <= {201, 503, LOST}, statuses
    assert {title for title, status in outcomes if status == 201} <= set(written)
    assert set(written.values()) == {1}
    while not replica.poll():
        pass
    assert Counter(replica.titles) == written
    # Workers and connections were killed, and requests succeeded.
    assert killed
    assert sum(terminated) > 0
    assert statuses[201] > CREATES / 20, statuses  # even on a slow machine
