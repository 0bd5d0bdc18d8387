"""Reload and stop of gunicorn: all clients that have connected get a response."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

from conftest import Serve, service_environment

# A worker may close an idle connection just when a client sends a request on it.
LOST_AT_MOST = 1 / 1_000
# At least so many requests are sent, even on a slow machine.
MIN_REQUESTS = 4_000
DISCONNECTED = "RemoteDisconnected('Remote end closed connection without response')"


def gunicorn(tmp_path: Path) -> int:
    """Returns the process id of the gunicorn master, which a platform signals."""
    log = (tmp_path / "gunicorn.log").read_text()
    found = re.search(r"Listening at: .*\((\d+)\)", log)
    assert found
    return int(found[1])


def send_requests(address: str, stop: Event, seen: Counter[str], *, keep: bool) -> None:
    """Sends one request after another until `stop` is set, and counts statuses and errors."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    while not stop.wait(0.005):
        try:
            connection.request("GET", "/healthz", headers={} if keep else {"Connection": "close"})
            response = connection.getresponse()
            response.read()
            seen[str(response.status)] += 1
        except (OSError, http.client.HTTPException) as exc:
            connection.close()
            seen[repr(exc)] += 1
    connection.close()


def test_a_reload_fails_no_request_on_new_and_keep_alive_connections(
    serve: Serve, tmp_path: Path
) -> None:
    address = serve("--workers", "2", GUNICORN_CMD_ARGS="")
    stop = Event()

    counts = [Counter[str]() for _ in range(6)]

    with ThreadPoolExecutor() as pool:
        for number, count in enumerate(counts):
            pool.submit(send_requests, address, stop, count, keep=number < 3)
        for _ in range(2):
            os.kill(gunicorn(tmp_path), signal.SIGHUP)
            time.sleep(2)
        until = time.monotonic() + 60
        while sum(count.total() for count in counts) < MIN_REQUESTS and time.monotonic() < until:
            time.sleep(0.1)
        stop.set()
    seen = sum(counts, Counter[str]())

    lost = seen.total() - seen["200"]
    assert lost <= LOST_AT_MOST * seen.total(), seen
    assert set(seen) <= {"200", DISCONNECTED}, seen


def test_a_stop_refuses_new_connections_and_serves_open_ones(serve: Serve, tmp_path: Path) -> None:
    address = urlsplit(serve("--workers", "1", GUNICORN_CMD_ARGS="")).netloc
    clients = [http.client.HTTPConnection(address, timeout=10)]
    first = response_to(clients[0])

    with suppress(ConnectionRefusedError):
        for number in count():
            client = http.client.HTTPConnection(address, timeout=10)
            client.connect()
            clients.append(client)
            if number == 3:
                os.kill(gunicorn(tmp_path), signal.SIGTERM)
            time.sleep(0.01)
    last = [response_to(client) for client in clients]

    assert first == (200, None)  # it is kept alive
    assert set(last) == {(200, "close")}


# gunicorn runs its configuration again at a reload.
RELOAD = """
import runpy
before, after = (runpy.run_path("gunicorn.conf.py")["on_starting"] for _ in range(2))
assert before is not after
assert before.__module__ == after.__module__ == "todo_api.server.hooks"
"""


# Starts with a soft limit below the hard limit.
LIMITS = """
import resource, runpy, types
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most // 2, most))
server = types.SimpleNamespace()
config = runpy.run_path("gunicorn.conf.py")
config["on_starting"](server)
config["on_exit"](server)
assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == most
"""


def test_the_limit_of_open_files_is_raised_to_the_hard_limit() -> None:
    subprocess.run([sys.executable, "-c", LIMITS], check=True, env=service_environment())


def test_a_reload_imports_the_hooks_again() -> None:
    subprocess.run([sys.executable, "-c", RELOAD], check=True, env=service_environment())


def test_a_stop_is_not_delayed_by_workers_that_cannot_listen() -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:  # noqa: S104  (as the service does)
        port = str(taken.getsockname()[1])
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "todo_api.asgi", "--workers", "8"],
            env=service_environment(PORT=port), stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(2)
        process.terminate()
        started = time.monotonic()
        process.wait(60)

    assert time.monotonic() - started < 10


def test_a_stop_soon_closes_connections_without_a_request(serve: Serve, tmp_path: Path) -> None:
    at = urlsplit(serve("--workers", "1", GUNICORN_CMD_ARGS=""))
    with socket.create_connection((at.hostname, at.port), 15) as silent:
        time.sleep(0.5)
        os.kill(gunicorn(tmp_path), signal.SIGTERM)
        started = time.monotonic()
        assert silent.recv(1) == b""

    assert time.monotonic() - started < 10


def response_to(client: http.client.HTTPConnection) -> tuple[int, str | None]:
    """Returns the status and the header Connection."""
    client.request("GET", "/healthz")
    response = client.getresponse()
    response.read()
    return response.status, response.headers["Connection"]
