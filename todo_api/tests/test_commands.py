"""Rules for all management commands of this repository: tests, help, --dry-run and Ctrl-C."""

import contextlib
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time
from functools import partial
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands, load_command_class

from accounts.models import User
from conftest import ROOT, make_task, service_environment
from tasks.models import Task

FOLDERS = {config.name: Path(config.path) for config in apps.get_app_configs()}
COMMANDS = {
    name: FOLDERS[app]
    for name, app in get_commands().items()
    if app in FOLDERS and FOLDERS[app].parent == ROOT
}
DELETING = {"purge_completed", "purge_expired", "erase_user"}


# How a command says what it does not change.
UNCHANGED = re.compile(
    r"changes (nothing|or locks)|not changed|unchanged|data stays|Keeps|is kept|Nothing else", re.I
)


def help_of(name: str) -> str:
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    return " ".join(parser.format_help().split())


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_it_has_its_own_file_of_tests(name: str) -> None:
    assert (COMMANDS[name] / "tests" / f"test_{name}.py").exists()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_its_help_says_what_it_leaves_unchanged(name: str) -> None:
    text = help_of(name)

    assert len(text) > 200
    assert UNCHANGED.search(text)


@pytest.mark.parametrize("name", sorted(DELETING))
def test_commands_that_delete_have_a_dry_run(name: str) -> None:
    assert "--dry-run" in help_of(name)


def start(*arguments: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=service_environment(),
        stdout=subprocess.PIPE, stderr=stderr, text=True,
        # A process in the background of a shell inherits that SIGINT is ignored.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def output_of(terminal: int) -> str:
    """Returns the text that was written to a pseudo-terminal whose other end is closed."""
    parts = []
    with contextlib.suppress(OSError):  # Linux raises EIO at the end
        while part := os.read(terminal, 4096):
            parts.append(part)
    os.close(terminal)
    return b"".join(parts).decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_progress_bar_is_shown_only_on_a_terminal(alice: User) -> None:
    make_task(alice)
    reader, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 100))

    process = start("export_user", alice.pk, stderr=terminal)
    printed, _ = process.communicate(timeout=60)
    os.close(terminal)
    shown = output_of(reader)
    without_terminal = start("export_user", alice.pk).communicate(timeout=60)

    assert "0.00/2.00" in shown
    assert without_terminal[0] == printed
    assert printed.startswith('{"user"')
    assert "/2.00" not in "".join(without_terminal)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_ctrl_c_prints_a_summary_and_keeps_what_is_done(db: None) -> None:
    process = start("seed_demo", "--users=2000", "--tasks=400000", "--confirm")
    deadline = time.monotonic() + 60
    while not Task.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.05)

    time.sleep(0.1)  # a finished step is counted a moment after its rows are visible
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    users, tasks = User.objects.count(), Task.objects.count()
    assert process.returncode == 130
    assert 0 < tasks < 400_000
    assert f"Stopped after {users} accounts.User, {tasks} tasks.Task; run it again" in errors
    assert "Traceback" not in errors
