"""What holds for every command of ours: tested, explained, and safe to stop."""

import contextlib
import os
import pty
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
OURS = {
    name: FOLDERS[app]
    for name, app in get_commands().items()
    if app in FOLDERS and FOLDERS[app].parent == ROOT
}
DELETING = {"purge_completed", "purge_expired", "erase_user"}


def help_of(name: str) -> str:
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    return " ".join(parser.format_help().split())


@pytest.mark.parametrize("name", sorted(OURS))
def test_it_has_its_own_file_of_tests(name: str) -> None:
    assert (OURS[name] / "tests" / f"test_{name}.py").exists()


@pytest.mark.parametrize("name", sorted(OURS))
def test_its_help_says_what_becomes_of_the_rest(name: str) -> None:
    text = help_of(name)

    assert len(text) > 200
    assert any(word in text for word in ("left alone", "left as it is", "Changes nothing",
                                         "changes nothing", "changes or locks"))  # fmt: skip


@pytest.mark.parametrize("name", sorted(DELETING))
def test_whoever_deletes_can_be_asked_first(name: str) -> None:
    assert "--dry-run" in help_of(name)


def start(*arguments: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=service_environment(),
        stdout=subprocess.PIPE, stderr=stderr, text=True,
        # What runs in a shell's background inherits that Ctrl-C is ignored.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def everything(terminal: int) -> str:
    """What was written to a terminal whose other side is closed."""
    parts = []
    with contextlib.suppress(OSError):  # how Linux says that there is no more
        while part := os.read(terminal, 4096):
            parts.append(part)
    os.close(terminal)
    return b"".join(parts).decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_bar_shows_on_a_terminal_and_nothing_of_it_elsewhere(alice: User) -> None:
    make_task(alice)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))

    process = start("export_user", alice.pk, stderr=theirs)
    printed, _ = process.communicate(timeout=60)
    os.close(theirs)
    shown = everything(ours)
    elsewhere = start("export_user", alice.pk).communicate(timeout=60)

    assert "0.00/2.00" in shown
    assert elsewhere[0] == printed
    assert printed.startswith('{"user"')
    assert "/2.00" not in "".join(elsewhere)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_ctrl_c_ends_it_in_words_and_what_is_done_stays(db: None) -> None:
    process = start("seed_demo", "--users=2000", "--tasks=400000", "--confirm")
    deadline = time.monotonic() + 60
    while not Task.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.05)

    time.sleep(0.1)  # a step that is done is counted a moment after it shows
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)

    users, tasks = User.objects.count(), Task.objects.count()
    assert process.returncode == 130
    assert 0 < tasks < 400_000
    assert f"Stopped after {users} accounts.User, {tasks} tasks.Task; run it again" in said
    assert "Traceback" not in said
