"""What really goes to PostgreSQL: the messages that libpq sends, counted on its own trace."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def sent() -> Iterator[list[str]]:
    """A list that holds, once the block has ended, each message this connection has sent in it."""
    connection.ensure_connection()
    pgconn: Any = connection.connection.pgconn
    messages: list[str] = []
    with tempfile.TemporaryFile() as trace:
        pgconn.trace(trace.fileno())
        try:
            yield messages
        finally:
            pgconn.untrace()
        trace.seek(0)
        lines = trace.read().decode().splitlines()
    # "2026-01-31 10:00:00.123456\tF\t42\tQuery\t \"SELECT …\"": F is for the frontend, us.
    messages += [line.split("\t", 3)[3] for line in lines if line.split("\t")[1:2] == ["F"]]
