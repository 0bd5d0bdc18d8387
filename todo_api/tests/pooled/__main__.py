"""Runs a command with DATABASE_URL behind PgBouncer and DATABASE_URL_UNPOOLED past it.

    python -m todo_api.tests.pooled -- COMMAND

The servers live for the command and leave nothing; its exit status is ours.
"""

import argparse
import os
import signal
import subprocess
import sys

from todo_api.tests.pooled.servers import PGBOUNCER, POSTGRES, address, pgbouncer, postgres

PACKAGES = {"postgresql-15": POSTGRES, "pgbouncer": PGBOUNCER}


def install_missing() -> None:
    """Installs the servers from the distribution's packages, where they are not there yet."""
    missing = [package for package, program in PACKAGES.items() if not program.exists()]
    if not missing:
        return
    if os.geteuid() != 0:
        raise SystemExit(f"Only root can install what is missing: {' '.join(missing)}")
    print("Installing", *missing, flush=True)  # noqa: T201
    quietly("apt-get", "update")
    quietly("apt-get", "install", "--yes", "--no-install-recommends", *missing)


def quietly(*command: str) -> None:
    """Runs a command; shows what it said when it fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(  # noqa: S603
            command, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as exc:
        raise SystemExit(
            f"{command[0]} is missing: the servers come from Debian's packages"
        ) from exc
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def run(command: list[str], **variables: str) -> int:
    """Returns its exit status. Ctrl-C is the command's to handle, SIGTERM is handed on to it."""
    process = subprocess.Popen(command, env={**os.environ, **variables})  # noqa: S603
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    except SystemExit:
        process.terminate()
        process.wait()
        raise


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m todo_api.tests.pooled")
    parser.add_argument("command", nargs="+", help="what to run, behind --")
    command = parser.parse_args().command
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    install_missing()
    with postgres() as direct, pgbouncer(direct) as pooled:
        return run(command, DATABASE_URL=address(pooled), DATABASE_URL_UNPOOLED=address(direct))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
