"""The database identity of API requests, for row-level security.

On API paths, each statement is prefixed with a call of `todo_become`. It switches to the role
`todo_user` and sets the user's id, so that row policies restrict the statement to the user's rows.
Without an identity no statement is sent. Prefix and statement go to PostgreSQL as one message,
which runs as one transaction: this needs one round trip, and leaves no setting on the connection
for the next client of a pooler. See docs/architecture.md.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from psycopg.errors import InsufficientPrivilege
from psycopg.pq import TransactionStatus
from rest_framework.exceptions import PermissionDenied

from accounts.models import User
from accounts.tokens import Claims
from todo_api.request.context import (
    RequestContext,
    active,
    current_request,
    current_request_or_none,
)

Item = TypeVar("Item")
logger = logging.getLogger(__name__)

# All its settings are transaction-local (accounts/migrations/0010_row_security.py).
AS_USER = "SELECT todo_become(%s); "
AS_READER = "SELECT set_config('transaction_read_only', 'on', true), todo_become(%s); "
# Transaction-local timeouts, as todo_become sets them, for statements that an API request runs as
# the owner.
AS_OWNER = (
    "SELECT set_config('statement_timeout', '5s', true), set_config('lock_timeout', '2s', true),"
    " set_config('idle_in_transaction_session_timeout', '10s', true); "
)
RESET = "SELECT set_config('role', 'none', true), set_config('app.user_id', '', true)"


class NoIdentity(RuntimeError):
    """A statement on an API path without an identified user; it was not sent to the database.

    The cause is a view without its permission class, or code that runs after its request ended.
    """


class Suspended(PermissionDenied):
    """The token's user is suspended or erased (403)."""

    default_detail = "This account is suspended"
    default_code = "account_suspended"


@dataclass
class Identity:
    """The identity of an API request's statements: the user, or a reason to run as the owner."""

    claims: Claims | None = None
    owner_for: str = ""
    known: bool = False  # this request has found or created the user's row
    read_only: bool = False
    known_only: bool = False


def identity_of_request() -> Identity | None:
    context = current_request_or_none()
    return context.identity if context else None


@contextmanager
def required() -> Iterator[None]:
    """Requires an identity for every statement in this block. Wraps each API request."""
    context, database = current_request(), connections[DEFAULT_DB_ALIAS]
    before, context.identity = context.identity, Identity()
    try:
        with database.execute_wrapper(_with_identity):
            yield
    finally:
        context.identity = before
        _reset(database)


def identify(claims: Claims, *, read_only: bool = False, known_only: bool = False) -> None:
    """Sets the user of all later statements of this request. Asks no database.

    With `read_only`, PostgreSQL refuses every write of these statements; first contact and last
    seen, which run as the owner, are written. `known_only` is for requests without a token of the
    user: they neither create the user nor record that they were seen. Raises NoIdentity outside an
    API request.
    """
    identity = identity_of_request()
    if identity is None:
        raise NoIdentity("there is no API request to identify")
    identity.claims, identity.known = claims, False
    identity.read_only, identity.known_only = read_only, known_only


def each_as(claims: Claims, steps: Iterator[Item], **options: bool) -> Iterator[Item]:
    """Yields the items of `steps`, and runs each step as this user, as `identify` does.

    For streaming responses: they are generated after the identity of their request has ended. No
    identity and no transaction is held between the steps.
    """
    while True:
        with active(current_request_or_none() or RequestContext()), required():
            identify(claims, **options)
            try:
                item = next(steps)
            except StopIteration:
                return
        yield item


@contextmanager
def as_owner(reason: str) -> Iterator[None]:
    """Runs the statements of this block as the owner of the tables, for example to read rows before
    a user is identified. `reason` documents each exception.

    Outside API paths (admin, commands) all statements run as the owner anyway.
    """
    identity = identity_of_request()
    if identity is None:
        yield
        return
    before, identity.owner_for = identity.owner_for, reason
    try:
        _reset(connections[DEFAULT_DB_ALIAS])
        yield
    finally:
        identity.owner_for = before


def _with_identity(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Runs a statement with its prefix, as one message. A Django execute wrapper."""
    identity = identity_of_request()
    if identity is None:
        raise NoIdentity("a statement after its request has ended")
    if identity.claims is None and not identity.owner_for:
        raise NoIdentity("a statement on an API path before a user was identified")
    if many:
        raise NoIdentity("executemany sends several messages; use bulk_create")
    database: Any = context["connection"]
    # psycopg's cursor: Django's adds error handling to each fetch, even of a received result.
    cursor = context["cursor"].cursor
    if database.connection.pgconn.transaction_status == TransactionStatus.INERROR:
        # A failed transaction accepts only the rollback to a savepoint, without a prefix.
        return execute(sql, params, many, context)
    if params is None:  # without parameters a literal % is written once
        sql, params = sql.replace("%", "%%"), ()

    def run(prefix: str, *values: Any) -> tuple[Any, str | None]:
        all_params = (*values, *params) if values else params  # params may be a mapping
        result = execute(_prefixed(prefix, sql), all_params, many, context)
        status: str | None = cursor.fetchone()[-1]
        cursor.nextset()
        return result, status

    if identity.owner_for or identity.claims is None:
        return run(AS_OWNER)[0]
    # Without a token there is no view that opens a transaction. Only tests do, and write in it.
    is_reader = identity.read_only and not (identity.known_only and database.in_atomic_block)
    as_user = AS_READER if is_reader else AS_USER, identity.claims.user_id
    if database.in_atomic_block and not identity.known:
        # Before the statement: after an error in a transaction the status could not be read.
        _apply_status(identity, _status(identity))
    try:
        result, status = run(*as_user)
    except DatabaseError as exc:
        if database.in_atomic_block or not isinstance(exc.__cause__, InsufficientPrivilege):
            raise
        # A policy refused a write: the user is suspended, or their row did not exist yet.
        _apply_status(identity, _status(identity))
        result, status = run(*as_user)
    if status == "active":
        identity.known = True
        return result
    # Another request may have created the user between the prefix and the statement. A statement
    # that affected rows has succeeded then, and must not run a second time.
    if _apply_status(identity, status) and cursor.rowcount == 0:
        return run(*as_user)[0]
    return result


@lru_cache(maxsize=512)
def _prefixed(prefix: str, sql: str) -> str:
    """Returns the same string object for the same statement, which speeds up psycopg's caches."""
    return prefix + sql


def is_read_only() -> bool:
    """Returns whether the statements of this request are read-only because of its token."""
    identity = identity_of_request()
    return identity is not None and identity.read_only


def suspended_meanwhile() -> bool:
    """Returns whether the user was suspended while their transaction ran, which makes a policy
    refuse its writes. Asks the database, but not inside a transaction.
    """
    identity = identity_of_request()
    if identity is None or identity.claims is None or connection.in_atomic_block:
        return False
    return _status(identity) == "suspended"


def _apply_status(identity: Identity, status: str | None) -> bool:
    """Acts on the user's status from the prefix: creates a missing row, updates a stale one.

    Returns whether the row was missing, so that the statement ran without it. Raises Suspended.
    """
    assert identity.claims is not None  # noqa: S101  (for the type checker: see _with_identity)
    if status == "suspended" or (status is None and identity.known_only):
        raise Suspended
    if identity.known_only:
        identity.known = True
        return False
    if status is None:
        with as_owner("first contact"):
            User.objects.first_contact(identity.claims)
    elif status == "stale" and not identity.known and not connection.in_atomic_block:
        try:
            with as_owner("last seen"):
                User.objects.record_seen(identity.claims)
        except DatabaseError:
            # A read-only server still serves reads; the next request tries again.
            logger.warning("last_seen_at was not written")
    identity.known = True
    return status is None


def _status(identity: Identity) -> str | None:
    """Runs the prefix alone. Returns "active", "stale" or "suspended"; None without a row."""
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        assert identity.claims is not None  # noqa: S101  (for the type checker: see _with_identity)
        cursor.execute(AS_USER, [identity.claims.user_id])
        status: str | None = cursor.fetchone()[-1]
    return status


def _reset(database: Any) -> None:
    """Switches back to the owner in an open transaction, where the settings outlive a statement.

    Sends nothing outside a transaction: there the settings ended with their statement.
    """
    opened = database.connection
    if opened is None or opened.closed:
        return
    # libpq knows the transaction status without a round trip.
    if opened.pgconn.transaction_status == TransactionStatus.INTRANS:
        with database.wrap_database_errors:
            opened.execute(RESET)
