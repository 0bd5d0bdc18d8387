"""Checks the database: the connection, the server, the migrations and the isolation of users."""

import re
import time
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

from todo_api.addresses import LOOPBACK
from todo_api.maintenance import access, isolation
from todo_api.maintenance.doctor.finding import ERROR, OK, WARNING, Check, Finding, Findings
from todo_api.maintenance.migrations import is_of_newer_release, unapplied

CONNECT_SECONDS = 5
CLOCK_SECONDS = 5
OLDEST_POSTGRESQL = 15
POOLER_PORT = 6432
NAMES_SHOWN = 5  # of migrations

# Pattern of a libpq message, text and hint. libpq's own message contains users and addresses.
CONNECTION_ERRORS = (
    (r"resolve host|translate host", "no such host", "check the host in DATABASE_URL"),
    (
        r"password|authentication",
        "user or password is refused",
        "copy DATABASE_URL again, and percent-encode special characters in it",
    ),
    (
        r"refused|No such file",
        "nothing listens there",
        "start the server, or check host and port in DATABASE_URL",
    ),
    (
        r"timeout|timed out",
        "no response in time",
        "a firewall or an allow-list of addresses? a sleeping database? try again",
    ),
    (r"(database|role) .* does not exist", r"the \1 does not exist", "check DATABASE_URL"),
    (
        r"connection option|startup parameter",
        "a parameter of the address is not understood",
        "remove parameters for other tools from DATABASE_URL",
    ),
    (r"too many|connection slots", "no connection is free", "use the pooled address"),
    (r"ssl|certificate", "no agreement on TLS", "check sslmode and sslrootcert in DATABASE_URL"),
)


def check_database() -> Findings:
    """Connects, then runs DATABASE_CHECKS. An error ends them and is a finding."""
    connection.settings_dict["OPTIONS"].setdefault("connect_timeout", CONNECT_SECONDS)
    try:
        connection.ensure_connection()
        for check in DATABASE_CHECKS:
            yield from check()
    except (DatabaseError, InterfaceError) as exc:
        text, hint = connection_error(exc)
        yield Finding(ERROR, "database", f"{host() or 'local socket'}: {text}", hint)


def connection_error(exc: Exception) -> tuple[str, str]:
    """Returns text and hint for an error of the database."""
    for pattern, text, hint in CONNECTION_ERRORS:
        if found := re.search(pattern, str(exc), re.IGNORECASE):
            return found.expand(text), hint
    state = getattr(exc.__cause__, "sqlstate", None) or "none"
    return f"{type(exc).__name__} (SQLSTATE {state})", "look at the log of the server"


def host() -> str:
    """Returns the host name of the database; "" for a local socket."""
    database = connection.settings_dict
    name = str(database["HOST"] or database["OPTIONS"].get("host", ""))
    return "" if name.startswith("/") else name


def check_server_version() -> Findings:
    role, version = select("current_user", "current_setting('server_version')")
    pooled = "-pooler" in host() or str(connection.settings_dict["PORT"]) == str(POOLER_PORT)
    kind = "pooled (by its name)" if pooled else "direct"
    text = f"PostgreSQL {version} at {host() or 'local socket'}, {kind}, as role {role}"
    if int(version.partition(".")[0]) < OLDEST_POSTGRESQL:
        hint = f"PostgreSQL {OLDEST_POSTGRESQL} or newer is needed"
        yield Finding(ERROR, "database", text, hint)
    elif host().endswith(".neon.tech") and not pooled:
        hint = "set DATABASE_URL to the -pooler address and DATABASE_URL_UNPOOLED to the direct one"
        yield Finding(WARNING, "database", text, hint)
    else:
        yield Finding(OK, "database", text)


def check_encryption() -> Findings:
    if connection.connection.pgconn.ssl_in_use:
        yield Finding(OK, "tls", "the connection to the database is encrypted")
    elif host() in {"", *LOOPBACK}:
        yield Finding(OK, "tls", "not needed: the database is on this machine")
    else:
        yield Finding(
            WARNING, "tls", "passwords and tasks are sent in plain text", "add sslmode=require"
        )


def check_clock() -> Findings:
    before = time.time()
    (database_time,) = select("extract(epoch FROM clock_timestamp())::float")
    after = time.time()
    # The database read its clock between `before` and `after`.
    difference = max(before - database_time, database_time - after, 0.0)
    text = f"{difference:.1f} s between this machine and the database"
    if difference > CLOCK_SECONDS:
        hint = "tokens are verified by this machine's clock: synchronize it (NTP)"
        yield Finding(WARNING, "clock", text, hint)
    else:
        yield Finding(OK, "clock", text)


def check_migrations() -> Findings:
    if names := unapplied():
        shown = ", ".join(names[:NAMES_SHOWN])
        more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
        text = f"not applied: {shown}{more}"
        yield Finding(ERROR, "migrations", text, "run manage.py migrate")
    else:
        yield Finding(OK, "migrations", "all applied")


def select(*expressions: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(expressions)}")
        row: tuple[Any, ...] = cursor.fetchone()
    return row


def check_access() -> Findings:
    """Checks what API requests may do. Repairs it in a transaction that is rolled back, to see
    whether `migrate` could.
    """
    find = access.missing_before_migrating  # without these, the tables cannot be read
    if not find():
        if is_of_newer_release():
            yield Finding(OK, "access", "not checked: a newer release has migrated the database")
            return
        find = access.missing
    try:
        missing = access.repair(find, keep=False)
    except access.Refused as exc:
        hint = "as an administrator of the database run these, then manage.py migrate"
        yield Finding(ERROR, "access", f"missing: {'; '.join(exc.statements)}", hint)
        return
    if access.other_schema():
        text = f"the connection is in the schema {access.current_schema()}, not DATABASE_SCHEMA"
        yield Finding(ERROR, "access", text, "run manage.py migrate, and restart the pooler")
        return
    if missing:
        text = f"missing: {'; '.join(missing)}"
        yield Finding(ERROR, "access", text, "run manage.py migrate")
    elif not unapplied() and not access.runs_as_todo_user():
        text = "a statement as todo_user fails"
        yield Finding(ERROR, "access", text, "look at the log of the server")
    else:
        yield Finding(OK, "access", "API requests can run as todo_user")


def check_isolation() -> Findings:
    """Checks the role and the policies. `verify_isolation` also tries to break them."""
    holes = [f"{rule.claim}: {rule.actual}" for rule in isolation.rules() if not rule.holds]
    if holes:
        hint = "run manage.py migrate, then manage.py verify_isolation"
        yield Finding(ERROR, "isolation", "; ".join(holes), hint)
    else:
        yield Finding(OK, "isolation", "role and policies of todo_user isolate users")


DATABASE_CHECKS: tuple[Check, ...] = (
    check_server_version, check_encryption, check_clock, check_access, check_migrations,
    check_isolation,
)  # fmt: skip
