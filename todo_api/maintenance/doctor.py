"""The checks of `manage.py doctor`. A dependency that is down is a finding, not an exception.

To add a check, write a function that yields findings and list it in CHECKS, or in DATABASE_CHECKS
if it needs an open connection.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.checks import run_checks
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor

from accounts.fetch import FetchError, fetch
from accounts.jwk import BadKey, Key, read_set
from todo_api.env import LOOPBACK, Environment
from todo_api.maintenance import isolation

OK, WARNING, ERROR = "ok", "warning", "error"
CONNECT_SECONDS = 5
CLOCK_SECONDS = 5
OLDEST_POSTGRESQL = 15
POOLER_PORT = 6432


@dataclass(frozen=True)
class Finding:
    """One line of output: level, subject, text, and a hint for the operator."""

    level: str
    about: str
    text: str
    hint: str = ""


Findings = Iterator[Finding]


def examine() -> Findings:
    """Runs all checks and yields their findings."""
    for check in CHECKS:
        yield from check()


# --- Settings -------------------------------------------------------------------------------------


def check_settings() -> Findings:
    mode = "on (development)" if settings.DEBUG else "off"
    accounts = "on" if settings.LOCAL_ACCOUNTS else "off"
    tokens = " and ".join(settings.BETTER_AUTH_TOKENS)
    yield Finding(OK, "settings", f"DEBUG {mode}, tokens: {tokens}, local accounts {accounts}")
    for message in run_checks(include_deployment_checks=not settings.DEBUG):
        if not message.is_silenced():
            level = ERROR if message.is_serious() else WARNING
            text = " ".join(f"{message.id}: {message.msg}".split())
            yield Finding(level, "settings", text, " ".join((message.hint or "").split()))


def check_origins() -> Findings:
    origins = settings.CORS_ALLOWED_ORIGINS
    if not origins:
        yield Finding(
            WARNING, "origins", "no browser app may call", "set CORS_ORIGINS to your app's origin"
        )
        return
    yield Finding(OK, "origins", f"browsers may call from {', '.join(origins)}")
    app = Environment.origin_of(settings.BETTER_AUTH_URL)
    if app and app not in origins:
        yield Finding(
            WARNING, "origins", f"{app} (BETTER_AUTH_URL) may not call",
            "add it to CORS_ORIGINS if users open the app there",
        )  # fmt: skip


# --- Keys -----------------------------------------------------------------------------------------


def check_keys() -> Findings:
    if "hs256" in settings.BETTER_AUTH_TOKENS:
        yield Finding(OK, "secret", "HS256 tokens under BETTER_AUTH_SECRET are accepted")
    if "jwks" not in settings.BETTER_AUTH_TOKENS:
        return
    static: dict[str, Key] = {}
    if settings.BETTER_AUTH_JWKS:
        static, _ = read_set(settings.BETTER_AUTH_JWKS)
        yield Finding(OK, "static keys", f"BETTER_AUTH_JWKS holds {len(static)}")
    url, started_at = settings.BETTER_AUTH_JWKS_URL, time.monotonic()
    try:
        keys, refused = read_set(fetch(url))
    except (FetchError, BadKey) as exc:
        # With static keys the service works without the key server.
        level = WARNING if static else ERROR
        yield Finding(level, "key set", f"{url}: {exc}", key_set_hint(str(exc)))
        return
    algorithms = ", ".join(sorted({key.algorithm for key in keys.values()}))
    milliseconds = (time.monotonic() - started_at) * 1000
    text = f"{url}: keys: {len(keys)} ({algorithms}), fetched now in {milliseconds:.0f} ms"
    yield Finding(OK, "key set", text)
    for reason in refused:
        yield Finding(
            WARNING, "key set", f"a key is not used: {reason}", "tokens under it get a 401"
        )
    if withdrawn := sorted(set(static) - set(keys)):
        yield Finding(
            WARNING, "static keys", f"no longer published: {', '.join(map(ascii, withdrawn))}",
            "update BETTER_AUTH_JWKS",
        )  # fmt: skip


def key_set_hint(reason: str) -> str:
    if reason == "status 404":
        return "is the jwt() plugin on? for another base path or jwksPath set BETTER_AUTH_JWKS_URL"
    if reason.startswith("status 3"):
        return "redirects are not followed: set BETTER_AUTH_JWKS_URL to the final address"
    if reason == "status 429":
        return "the key server limits requests: wait, and run doctor less often"
    return "is the app up and reachable from here? check BETTER_AUTH_URL, BETTER_AUTH_JWKS_URL"


# --- Database -------------------------------------------------------------------------------------

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
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        names = ", ".join(f"{step.app_label}.{step.name}" for step, _ in plan)
        yield Finding(ERROR, "migrations", f"not applied: {names}", "run manage.py migrate")
    else:
        yield Finding(OK, "migrations", "all applied")


def select(*expressions: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(expressions)}")
        row: tuple[Any, ...] = cursor.fetchone()
    return row


Check = Callable[[], Findings]


def check_isolation() -> Findings:
    """Checks the role and the policies. `verify_isolation` also tries to break them."""
    holes = [f"{rule.claim}: {rule.actual}" for rule in isolation.rules() if not rule.holds]
    if holes:
        hint = "run manage.py migrate, then manage.py verify_isolation"
        yield Finding(ERROR, "isolation", "; ".join(holes), hint)
    else:
        yield Finding(OK, "isolation", "role and policies of todo_user isolate users")


# --- Redis ----------------------------------------------------------------------------------------


def check_redis() -> Findings:
    """Checks REDIS_URL. Without Redis the service works, and each process counts separately."""
    if not settings.REDIS_URL:
        return
    from redis import RedisError

    from todo_api.limits.shared_counter import SharedCounter

    try:
        SharedCounter(settings.REDIS_URL).ping()
    except RedisError as exc:
        yield Finding(
            WARNING, "redis", f"unreachable ({type(exc).__name__}): each process counts separately",
            "check Redis and REDIS_URL",
        )  # fmt: skip
    else:
        yield Finding(OK, "redis", "responds")


DATABASE_CHECKS: tuple[Check, ...] = (
    check_server_version, check_encryption, check_clock, check_migrations, check_isolation,
)  # fmt: skip
CHECKS: tuple[Check, ...] = (
    check_settings, check_origins, check_keys, check_database, check_redis,
)  # fmt: skip
