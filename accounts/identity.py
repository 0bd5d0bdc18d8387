"""The database identity: statements run as this person, or not at all.

On API paths each statement travels behind a call of `todo_become`, which switches to the role
`todo_user` and names the person, so that row-level security decides what it can touch. Both go to
PostgreSQL as one message, which runs as one transaction: one round trip, and nothing stays behind
on the connection for whoever gets it next from the pooler. See docs/architecture.md.
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

# Transaction-local, like all that it does (accounts/migrations/0007_become.py).
AS_PERSON = "SELECT todo_become(%s); "
# Transaction-local, too: whatever runs for a caller gives up in time.
AS_OWNER = (
    "SELECT set_config('statement_timeout', '5s', true), set_config('lock_timeout', '2s', true),"
    " set_config('idle_in_transaction_session_timeout', '10s', true); "
)
PUT_BACK = "SELECT set_config('role', 'none', true), set_config('app.user_id', '', true)"


class NoIdentity(RuntimeError):
    """A statement on an API path before anybody was identified: a view without its permission
    class, or code that outlived its request. Nothing was sent to the database.
    """


class Suspended(PermissionDenied):
    """Whoever the token speaks of may do nothing here any more, or for now."""

    default_detail = "This account is suspended"
    default_code = "account_suspended"


@dataclass
class Identity:
    """As whom the statements of an API request run, and why they may run as the owner."""

    claims: Claims | None = None
    owner_for: str = ""
    known: bool = False  # the person's row was seen, or made, during this request


def identity_of_request() -> Identity | None:
    context = current_request_or_none()
    return context.identity if context else None


@contextmanager
def required() -> Iterator[None]:
    """In this block, statements need an identity. It goes around each API request."""
    context, database = current_request(), connections[DEFAULT_DB_ALIAS]
    before, context.identity = context.identity, Identity()
    try:
        with database.execute_wrapper(_with_identity):
            yield
    finally:
        context.identity = before
        _put_back(database)


def identify(claims: Claims) -> None:
    """The following statements of this request run as this person. Asks no database."""
    identity = identity_of_request()
    if identity is None:
        raise NoIdentity("there is no API request to identify")
    identity.claims, identity.known = claims, False


def each_as(claims: Claims, steps: Iterator[Item]) -> Iterator[Item]:
    """Takes each step as this user, for a response that is made while it is sent: the identity of
    its request is gone by then. Nothing is held between the steps.
    """
    while True:
        with active(current_request_or_none() or RequestContext()), required():
            identify(claims)
            try:
                item = next(steps)
            except StopIteration:
                return
        yield item


@contextmanager
def as_owner(reason: str) -> Iterator[None]:
    """The deliberate exceptions, each with its reason: what must see rows of people who are not
    identified yet. Outside API paths (admin, commands) everything is the owner's anyway.
    """
    identity = identity_of_request()
    if identity is None:
        yield
        return
    before, identity.owner_for = identity.owner_for, reason
    try:
        _put_back(connections[DEFAULT_DB_ALIAS])
        yield
    finally:
        identity.owner_for = before


def _with_identity(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Django's execute wrapper: the statement behind the prefix, as one message."""
    identity = identity_of_request()
    if identity is None:
        raise NoIdentity("a statement after the request that it belonged to")
    if identity.claims is None and not identity.owner_for:
        raise NoIdentity("a statement on an API path before anybody was identified")
    if many:
        raise NoIdentity("executemany sends several messages; use bulk_create")
    database: Any = context["connection"]
    # psycopg's own: Django's cursor would wrap each look at an answer that is here already.
    cursor = context["cursor"].cursor
    if database.connection.pgconn.transaction_status == TransactionStatus.INERROR:
        # All that PostgreSQL takes now is the way back to a savepoint, and nothing before it.
        return execute(sql, params, many, context)
    if params is None:  # then a literal % is not doubled
        sql, params = sql.replace("%", "%%"), ()

    def run(prefix: str, *values: Any) -> tuple[Any, str | None]:
        sent = (*values, *params) if values else params  # which may be a mapping
        result = execute(_behind(prefix, sql), sent, many, context)
        status: str | None = cursor.fetchone()[-1]
        cursor.nextset()
        return result, status

    if identity.owner_for or identity.claims is None:
        return run(AS_OWNER)[0]
    as_person = AS_PERSON, identity.claims.user_id
    if database.in_atomic_block and not identity.known:
        # Inside a transaction a refused statement could not be explained afterwards.
        _settle(identity, _status(identity))
    try:
        result, status = run(*as_person)
    except DatabaseError as exc:
        if database.in_atomic_block or not isinstance(exc.__cause__, InsufficientPrivilege):
            raise
        # A policy refused a write: the person may be suspended, or new (or have been until now).
        _settle(identity, _status(identity))
        result, status = run(*as_person)
    if status == "active":
        identity.known = True
        return result
    # Another request may have made the person between the prefix and the statement: what touched a
    # row has worked, and would work twice.
    if _settle(identity, status) and cursor.rowcount == 0:
        return run(*as_person)[0]
    return result


@lru_cache(maxsize=512)
def _behind(prefix: str, sql: str) -> str:
    """The same text for the same statement: what is remembered of it is found at once."""
    return prefix + sql


def suspended_meanwhile() -> bool:
    """Whether a policy refused a write because its person was suspended while their transaction
    ran. Asks the database, but not while a transaction goes on.
    """
    identity = identity_of_request()
    if identity is None or identity.claims is None or connection.in_atomic_block:
        return False
    return _status(identity) == "suspended"


def _settle(identity: Identity, status: str | None) -> bool:
    """Acts on what the prefix said of the person. Returns whether they had no row, so that the
    statement may have missed it. Raises Suspended for suspended people.
    """
    assert identity.claims is not None  # noqa: S101  (for the type checker: see _with_identity)
    if status == "suspended":
        raise Suspended
    if status is None:
        with as_owner("first contact"):
            User.objects.first_contact(identity.claims)
    elif status == "stale" and not identity.known and not connection.in_atomic_block:
        try:
            with as_owner("last seen"):
                User.objects.seen(identity.claims)
        except DatabaseError:
            # A read-only server still answers reads; the next request tries again.
            logger.warning("last_seen_at was not written")
    identity.known = True
    return status is None


def _status(identity: Identity) -> str | None:
    """What the prefix says of the person, asked alone."""
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        assert identity.claims is not None  # noqa: S101  (for the type checker: see _with_identity)
        cursor.execute(AS_PERSON, [identity.claims.user_id])
        status: str | None = cursor.fetchone()[-1]
    return status


def _put_back(database: Any) -> None:
    """Inside an outer transaction the settings outlive the statement: what follows is the owner's.

    Otherwise they ended with the statement, and nothing is sent.
    """
    opened = database.connection
    if opened is None or opened.closed:
        return
    # What psycopg knows without asking the server.
    if opened.pgconn.transaction_status == TransactionStatus.INTRANS:
        with database.wrap_database_errors:
            opened.execute(PUT_BACK)
