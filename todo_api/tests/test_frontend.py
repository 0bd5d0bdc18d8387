"""`manage.py frontend`: errors at the start, and that all its processes stop.

`make e2e` tests in a browser that the API and the app work together.
"""

import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError

from conftest import ROOT, free_port, service_environment
from todo_api.management.commands import frontend
from todo_api.tests import forked

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def start(**variables: str) -> subprocess.CompletedProcess[str]:
    environment = service_environment(**{"DEBUG": "on", **variables})
    return forked.manage("frontend", environment=environment)


def fake_node(version: str, folder: Path) -> str:
    for name in ("node", "npm"):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)
    return str(folder)


def test_it_refuses_outside_debug() -> None:
    secrets = {"SECRET_KEY": os.urandom(32).hex(), "BETTER_AUTH_SECRET": os.urandom(32).hex()}

    ended = start(DEBUG="off", **secrets)

    assert ended.returncode == 1
    assert "runs with DEBUG=on only" in ended.stderr


@pytest.mark.parametrize(
    ("version", "message"),
    [(None, "is needed and was not found"), ("v18.20.4", "found 18.20.4")],
    ids=["no Node.js", "an old Node.js"],
)
def test_it_reports_the_required_version_of_node(
    version: str | None, message: str, tmp_path: Path
) -> None:
    path = fake_node(version, tmp_path) if version else str(tmp_path)

    ended = start(PATH=path)

    assert ended.returncode == 1
    assert "Node.js 20.19 or newer, with npm, is needed" in ended.stderr
    assert message in ended.stderr


@pytest.mark.parametrize("variable", ["FRONTEND_PORT", "PORT"])
def test_a_port_in_use_is_reported_with_an_alternative(variable: str, tmp_path: Path) -> None:
    path = fake_node("v20.19.0", tmp_path) + os.pathsep + os.environ["PATH"]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ports = {"FRONTEND_PORT": str(free_port()), "PORT": str(free_port()), variable: str(port)}

        ended = start(PATH=path, **ports)

    assert ended.returncode == 1
    assert f"choose another: {variable}={port + 1} make frontend" in ended.stderr


def test_a_process_that_ends_is_named() -> None:
    ended = frontend.start(["sh", "-c", "exit 3"], ROOT, {**os.environ})
    ended.wait()

    with pytest.raises(CommandError, match=r"The API ended by itself \(code 3\)"):
        frontend.raise_if_ended({"The API": ended})


def test_stopping_a_process_stops_its_children(tmp_path: Path) -> None:
    # The child ignores SIGTERM and would outlive its parent.
    pid_file = tmp_path / "pid"
    script = f"trap '' TERM; sleep 1000 & echo $! > {pid_file}; trap - TERM; wait"
    process = frontend.start(["sh", "-c", script], ROOT, {**os.environ})
    wait_until(lambda: pid_file.exists() and pid_file.read_text() != "")

    frontend.stop({"The app": process})

    assert process.poll() is not None
    wait_until(lambda: not Path(f"/proc/{pid_file.read_text().strip()}").exists())


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
