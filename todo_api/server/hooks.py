"""gunicorn server hooks, called when the master process or a worker starts or stops."""

import gc
import os
import resource
import shutil
import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

# A connection is closed when its client has not acknowledged sent data for this long.
UNREAD_MILLISECONDS = 30_000


def on_starting(server: Any) -> None:
    """Creates or empties the Prometheus folder, and raises the limit of open files."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        memory = "/dev/shm"  # noqa: S108  (no wait for a disk; the folder is private)
        parent = memory if os.access(memory, os.W_OK) else None
        server.metrics_folder = tempfile.mkdtemp(prefix="todo-api-counters-", dir=parent)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = server.metrics_folder
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.db"):
        file.unlink()
    with suppress(ValueError, OSError):
        maximum = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (maximum, maximum))


def when_ready(server: Any) -> None:
    """Sets TCP_USER_TIMEOUT, with which the kernel closes connections whose clients do not read.
    Accepted connections inherit it from the listener. Linux only.
    """
    if option := getattr(socket, "TCP_USER_TIMEOUT", None):
        for listener in server.LISTENERS:
            with suppress(OSError):  # a Unix socket does not have the option
                listener.setsockopt(socket.IPPROTO_TCP, option, UNREAD_MILLISECONDS)


def post_fork(server: Any, worker: Any) -> None:
    gc.disable()


def post_worker_init(worker: Any) -> None:
    """Excludes loaded modules from garbage collection: scanning them would take a sixth of the
    start time, and would delay some requests.
    """
    gc.freeze()
    gc.enable()
    if loop := getattr(worker, "loop", None):
        loop.call_later(0.1, apply_backlog, worker)  # the sockets listen by then


def apply_backlog(worker: Any) -> None:
    """Applies gunicorn's `backlog`, which asyncio replaces with 100. In a larger burst of
    connections clients would wait a second for a retry of TCP.
    """
    for listener in worker.sockets:
        listener.listen(worker.cfg.backlog)


def child_exit(server: Any, worker: Any) -> None:
    """Removes the gauges of a worker that has ended. Its counters stay."""
    from prometheus_client import multiprocess  # reads PROMETHEUS_MULTIPROC_DIR on import

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    if folder := getattr(server, "metrics_folder", ""):
        shutil.rmtree(folder, ignore_errors=True)
