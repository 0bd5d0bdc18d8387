"""Node.js for tests, with the packages of a folder's package-lock.json installed."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

OLDEST_NODE = 20


def cannot_run(reason: str) -> NoReturn:
    """Skips the test; fails it in CI, which has Node.js: a skip would hide a broken set-up."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def node_for(folder: Path) -> str:
    """Returns the path of Node.js, with the packages of `folder` installed."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if not found or not npm:
        cannot_run("Node.js is not installed: node and npm are needed")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)
    if int(version.stdout.lstrip("v").partition(".")[0]) < OLDEST_NODE:
        cannot_run(f"Node.js {OLDEST_NODE} or newer is needed, found {version.stdout.strip()}")
    lock, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # tests run in parallel processes, one of which installs
        # npm writes `installed` last.
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
            if done.returncode:
                cannot_run(f"npm ci failed: {done.stderr.strip()[-300:]}")
    return found
