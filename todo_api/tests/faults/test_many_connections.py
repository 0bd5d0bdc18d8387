"""Thousands of idle connections to one worker."""

import resource
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from conftest import Serve
from todo_api.tests.faults.clients import assert_quick, connect, repeatedly, statuses, worker_of
from todo_api.tests.faults.service import Service

CONNECTIONS, FILES = 5_000, 11_000
SENT = [
    b"",
    b"POST /api/tasks HTTP/1.1\r\nHost: localhost\r\nAuthoriz",
    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
]


@pytest.fixture
def _many_files() -> Iterator[None]:
    """Raises the limit of open files of this process to the hard limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < FILES:
        pytest.skip(f"the system allows {hard} open files, this takes {FILES}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_burst_of_500_connections_fits_the_backlog(serve: Serve, tmp_path: Path) -> None:
    service = Service(serve("--workers", "1"))
    worker = worker_of(tmp_path / "gunicorn.log")
    queued = 0

    time.sleep(0.5)  # the backlog is raised after the worker starts to listen
    worker.suspend()  # it accepts none
    with ExitStack() as stack:
        stack.callback(worker.resume)
        # If the backlog is full, the kernel drops the SYN, and the client repeats it after 1 s.
        with suppress(TimeoutError):
            while queued < 500:
                stack.enter_context(connect(service.address, seconds=0.9))
                queued += 1

    assert queued == 500
    assert service.list().status == 200


@pytest.mark.slow
@pytest.mark.usefixtures("_many_files")
def test_5000_idle_connections_neither_delay_requests_nor_need_much_memory(
    serve: Serve, tmp_path: Path
) -> None:
    service, log = Service(serve("--workers", "1")), tmp_path / "gunicorn.log"
    worker = worker_of(log)
    for _ in range(20):
        service.create()
    before = worker.memory_info().rss

    with ExitStack() as stack:
        with (
            repeatedly(lambda: service.send_request("GET", "/healthz")) as healthz,
            repeatedly(service.create) as created,
        ):
            idle = []
            for number in range(CONNECTIONS):
                idle.append(stack.enter_context(connect(service.address)))
                idle[-1].sendall(SENT[number % 3])
                time.sleep(0.001)
            received = [statuses(sock.recv(65_536)) for sock in idle[2::3]]
            time.sleep(2)
        grown = worker.memory_info().rss - before
        open_connections = worker.num_fds()

    assert_quick(healthz, 200, 2)
    assert_quick(created, 201, 2)
    assert received == [[200]] * len(idle[2::3])
    assert open_connections > CONNECTIONS
    assert grown < 100 * 1024 * 1024
    assert worker_of(log) == worker  # it is still the only one
