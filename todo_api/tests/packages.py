"""Installation of the servers that tests need, from packages of the Linux distribution."""

import fcntl
import os
import subprocess
import tempfile
from pathlib import Path


def install_missing(packages: dict[str, Path]) -> None:
    """Installs each package whose program does not exist. Concurrent processes wait for a lock.

    Raises SystemExit if the user is not root, or if apt-get fails.
    """
    if all(program.exists() for program in packages.values()):
        return
    with (Path(tempfile.gettempdir()) / "todo-api-packages.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = [package for package, program in packages.items() if not program.exists()]
        if not missing:  # another process has installed them
            return
        if os.geteuid() != 0:
            raise SystemExit(f"Only root can install what is missing: {' '.join(missing)}")
        print("Installing", *missing, flush=True)  # noqa: T201  (long work)
        run("apt-get", "update")
        run("apt-get", "install", "--yes", "--no-install-recommends", *missing)


def run(*command: str) -> None:
    """Runs a command; raises SystemExit with its output if it fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError as exc:
        raise SystemExit(
            f"{command[0]} is missing: the servers come from Debian's packages"
        ) from exc
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
