"""Runs a command with a temporary PostgreSQL and PgBouncer.

    python -m todo_api.tests.pooled -- COMMAND

DATABASE_URL is the address of PgBouncer, DATABASE_URL_UNPOOLED that of PostgreSQL. Both servers
stop with the command, and their files are removed. Exits with the status of the command.
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
    """Returns the exit status of the command. SIGINT is left to it, and SIGTERM is forwarded."""
    process = subprocess.Popen(command, env={**os.environ, **variables})
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    except SystemExit:
        process.terminate()
        process.wait()
        raise


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m todo_api.tests.pooled")
    parser.add_argument("command", nargs="+", help="the command to run, after --")
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
