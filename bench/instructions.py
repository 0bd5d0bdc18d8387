"""Counts the instructions of a request in the application, in all and without some of its parts.

    python -m bench.instructions

valgrind counts, so that the result is the same on a busy machine.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from bench.backends import ROOT, Backend, service_backend
from bench.postgres import postgres
from bench.tables import heading, row
from todo_api.tests.packages import install_missing

FEW, MANY = 40, 140  # requests: the difference leaves out the start


def without_database() -> None:
    from todo_api.postgresql.statements import Statement

    real_run = Statement.run
    cache: dict[Statement, Any] = {}

    def run(self: Statement, values: Any) -> Any:
        return cache.get(self) or cache.setdefault(self, real_run(self, values))

    Statement.run = run  # type: ignore[method-assign]


def without_request_lines() -> None:
    from operations import middleware

    middleware.observe = lambda *arguments: None


LEFT_OUT: dict[str, Callable[[], None]] = {
    "nothing": lambda: None,
    "the database (its message, the wait, the rows)": without_database,
    "the request's log line and statistics": without_request_lines,
}


def main() -> None:
    install_missing({"valgrind": Path("/usr/bin/valgrind")})
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        service = service_backend(server, Path(folder))
        service.prepare()
        heading(
            "Thousands of instructions of one request, in all and with a part of the work left out"
        )
        row("left out", "get")
        row("---", "---:")
        for name in LEFT_OUT:
            row(name, instructions_of_request(service, name))


def instructions_of_request(service: Backend, left_out: str) -> int:
    path = f"/api/tasks/{service.ids[0]}"
    totals = [instructions(service, path, left_out, requests) for requests in (FEW, MANY)]
    return round((totals[1] - totals[0]) / (MANY - FEW) / 1000)


def instructions(service: Backend, path: str, left_out: str, requests: int) -> int:
    address = service.postgres.address(service.name)
    command = [sys.executable, "-m", "bench.instructions", path, service.token, left_out]
    valgrind = [
        "valgrind",
        "--tool=cachegrind",
        "--cache-sim=no",
        "--cachegrind-out-file=/dev/null",
    ]
    environment = {**service.environment, "DATABASE_URL": address, "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [*valgrind, *command, str(requests)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, env={"PATH": os.environ["PATH"], **environment},
    )  # fmt: skip
    (count,) = re.findall(r"I +refs: +([0-9,]+)", done.stderr)
    return int(count.replace(",", ""))


def send_requests(path: str, token: str, left_out: str, requests: str) -> None:
    """Calls the WSGI application, one request after the other. Runs under valgrind."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "todo_api.settings"
    django.setup()
    from django.conf import settings

    settings.RECORD_TRAFFIC = False  # one request a minute would write the statistics of all
    LEFT_OUT[left_out]()
    from todo_api.wsgi import application

    for _ in range(int(requests)):
        statuses: list[str] = []
        response = application(
            {
                "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "",
                "SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_HOST": "localhost",
                "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "CONTENT_LENGTH": "",
                "HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_ACCEPT": "*/*",
                "wsgi.input": BytesIO(), "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr,
            },
            lambda status, headers, seen=statuses: seen.append(status),
        )  # fmt: skip
        b"".join(response)
        response.close()
        assert statuses == ["200 OK"], statuses


if __name__ == "__main__":
    if sys.argv[1:]:
        send_requests(*sys.argv[1:])
    else:
        main()
