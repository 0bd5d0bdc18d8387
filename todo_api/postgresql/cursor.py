"""A cursor that a connection keeps, for statements that are sent again and again."""

from functools import lru_cache
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.generators import execute
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult

Row = tuple[Any, ...]


class KeptCursor:
    """As much of psycopg's ClientCursor as `DatabaseWrapper.rows` and execute wrappers need: values
    are put into the text of a statement, or of several, which goes to PostgreSQL as one message.

    psycopg's own prepares for much that never comes here (parameters by name, pipelines, prepared
    statements, COPY). It takes longer than all else that is done to ask. Outside of transactions
    only: it begins none.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.transformer = Transformer(connection)
        self.results: list[Any] = []

    def execute(self, sql: str, params: tuple[Any, ...]) -> None:
        """Raises psycopg's errors, as its own does."""
        literal = self.transformer.as_literal
        values = tuple(b"NULL" if value is None else literal(value) for value in params)
        self.results = self.connection.wait(ask(self.connection.pgconn, template(sql) % values))
        for result in self.results:
            if result.status == ExecStatus.FATAL_ERROR:
                raise error_from_result(result)
        self.transformer.set_pgresult(self.results[0])

    def nextset(self) -> None:
        del self.results[0]
        self.transformer.set_pgresult(self.results[0])

    def fetchone(self) -> Any:
        return self.transformer.load_row(0, tuple)

    def fetchall(self) -> list[Row]:
        """The rows, which are let go of."""
        rows = self.transformer.load_rows(0, self.rowcount, tuple)
        self.results = []
        self.transformer.set_pgresult(None)
        return rows

    @property
    def rowcount(self) -> int:
        return int(self.results[0].ntuples)


def ask(pgconn: PGconn, message: bytes) -> PQGen[list[PGresult]]:
    """Sends, too, in what is timed as the wait: the answer may be there right after."""
    pgconn.send_query(message)
    results: list[PGresult] = yield from execute(pgconn)
    return results


@lru_cache(maxsize=512)
def template(sql: str) -> bytes:
    return sql.encode()
