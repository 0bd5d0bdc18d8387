"""Runs a command with DATABASE_URL behind PgBouncer and DATABASE_URL_UNPOOLED past it.

    python -m todo_api.tests.pooled -- COMMAND

The servers live for the command and leave nothing; its exit status is ours.
"""

import argparse
import os
import signal
import subprocess
import sys

from todo_api.tests.packages import install_missing
from todo_api.tests.pooled.servers import PGBOUNCER, POSTGRES, address, pgbouncer, postgres

PACKAGES = {"postgresql-15": POSTGRES, "pgbouncer": PGBOUNCER}


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
    install_missing(PACKAGES)
    with postgres() as direct, pgbouncer(direct) as pooled:
        return run(command, DATABASE_URL=address(pooled), DATABASE_URL_UNPOOLED=address(direct))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
