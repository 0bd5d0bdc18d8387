"""gunicorn's hooks: called at its start and end, and at those of its workers."""

import gc
import os
import resource
import shutil
import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

# A client that reads nothing for so long loses its connection.
UNREAD_MILLISECONDS = 30_000


def on_starting(server: Any) -> None:
    """Makes or empties the folder of the counters, and allows as many connections as the system
    does.
    """
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        memory = "/dev/shm"  # noqa: S108  (counting waits for no disk, and the new folder is private)
        place = memory if os.access(memory, os.W_OK) else None
        server.counters = tempfile.mkdtemp(prefix="todo-api-counters-", dir=place)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = server.counters
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    for counted in folder.glob("*.db"):
        counted.unlink()
    with suppress(ValueError, OSError):
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def when_ready(server: Any) -> None:
    """Has the kernel end connections whose clients do not read. Accepted ones inherit it. Only
    Linux can.
    """
    if option := getattr(socket, "TCP_USER_TIMEOUT", None):
        for listener in server.LISTENERS:
            with suppress(OSError):  # a Unix socket
                listener.setsockopt(socket.IPPROTO_TCP, option, UNREAD_MILLISECONDS)


def post_fork(server: Any, worker: Any) -> None:
    gc.disable()


def post_worker_init(worker: Any) -> None:
    """Excludes loaded modules from garbage collection: to search them would take a sixth of the
    start, and delay a request now and then.
    """
    gc.freeze()
    gc.enable()
    if loop := getattr(worker, "loop", None):
        loop.call_later(0.1, lengthen_queue, worker)  # it listens by then


def lengthen_queue(worker: Any) -> None:
    """Applies gunicorn's `backlog`, which asyncio replaces by 100: in a larger burst, clients would
    wait a second to connect.
    """
    for listener in worker.sockets:
        listener.listen(worker.cfg.backlog)


def child_exit(server: Any, worker: Any) -> None:
    """Removes the gauges of a worker that has ended, however it did. Its counters stay."""
    from prometheus_client import multiprocess  # reads the folder's name when it is imported

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    if folder := getattr(server, "counters", ""):
        shutil.rmtree(folder, ignore_errors=True)
