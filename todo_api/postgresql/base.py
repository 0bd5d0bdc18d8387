"""Django's PostgreSQL backend with a deadline, one retry to connect, and a free health check."""

import select
import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import Format, TransactionStatus

from todo_api.postgresql.circuit_breaker import CircuitBreaker
from todo_api.request import metrics
from todo_api.request.context import current_request_or_none

CONNECT_SECONDS = 5
# What psycopg waits for without sending anything.
SILENT = {"_set_autocommit_gen", "_set_isolation_level_gen"}
TIMESTAMPTZ = psycopg.adapters.types["timestamptz"].oid
BREAKER = CircuitBreaker()
TOO_LATE = "the server did not answer in time"


def seconds_left() -> float | None:
    """Returns the seconds until the deadline of the request, None outside of one."""
    context = current_request_or_none()
    return context.seconds_left() if context else None


def count_wait(seconds: float, statements: int = 1) -> None:
    if context := current_request_or_none():
        context.statements += statements
        context.database_seconds += seconds


class DeadlineConnection(psycopg.Connection[Any]):
    """Waits for the server until the request's deadline and no longer.

    A server behind a dead network answers nothing and closes nothing: without this a thread
    would wait for as long as the kernel keeps the connection.
    """

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        if gen.__name__ in SILENT:
            return super().wait(gen, interval, timeout)
        limit = BREAKER.seconds(seconds_left() if timeout is None else timeout)
        started = time.perf_counter()
        is_timeout = False
        try:
            return super().wait(gen, interval, limit)
        except psycopg.OperationalError as exc:
            # An error with a code is an answer. Without one the connection is lost, or the time is
            # up and the answer may still come: nobody may mistake it for another's.
            if exc.sqlstate is None:
                self.close()
                is_timeout = limit is not None and time.perf_counter() - started >= limit
            raise
        finally:
            took = time.perf_counter() - started
            count_wait(took)
            if is_timeout:
                BREAKER.timed_out(took)
            else:
                BREAKER.closes()

    @classmethod
    def _connect_gen(cls, *args: Any, **options: Any) -> Any:
        """psycopg asks for one for each address of the server, and gives each the full time."""
        if seconds_left() == 0:
            raise psycopg.OperationalError(TOO_LATE)
        return super()._connect_gen(*args, **options)


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connects, and tries once more when that failed: nothing has run yet, so nothing can run
        twice. A database that wakes up often needs the second try.
        """
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        started = time.perf_counter()
        try:
            connection = self._connect(conn_params)
        except psycopg.OperationalError:
            connection = self._connect(conn_params)
        finally:
            count_wait(time.perf_counter() - started, statements=0)
        metrics.DATABASE_CONNECTIONS_OPENED.inc()
        metrics.DATABASE_CONNECTIONS.inc()
        # Of the time that a list takes, Django's loader in Python would be most. The connection is
        # in UTC, so psycopg's own in C reads the same.
        loader = psycopg.adapters.get_loader(TIMESTAMPTZ, Format.TEXT)
        connection.adapters.register_loader(TIMESTAMPTZ, loader)
        self.kept = connection.cursor()
        self.farewell = select.poll()
        self.farewell.register(connection, select.POLLIN | select.POLLHUP | select.POLLERR)
        return connection

    def kept_cursor(self) -> Any:
        """Returns Django's wrapper of a cursor of psycopg that stays with the connection. When the
        same statement comes again, it knows already how each type is written and read.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        wrapper = self.make_debug_cursor if self.queries_logged else self.make_cursor
        return wrapper(self.kept)

    def get_autocommit(self) -> bool:
        """Django would look after the connection first, to say what is known already."""
        return bool(self.autocommit if self.connection else super().get_autocommit())

    def create_cursor(self, name: str | None = None) -> Any:
        """Django would put its own loader back. (No cursor has a name: see settings.DATABASES.)"""
        return self.connection.cursor()

    def _close(self) -> None:
        """Django calls it once for each connection that it was given."""
        if self.connection is not None:
            metrics.DATABASE_CONNECTIONS.dec()
        super()._close()  # type: ignore[misc]  # the stubs leave it out

    def _connect(self, conn_params: dict[str, Any]) -> Any:
        left = BREAKER.seconds(seconds_left())
        options = {"connect_timeout": CONNECT_SECONDS, **conn_params}
        if left is not None:
            # Whatever the address says of it: the request has no more time.
            options["connect_timeout"] = seconds = min(CONNECT_SECONDS, int(left))
            if seconds < 1:
                raise psycopg.OperationalError(TOO_LATE)
        try:
            connection = DeadlineConnection.connect(**options)
        except psycopg.errors.ConnectionTimeout:
            BREAKER.timed_out(options["connect_timeout"])
            raise
        except psycopg.OperationalError:
            BREAKER.closes()  # refused: not silent
            raise
        BREAKER.closes()
        return connection

    def is_usable(self) -> bool:
        """Whether an idle connection still stands, without asking the server.

        A server sends nothing unasked but its farewell (57P01, or the end of the stream): an idle
        socket with something to read is dead. Django's SELECT 1 would cost a round trip a request.
        """
        connection: Any = self.connection
        if connection is None or connection.closed:
            return False
        status = connection.pgconn.transaction_status
        if status != TransactionStatus.IDLE:
            # ACTIVE would be a statement whose answer nobody waited for.
            return status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}
        return not self.farewell.poll(0)
