"""What a request costs the application in instructions, and which part of it costs how much.

    python -m bench.instructions

Counted by valgrind, so that it is the same on a busy machine. Each part is left out in turn.
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

from bench.backends import ROOT, Backend, the_service
from bench.postgres import postgres
from bench.tables import heading, row
from todo_api.tests.packages import install_missing

FEW, MANY = 40, 140  # requests, of which only the difference counts


def without_database() -> None:
    from todo_api.postgresql.statements import Statement

    asked = Statement.run
    known: dict[Statement, Any] = {}

    def run(self: Statement, values: Any) -> Any:
        return known.get(self) or known.setdefault(self, asked(self, values))

    Statement.run = run  # type: ignore[method-assign]


def without_request_lines() -> None:
    from operations import middleware

    middleware.observe = lambda *arguments: None


LEFT_OUT: dict[str, Callable[[], None]] = {
    "nothing": lambda: None,
    "the database (its message, the wait, the rows)": without_database,
    "the request's log line and figures": without_request_lines,
}


def main() -> None:
    install_missing({"valgrind": Path("/usr/bin/valgrind")})
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        service = the_service(server, Path(folder))
        service.prepare()
        heading("Thousands of instructions of one request, and with a part of the work left out")
        row("left out", "get")
        row("---", "---:")
        for name in LEFT_OUT:
            row(name, counted(service, name))


def counted(service: Backend, left_out: str) -> int:
    path = f"/api/tasks/{service.ids[0]}"
    ends = [instructions(service, path, left_out, requests) for requests in (FEW, MANY)]
    return round((ends[1] - ends[0]) / (MANY - FEW) / 1000)


def instructions(service: Backend, path: str, left_out: str, requests: int) -> int:
    address = service.postgres.address(service.name)
    inside = [sys.executable, "-m", "bench.instructions", path, service.token, left_out]
    valgrind = [
        "valgrind",
        "--tool=cachegrind",
        "--cache-sim=no",
        "--cachegrind-out-file=/dev/null",
    ]
    environment = {**service.environment, "DATABASE_URL": address, "PYTHONHASHSEED": "0"}
    done = subprocess.run(  # noqa: S603
        [*valgrind, *inside, str(requests)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, env={"PATH": os.environ["PATH"], **environment},
    )  # fmt: skip
    (count,) = re.findall(r"I +refs: +([0-9,]+)", done.stderr)
    return int(count.replace(",", ""))


def ask(path: str, token: str, left_out: str, requests: str) -> None:
    """Requests from within, one after the other."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "todo_api.settings"
    django.setup()
    from django.conf import settings

    settings.RECORD_TRAFFIC = False  # once a minute somebody would pay for all
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
        assert statuses == ["200 OK"], statuses  # noqa: S101


if __name__ == "__main__":
    if sys.argv[1:]:
        ask(*sys.argv[1:])
    else:
        main()
