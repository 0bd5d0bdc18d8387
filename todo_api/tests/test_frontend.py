"""`manage.py frontend`: what it says where it cannot start, and that it leaves nothing behind.

That the parts work together is shown in a browser, by `make e2e`.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError

from conftest import ROOT, free_port, service_environment
from todo_api.management.commands import frontend

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def start(**variables: str) -> subprocess.CompletedProcess[str]:
    environment = service_environment(**{"DEBUG": "on", **variables})
    command = [sys.executable, "manage.py", "frontend"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)  # noqa: S603


def node_that_answers(version: str, folder: Path) -> str:
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
    ("version", "said"),
    [(None, "is needed and was not found"), ("v18.20.4", "found 18.20.4")],
    ids=["no Node.js", "an old Node.js"],
)
def test_it_says_which_node_it_needs(version: str | None, said: str, tmp_path: Path) -> None:
    path = node_that_answers(version, tmp_path) if version else str(tmp_path)

    ended = start(PATH=path)

    assert ended.returncode == 1
    assert "Node.js 20.19 or newer, with npm, is needed" in ended.stderr
    assert said in ended.stderr


@pytest.mark.parametrize("variable", ["FRONTEND_PORT", "PORT"])
def test_a_taken_port_is_said_in_words(variable: str, tmp_path: Path) -> None:
    path = node_that_answers("v20.19.0", tmp_path) + os.pathsep + os.environ["PATH"]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ports = {"FRONTEND_PORT": str(free_port()), "PORT": str(free_port()), variable: str(port)}

        ended = start(PATH=path, **ports)

    assert ended.returncode == 1
    assert f"choose another: {variable}={port + 1} make frontend" in ended.stderr


def test_a_part_that_ends_is_named() -> None:
    ended = frontend.start(["sh", "-c", "exit 3"], ROOT, {**os.environ})
    ended.wait()

    with pytest.raises(CommandError, match=r"The API ended by itself \(code 3\)"):
        frontend.raise_if_ended({"The API": ended})


def test_stopping_a_part_stops_what_it_has_started(tmp_path: Path) -> None:
    # A child that is deaf to a polite end, and would outlive its parent.
    note = tmp_path / "pid"
    script = f"trap '' TERM; sleep 1000 & echo $! > {note}; trap - TERM; wait"
    part = frontend.start(["sh", "-c", script], ROOT, {**os.environ})
    wait_until(lambda: note.exists() and note.read_text() != "")

    frontend.stop({"The app": part})

    assert part.poll() is not None
    wait_until(lambda: not Path(f"/proc/{note.read_text().strip()}").exists())


def wait_until(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
