"""`manage.py dev`: it starts a working API with demo data, and Ctrl-C stops all its processes."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import ROOT, free_port, service_environment, wait_until_responds
from todo_api.tests.http import request, send

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def start(log: Path, port: int, **variables: str) -> subprocess.Popen[bytes]:
    environment = service_environment(**{"DEBUG": "on", "PORT": str(port), **variables})
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "manage.py", "dev"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def test_it_prints_a_token_that_works_and_a_password_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    log, port = tmp_path / "dev.log", free_port()
    process = start(log, port)
    try:
        wait_until_responds(f"http://127.0.0.1:{port}/healthz")
        printed = log.read_text()
        token = re.search(r"^curl .* \"Authorization: (Bearer .+)\"$", printed, re.MULTILINE)
        assert token, printed
        tasks = send(
            f"http://127.0.0.1:{port}", request("GET", "/api/tasks", authorization=token[1])
        )
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(20)

    assert (tasks.status, len(tasks.json)) == (200, 12)
    assert f"http://localhost:{port}/api/docs" in printed
    assert re.search(rf"http://localhost:{port}/admin/  operator@todo.test  \S+", printed)
    with pytest.raises(OSError, match="refused"):
        wait_until_responds(f"http://127.0.0.1:{port}/healthz", seconds=0)


def test_a_second_start_creates_no_duplicates(tmp_path: Path) -> None:
    from tasks.models import Task

    for _ in range(2):
        port = free_port()
        process = start(tmp_path / "dev.log", port)
        wait_until_responds(f"http://127.0.0.1:{port}/healthz")
        os.killpg(process.pid, signal.SIGINT)
        process.wait(20)

    assert Task.objects.count() == 12


def test_it_refuses_outside_debug(tmp_path: Path) -> None:
    process = start(tmp_path / "dev.log", free_port(), DEBUG="off")

    assert process.wait(20) == 1
    assert "runs with DEBUG=on only" in (tmp_path / "dev.log").read_text()


def test_a_port_in_use_is_reported_with_an_alternative(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        started = time.monotonic()
        process = start(tmp_path / "dev.log", taken.getsockname()[1])
        assert process.wait(20) == 1

    assert time.monotonic() - started < 20
    assert "choose another: PORT=" in (tmp_path / "dev.log").read_text()
