"""How gunicorn serves `todo_api.wsgi`. Command-line flags win over this file."""

import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

# At a reload gunicorn reads this file again, and what it imports must be the new code, too: workers
# get it from here, and the rest from the disk.
for loaded in [name for name in sys.modules if name.partition(".")[0] == "todo_api"]:
    del sys.modules[loaded]

from todo_api import logs  # noqa: E402
from todo_api.env import Environment  # noqa: E402
from todo_api.worker import WholeRequestWorker  # noqa: E402

bind = f"0.0.0.0:{os.environ.get('PORT') or 8000}"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
# gthread, whose threads wait for no slow caller; a quarter as many more read what is waited for.
worker_class = WholeRequestWorker
# A thread keeps a database connection of its own: workers x threads, and a quarter more, must fit
# the server's max_connections. While the database is silent, as many requests wait for it, 10 s
# each. Fewer cannot fill the interpreter while the database is far away, more bring nothing
# (bench/README.md).
threads = 8
# Callers at once, a worker. Whoever is silent or slow takes up one of these and nothing else.
worker_connections = 1000
# Each worker listens for itself and the kernel spreads the callers. With one socket for all, a
# worker sometimes takes every kept-alive connection while the others idle.
reuse_port = True
# A worker whose event loop hangs is replaced after it. Requests have their own, shorter, deadline.
timeout = 30
graceful_timeout = 20
# Above the 60 s idle time of common load balancers, so that they close first.
keepalive = 75
# So long may a new worker take until it listens, which is before it loads.
LISTENING_SECONDS = 2
# Which proxy may speak for a caller is Django's to decide (TRUSTED_PROXY_COUNT).
forwarded_allow_ips = ""
# Signals are enough; its socket is one for all services of a user, in their home folder.
control_socket_disable = True
# As long as a search of some hundred words in any script needs.
limit_request_line = 8_190
# Larger headers than a token of 8 kB needs are refused.
limit_request_field_size = 16_384


class Lines(Logger):  # type: ignore[misc]
    """One line for each request is the service's to write; gunicorn would collect the parts of its
    own even where nobody listens.
    """

    access_log_enabled = False


logger_class = Lines
# The service's own lines and form.
logconfig_dict = logs.configuration(debug=Environment(os.environ).flag("DEBUG", default=False))


def on_starting(server: Any) -> None:
    """Makes an empty folder for this gunicorn's counters, before there are workers. A reload keeps
    it. And from now on workers end as `end` says.
    """
    named = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if named:
        folder = Path(named)
        folder.mkdir(parents=True, exist_ok=True)
        for counted in folder.glob("*.db"):
            counted.unlink()
    else:
        # In memory where that can be had: counting never waits for a disk.
        memory = Path("/dev/shm")  # noqa: S108  (mkdtemp makes a folder that nobody else can open)
        place = memory if os.access(memory, os.W_OK) else None
        server.counters = tempfile.mkdtemp(prefix="todo-api-counters-", dir=place)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = server.counters
    # Callers and connections to the database are more than the usual 1,024 descriptors.
    with suppress(ValueError, OSError):
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    server.kill_worker = partial(end, server, server.kill_worker)


def pre_fork(server: Any, worker: Any) -> None:
    worker.born, worker.born_at = worker.tmp.last_update(), time.monotonic()


def post_fork(server: Any, worker: Any) -> None:
    """In the worker, whose sockets listen by now."""
    worker.tmp.notify()


def end(server: Any, kill: Callable[[int, int], None], pid: int, how: int) -> None:
    """A reload begins new workers and ends the old ones at once. As each has a socket of its own,
    on a busy machine nobody would listen for a moment: the old ones stay until the new ones do.
    """
    workers = list(server.WORKERS.values())
    reloads = how == signal.SIGTERM and len(workers) > server.num_workers
    until = max(worker.born_at for worker in workers) + LISTENING_SECONDS if reloads else 0
    while time.monotonic() < until:
        if all(worker.tmp.last_update() != worker.born for worker in workers):
            break
        time.sleep(0.005)
    kill(pid, how)


def child_exit(server: Any, worker: Any) -> None:
    """What a worker had open ended with it. What it counted stays."""
    from prometheus_client import multiprocess  # once the folder is known

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    if folder := getattr(server, "counters", ""):
        shutil.rmtree(folder, ignore_errors=True)
