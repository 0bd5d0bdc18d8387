"""A deployment, a reload and a stop lose no request: whoever has connected is answered."""

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

# Of requests that meet an idle connection at the very moment at which its worker closes it.
LOST_AT_MOST = 1 / 1_000
# So many are asked for, however busy the machine is; a reload takes 2 s of them at least.
ENOUGH = 4_000
HUNG_UP = "RemoteDisconnected('Remote end closed connection without response')"


def gunicorn(tmp_path: Path) -> int:
    """The process that a platform signals."""
    log = (tmp_path / "gunicorn.log").read_text()
    found = re.search(r"Listening at: .*\((\d+)\)", log)
    assert found
    return int(found[1])


def ask(address: str, over: Event, seen: Counter[str], *, keep: bool) -> None:
    """Counts how requests ended, one after the other until it is over."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    while not over.wait(0.005):
        try:
            connection.request("GET", "/healthz", headers={} if keep else {"Connection": "close"})
            response = connection.getresponse()
            response.read()
            seen[str(response.status)] += 1
        except (OSError, http.client.HTTPException) as exc:
            connection.close()
            seen[repr(exc)] += 1
    connection.close()


def test_a_reload_fails_no_request_on_new_and_on_kept_connections(
    serve: Serve, tmp_path: Path
) -> None:
    address = serve("--workers", "2")
    over = Event()

    counts = [Counter[str]() for _ in range(6)]

    with ThreadPoolExecutor() as pool:
        for number, count in enumerate(counts):
            pool.submit(ask, address, over, count, keep=number < 3)
        for _ in range(2):
            os.kill(gunicorn(tmp_path), signal.SIGHUP)
            time.sleep(2)
        until = time.monotonic() + 60
        while sum(count.total() for count in counts) < ENOUGH and time.monotonic() < until:
            time.sleep(0.1)
        over.set()
    seen = sum(counts, Counter[str]())

    lost = seen.total() - seen["200"]
    assert lost <= LOST_AT_MOST * seen.total(), seen
    assert set(seen) <= {"200", HUNG_UP}, seen


def test_a_stop_refuses_new_callers_and_answers_those_who_are_there(
    serve: Serve, tmp_path: Path
) -> None:
    address = urlsplit(serve("--workers", "1")).netloc
    callers = [http.client.HTTPConnection(address, timeout=10)]
    first = answer_to(callers[0])

    with suppress(ConnectionRefusedError):
        for number in count():
            caller = http.client.HTTPConnection(address, timeout=10)
            caller.connect()
            callers.append(caller)
            if number == 3:
                os.kill(gunicorn(tmp_path), signal.SIGTERM)
            time.sleep(0.01)
    last = [answer_to(caller) for caller in callers]

    assert first == (200, None)  # it is kept
    assert set(last) == {(200, "close")}


# What gunicorn does at a reload, and then asks for.
RELOAD = """
import runpy
before, after = (runpy.run_path("gunicorn.conf.py")["on_starting"] for _ in range(2))
assert before is not after
assert before.__module__ == after.__module__ == "todo_api.server.hooks"
"""


# The most that this process may have open is fewer than the system allows.
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


def test_as_many_files_may_be_open_as_the_system_allows() -> None:
    subprocess.run(  # noqa: S603
        [sys.executable, "-c", LIMITS], check=True, env=service_environment()
    )


def test_a_reload_takes_all_of_the_new_code() -> None:
    subprocess.run(  # noqa: S603
        [sys.executable, "-c", RELOAD], check=True, env=service_environment()
    )


def test_a_stop_is_not_held_up_by_workers_that_cannot_listen() -> None:
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


def test_a_stop_waits_only_a_moment_for_whoever_has_sent_nothing(
    serve: Serve, tmp_path: Path
) -> None:
    at = urlsplit(serve("--workers", "1"))
    with socket.create_connection((at.hostname, at.port), 15) as silent:
        time.sleep(0.5)
        os.kill(gunicorn(tmp_path), signal.SIGTERM)
        started = time.monotonic()
        assert silent.recv(1) == b""

    assert time.monotonic() - started < 10


def answer_to(caller: http.client.HTTPConnection) -> tuple[int, str | None]:
    """The status, and what is said about the connection."""
    caller.request("GET", "/healthz")
    response = caller.getresponse()
    response.read()
    return response.status, response.headers["Connection"]
