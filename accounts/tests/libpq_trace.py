"""The messages that libpq sends to PostgreSQL, from its own trace."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def sent_messages() -> Iterator[list[str]]:
    """Yields a list. After the block it contains each message that the connection sent in it."""
    connection.ensure_connection()
    connection.close_at = None  # the request would replace a connection older than CONN_MAX_AGE
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
    # "2026-01-31 10:00:00.123456\tF\t42\tQuery\t \"SELECT …\"": "F" is the client.
    sent = [line.split("\t", 3)[3] for line in lines if line.split("\t")[1:2] == ["F"]]
    # A request closes a connection that is older than CONN_MAX_AGE.
    messages += [message for message in sent if message != "Terminate"]
