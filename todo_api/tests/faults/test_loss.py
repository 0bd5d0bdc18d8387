"""Whatever was acknowledged is there afterwards, whoever was killed meanwhile."""

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
from todo_api.tests.faults.servers import Postgres
from todo_api.tests.faults.service import Service

CREATES, AT_ONCE = 2_000, 50
LOST = 0  # instead of a status: the connection ended before an answer came


class Client(threading.local):
    """One kept-alive connection a thread. A request whose connection fails is not repeated."""

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
def every(seconds: float, act: Callable[[], None]) -> Iterator[None]:
    """Acts again and again while the block runs."""
    over = threading.Event()

    def run() -> None:
        act()
        while not over.wait(seconds):
            act()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_an_acknowledged_task_survives_the_worker_that_made_it(
    serve: Serve, postgres: Postgres, tmp_path: Path
) -> None:
    service = Service(serve("--workers", "2", DATABASE_URL=postgres.server.get_uri()))

    acknowledged = service.create("Kept")
    for pid in workers(tmp_path / "gunicorn.log"):
        os.kill(pid, signal.SIGKILL)

    assert acknowledged.status == 201
    assert postgres.titles() == ["Kept"]


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_or_doubled_while_workers_and_connections_are_killed(
    serve: Serve, postgres: Postgres, tmp_path: Path
) -> None:
    address = serve("--workers", "2", DATABASE_URL=postgres.server.get_uri())
    killed: set[int] = set()
    ended: list[int] = []

    def kill_a_worker() -> None:
        oldest = next(pid for pid in workers(tmp_path / "gunicorn.log") if pid not in killed)
        killed.add(oldest)
        with suppress(ProcessLookupError):
            os.kill(oldest, signal.SIGKILL)

    def create(client: Client, number: int) -> tuple[str, int]:
        status = client.create(title := f"Task {number}")
        if status == LOST:
            time.sleep(0.05)  # a client whose connection was refused takes a breath
        return title, status

    with (
        ExitStack() as stack,
        every(1.5, kill_a_worker),
        every(0.3, lambda: ended.append(postgres.terminate_back_ends())),
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        client = Client(address, token_for(ALICE), stack)
        outcomes = list(pool.map(partial(create, client), range(CREATES)))

    statuses = Counter(status for _, status in outcomes)
    written = Counter(postgres.titles())
    assert set(statuses) <= {201, 503, LOST}, statuses
    assert {title for title, status in outcomes if status == 201} <= set(written)
    assert set(written.values()) == {1}
    # The storm was one, and work was done in it.
    assert killed
    assert sum(ended) > 0
    assert statuses[201] > CREATES / 20, statuses  # however busy the machine is
