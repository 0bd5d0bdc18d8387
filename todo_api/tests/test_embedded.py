"""The embedded PostgreSQL: processes that were killed do not keep it running."""

import json
import os
import subprocess
import sys
from pathlib import Path

from todo_api.embedded import forget_ended_processes


def ended_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_ended_processes_are_removed_from_its_users(tmp_path: Path) -> None:
    file = tmp_path / "pids.json"
    file.write_text(json.dumps([ended_pid(), os.getpid(), 1]))

    forget_ended_processes(file)

    assert json.loads(file.read_text()) == [os.getpid(), 1]


def test_a_list_of_ended_processes_only_is_removed(tmp_path: Path) -> None:
    file = tmp_path / "pids.json"
    file.write_text(json.dumps([ended_pid()]))

    forget_ended_processes(file)

    assert not file.exists()


def test_a_missing_or_broken_list_is_left_alone(tmp_path: Path) -> None:
    missing, broken = tmp_path / "missing.json", tmp_path / "broken.json"
    broken.write_text("[1,")

    forget_ended_processes(missing)
    forget_ended_processes(broken)

    assert not missing.exists()
    assert broken.read_text() == "[1,"
