"""Django's PostgreSQL backend with deadlines, a retry to connect, and a local health check."""

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
# psycopg waits for these without sending a message.
LOCAL_OPERATIONS = {"_set_autocommit_gen", "_set_isolation_level_gen"}
TIMESTAMPTZ = psycopg.adapters.types["timestamptz"].oid
BREAKER = CircuitBreaker()
TOO_LATE = "the server did not respond in time"


def seconds_left() -> float | None:
    """Returns the seconds until the deadline of the current request; None outside of a request."""
    context = current_request_or_none()
    return context.seconds_left() if context else None


def count_wait(seconds: float, statements: int = 1) -> None:
    if context := current_request_or_none():
        context.statements += statements
        context.database_seconds += seconds


class DeadlineConnection(psycopg.Connection[Any]):
    """A connection that waits for the server only until the deadline of the request.

    A server behind a dead network neither responds nor closes the connection. Without a deadline, a
    thread would wait until the kernel closes it.
    """

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        if gen.__name__ in LOCAL_OPERATIONS:
            return super().wait(gen, interval, timeout)
        limit = BREAKER.seconds(seconds_left() if timeout is None else timeout)
        started = time.perf_counter()
        is_timeout = False
        try:
            return super().wait(gen, interval, limit)
        except psycopg.OperationalError as exc:
            # An error without SQLSTATE is not from the server: the connection is lost or the wait
            # has timed out. A late response must not be taken for that of the next statement.
            if exc.sqlstate is None:
                self.close()
                is_timeout = limit is not None and time.perf_counter() - started >= limit
            raise
        finally:
            elapsed = time.perf_counter() - started
            count_wait(elapsed)
            if is_timeout:
                BREAKER.record_timeout(elapsed)
            else:
                BREAKER.close()

    @classmethod
    def _connect_gen(cls, *args: Any, **options: Any) -> Any:
        """Checks the deadline before each address of the server. Each has the full timeout."""
        if seconds_left() == 0:
            raise psycopg.OperationalError(TOO_LATE)
        return super()._connect_gen(*args, **options)


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connects, with one retry, which a database that is waking up often needs. A retry is safe
        because no statement has run yet.
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
        # Django's loader, in Python, would take most of the time of a list. The connection is in
        # UTC, so psycopg's loader, in C, returns the same values.
        loader = psycopg.adapters.get_loader(TIMESTAMPTZ, Format.TEXT)
        connection.adapters.register_loader(TIMESTAMPTZ, loader)
        self.kept = connection.cursor()
        self.socket_poll = select.poll()
        self.socket_poll.register(connection, select.POLLIN | select.POLLHUP | select.POLLERR)
        return connection

    def kept_cursor(self) -> Any:
        """Returns Django's wrapper of a psycopg cursor that is kept with the connection. The cursor
        caches the adapters of each type for repeated statements.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        wrapper = self.make_debug_cursor if self.queries_logged else self.make_cursor
        return wrapper(self.kept)

    def get_autocommit(self) -> bool:
        """Returns the mode without Django's check of the connection."""
        return bool(self.autocommit if self.connection else super().get_autocommit())

    def create_cursor(self, name: str | None = None) -> Any:
        """Returns a cursor without Django's loaders. Named cursors are off (settings.DATABASES)."""
        return self.connection.cursor()

    def _close(self) -> None:
        """Closes the connection. Django calls this once per connection."""
        if self.connection is not None:
            metrics.DATABASE_CONNECTIONS.dec()
        super()._close()  # type: ignore[misc]  # the stubs leave it out

    def _connect(self, conn_params: dict[str, Any]) -> Any:
        left = BREAKER.seconds(seconds_left())
        options = {"connect_timeout": CONNECT_SECONDS, **conn_params}
        if left is not None:
            # Overrides a connect_timeout of DATABASE_URL.
            options["connect_timeout"] = seconds = min(CONNECT_SECONDS, int(left))
            if seconds < 1:
                raise psycopg.OperationalError(TOO_LATE)
        try:
            connection = DeadlineConnection.connect(**options)
        except psycopg.errors.ConnectionTimeout:
            BREAKER.record_timeout(options["connect_timeout"])
            raise
        except psycopg.OperationalError:
            BREAKER.close()  # an error is a response, too
            raise
        BREAKER.close()
        return connection

    def is_usable(self) -> bool:
        """Returns whether an idle connection is still open, without a round trip to the server.

        On an idle connection the server sends data only when it closes it (57P01, or end of
        stream). A readable socket therefore means a dead connection. Django would send SELECT 1.
        """
        connection: Any = self.connection
        if connection is None or connection.closed:
            return False
        status = connection.pgconn.transaction_status
        if status != TransactionStatus.IDLE:
            # ACTIVE: the response to an earlier statement was not read.
            return status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}
        return not self.socket_poll.poll(0)
