"""`manage.py doctor`: its checks, their hints, and secrets that it never prints."""

import io
import json
import os
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from accounts.sources import Source
from accounts.tests.key_server import KeyServer, SigningKey
from conftest import POOLED, free_port
from todo_api.tests import forked
from todo_api.tests.redis_server import RedisServer

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "never-to-be-shown"


@pytest.fixture(autouse=True)
def _production(settings: Any) -> None:
    settings.SECRET_KEY = "django-only-for-this-test-run-0123456789abcdefghijkl"
    settings.ALLOWED_HOSTS = ["api.todo.test", "localhost", "127.0.0.1", "[::1]"]
    settings.ADMIN_PATH = "back-office"


def doctor() -> list[str]:
    """Returns the lines that are printed, with the verdict last."""
    out = io.StringIO()
    try:
        call_command("doctor", stdout=out)
    except CommandError as verdict:
        out.write(f"failed: {verdict}\n")
    return out.getvalue().splitlines()


def lines_about(subject: str) -> list[str]:
    """Returns level and text of the lines about one subject, with single spaces."""
    found = [line.split() for line in doctor()]
    return [" ".join([words[0], *words[2:]]) for words in found if words[1] == subject]


def doctor_process(url: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the command as an operator does, in a process of its own."""
    service = {"DJANGO_SETTINGS_MODULE": "todo_api.settings", "DATABASE_URL": url}
    return forked.manage("doctor", *arguments, environment={**os.environ, **service}, typed=stdin)


@pytest.mark.django_db
def test_a_healthy_service_prints_one_ok_line_for_each_check() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_user")
        version, role = cursor.fetchone()

    *lines, verdict = doctor()

    assert [line.split()[:2] for line in lines] == [
        ["ok", "settings"], ["ok", "origins"], ["ok", "secret"], ["ok", "database"],
        ["ok", "tls"], ["ok", "clock"], ["ok", "access"],
        ["ok", "migrations"], ["ok", "isolation"],
    ]  # fmt: skip
    assert f" PostgreSQL {version} at " in lines[3]
    assert lines[3].endswith(f"as role {role}")
    assert verdict == "0 errors, 0 warnings"


@pytest.mark.django_db
def test_unsafe_settings_are_named_with_their_check(settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = False
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

    levels = sorted(line.split(":")[0] for line in lines_about("settings"))

    assert levels == [
        "ok DEBUG off, tokens",
        "warning security.W012",
        "warning todo_api.W001",
    ]


@pytest.mark.django_db
def test_missing_browser_origins_are_a_warning(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = []
    none = lines_about("origins")
    settings.CORS_ALLOWED_ORIGINS = ["https://other.todo.test"]
    settings.BETTER_AUTH_URL = "https://app.todo.test/"
    others = lines_about("origins")

    assert none == ["warning no browser app may call -> set CORS_ORIGINS to your app's origin"]
    assert others == [
        "ok browsers may call from https://other.todo.test",
        "warning https://app.todo.test (BETTER_AUTH_URL) may not call -> add it to CORS_ORIGINS "
        "if users open the app there",
    ]


@pytest.mark.django_db
def test_missing_migrations_are_an_error_with_their_names() -> None:
    MigrationRecorder(connection).migration_qs.filter(app="sessions", name="0001_initial").delete()

    lines = doctor()

    assert lines[-1] == "failed: 1 errors, 0 warnings"
    assert lines[-3].startswith("error    migrations   not applied: sessions.0001_initial")
    assert lines[-3].endswith("-> run manage.py migrate")


@pytest.mark.django_db
def test_a_table_without_its_policy_is_an_error() -> None:
    intact = lines_about("isolation")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tasks_task DISABLE ROW LEVEL SECURITY")
    open_table = lines_about("isolation")

    assert intact == ["ok role and policies of todo_user isolate users"]
    assert open_table == [
        "error table tasks_task: granted without row-level security"
        " -> run manage.py migrate, then manage.py verify_isolation"
    ]


@pytest.mark.django_db
def test_clocks_that_differ_are_a_warning() -> None:
    with time_machine.travel(60 + time_of_database()):
        ahead = lines_about("clock")
    with time_machine.travel(time_of_database() - 60):
        behind = lines_about("clock")

    hint = "tokens are verified by this machine's clock: synchronize it (NTP)"
    for (line,) in (ahead, behind):
        assert line.startswith(("warning 59.", "warning 60."))
        assert line.endswith(hint)


def time_of_database() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float")
        return float(cursor.fetchone()[0])


@pytest.mark.django_db
def test_a_remote_database_should_be_pooled_and_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "HOST", "ep-cool.eu.neon.tech")
    direct, tls = lines_about("database"), lines_about("tls")
    monkeypatch.setitem(connection.settings_dict, "HOST", "ep-cool-pooler.eu.neon.tech")
    pooled = lines_about("database")

    assert direct[0].startswith("warning PostgreSQL ")
    assert direct[0].endswith(
        "-> set DATABASE_URL to the -pooler address and DATABASE_URL_UNPOOLED to the direct one"
    )
    encrypted = ["ok the connection to the database is encrypted"]
    in_the_clear = ["warning passwords and tasks are sent in plain text -> add sslmode=require"]
    assert tls == (encrypted if POOLED else in_the_clear)
    assert pooled[0].startswith("ok PostgreSQL ")
    assert "at ep-cool-pooler.eu.neon.tech, pooled (by its name)," in pooled[0]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        pytest.param("127.0.0.1:1/todo", "127.0.0.1: nothing listens there", id="refused"),
        pytest.param("db.invalid/todo", "db.invalid: no such host", id="unknown host"),
        pytest.param(
            "127.0.0.1:1/todo?pgbouncer=true",
            "127.0.0.1: a parameter of the address is not understood",
            id="another tool's parameter",
        ),
        pytest.param(
            "127.0.0.1:1/todo?sslmode=bogus", "127.0.0.1: no agreement on TLS", id="sslmode"
        ),
    ],
)
def test_an_unreachable_database_is_one_error_with_a_hint(address: str, message: str) -> None:
    done = doctor_process(f"postgresql://owner:{PASSWORD}@{address}")

    found = [line for line in done.stdout.splitlines() if line.split()[1] == "database"]
    assert len(found) == 1
    assert found[0].startswith(f"error    database     {message} -> ")
    assert done.returncode == 1
    assert done.stderr.startswith("CommandError: 1 errors")
    assert PASSWORD not in done.stdout + done.stderr
    assert "owner" not in done.stdout + done.stderr


@pytest.mark.slow
def test_a_database_that_does_not_respond_is_an_error_after_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as black_hole:
        port = black_hole.getsockname()[1]
        done = doctor_process(f"postgresql://127.0.0.1:{port}/todo")

    assert "error    database     127.0.0.1: no response in time -> " in done.stdout
    assert done.returncode == 1


# --- Keys -----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_key_set_is_shown_with_its_algorithms(better_auth: KeyServer) -> None:
    better_auth.keys = [SigningKey("one"), SigningKey("two", "ES256")]

    (line,) = lines_about("key")

    assert line.startswith(
        f"ok set {better_auth.origin}: {better_auth.url}: keys: 2 (ES256, EdDSA), fetched now in "
    )
    assert better_auth.requests == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "body", "reason", "hint"),
    [
        (404, b"", "status 404", "is the jwt() plugin on?"),
        (307, b"", "status 307", "redirects are not followed"),
        (429, b"", "status 429", "the key server limits requests"),
        (500, b"", "status 500", "is the app up and reachable from here?"),
        (200, b"<html>", "the document is not JSON", "is the app up and reachable from here?"),
        (200, b'{"keys": []}', "the key set has no usable key", "is the app up"),
    ],
)
def test_a_key_set_that_cannot_be_fetched_is_an_error_with_a_hint(
    better_auth: KeyServer, status: int, body: bytes, reason: str, hint: str
) -> None:
    better_auth.response = (status, "text/html", body, {})

    (line,) = lines_about("key")

    assert line.startswith(f"error set {better_auth.origin}: {better_auth.url}: {reason} -> {hint}")


@pytest.mark.django_db
def test_each_source_is_named_by_its_issuer(
    better_auth: KeyServer, other_source: KeyServer
) -> None:
    other_source.response = (404, "text/plain", b"", {})

    app, other = lines_about("key")

    assert app.startswith(f"ok set {better_auth.origin}: {better_auth.url}: keys: 1 (EdDSA), ")
    assert other == (
        f"error set {other_source.origin}: {other_source.url}: status 404 -> is the jwt() plugin"
        " on? for another base path or jwksPath set jwks of AUTH_SOURCES[0]"
    )


@pytest.mark.django_db
def test_sources_with_the_same_address_are_one_key_set(
    better_auth: KeyServer, settings: Any
) -> None:
    issuer = f"{better_auth.origin}/api/auth"
    settings.AUTH_SOURCES = [Source(issuer, better_auth.url, ("tasks",), "AUTH_SOURCES[0]")]

    (line,) = lines_about("key")

    assert line.startswith(f"ok set {better_auth.origin}, {issuer}: {better_auth.url}: keys: 1 ")
    assert better_auth.requests == 1


@pytest.mark.django_db
def test_static_keys_turn_an_outage_into_a_warning(better_auth: KeyServer, settings: Any) -> None:
    settings.BETTER_AUTH_JWKS = json.dumps({"keys": [SigningKey("static").jwk()]})
    published = lines_about("static")
    better_auth.response = (503, "text/plain", b"", {})
    (outage,) = lines_about("key")

    assert published == [
        "ok keys BETTER_AUTH_JWKS holds 1",
        "warning keys no longer published: 'static' -> update BETTER_AUTH_JWKS",
    ]
    assert outage.startswith(f"warning set {better_auth.origin}: {better_auth.url}: status 503 -> ")


@pytest.mark.django_db
def test_keys_that_are_not_used_are_named(better_auth: KeyServer) -> None:
    private = SigningKey("leaked")
    better_auth.response = (
        200,
        "application/json",
        json.dumps({"keys": [SigningKey("good").jwk(), private.jwk(d="secret half")]}).encode(),
        {},
    )

    used, refused = lines_about("key")

    assert "keys: 1 (EdDSA)" in used
    assert f"{better_auth.url}: a key is not used: 'leaked' is a private or symmetric" in refused
    assert "secret half" not in refused


@pytest.mark.django_db
def test_an_unreachable_redis_is_a_warning_without_its_address(settings: Any) -> None:
    with RedisServer(free_port()) as redis:
        settings.REDIS_URL = redis.url
        reachable = lines_about("redis")
    unreachable = lines_about("redis")

    assert reachable == ["ok responds"]
    assert unreachable == [
        "warning unreachable (ConnectionError): each process counts separately"
        " -> check Redis and REDIS_URL"
    ]
