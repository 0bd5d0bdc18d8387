"""Environment variables: the error for an invalid or missing one names it and stops the process."""

import os
import subprocess
import sys

import pytest

from conftest import ROOT

PRODUCTION = {
    "PYTHON_DOTENV_DISABLED": "1",
    "PATH": os.environ["PATH"],
    "SECRET_KEY": "s3cr3t-of-django-for-this-test-0123456789abcdef-XYZ",
    "DATABASE_URL": "postgresql://user:pass-word@db.todo.test/name?sslmode=require",
    "BETTER_AUTH_URL": "https://app.todo.test",
    "ALLOWED_HOSTS": "api.todo.test",
    "CORS_ORIGINS": "https://app.todo.test/",
    "ADMIN_PATH": "back-office",
}


def start(*arguments: str, **variables: str | None) -> subprocess.CompletedProcess[str]:
    """Runs Python with the variables of a production server. The value None removes a variable."""
    environment = {name: value for name, value in {**PRODUCTION, **variables}.items() if value}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def read(expression: str, **variables: str | None) -> str:
    """Returns the printed value of an expression over `settings`."""
    result = start("-c", f"from todo_api import settings; print({expression})", **variables)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_production_variables_pass_the_deploy_checks() -> None:
    result = start("manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SECRET_KEY", None, "SECRET_KEY: is missing"),
        ("SECRET_KEY", "short", "SECRET_KEY: expected at least 32 bytes"),
        ("SECRET_KEY", "django-insecure-" + "x1y2z3" * 9, "SECRET_KEY: is a well-known"),
        ("SECRET_KEY", "a" * 50, "SECRET_KEY: is a well-known"),
        ("BETTER_AUTH_SECRET", "0123456789", "BETTER_AUTH_SECRET: expected at least 32 bytes"),
        (
            "BETTER_AUTH_SECRET",
            "better-auth-secret-12345678901234567890",
            "BETTER_AUTH_SECRET: is a well-known",
        ),
        (
            "BETTER_AUTH_SECRET",
            "-----BEGIN PUBLIC KEY-----MCowBQYDK2VwAyEA",
            "BETTER_AUTH_SECRET: is the text of a key",
        ),
        ("BETTER_AUTH_URL", None, "BETTER_AUTH_URL: set it (or BETTER_AUTH_SECRET)"),
        ("BETTER_AUTH_URL", "app.todo.test", "BETTER_AUTH_URL: expected an address"),
        ("BETTER_AUTH_URL", "http://app.todo.test", "BETTER_AUTH_URL: expected https"),
        ("BETTER_AUTH_URL", "https://app.todo.test?x=1", "BETTER_AUTH_URL: expected an address"),
        ("BETTER_AUTH_URL", "https://app.todo.test/#", "BETTER_AUTH_URL: expected an address"),
        ("BETTER_AUTH_JWKS_URL", "http://keys.todo.test/x", "BETTER_AUTH_JWKS_URL: expected https"),
        ("BETTER_AUTH_TOKENS", "hs256", "BETTER_AUTH_SECRET: is missing"),
        ("BETTER_AUTH_TOKENS", "rs256", "BETTER_AUTH_TOKENS: expected some of jwks, hs256"),
        ("BETTER_AUTH_JWKS", "no-such-file.json", "BETTER_AUTH_JWKS: expected JSON"),
        ("DATABASE_URL", None, "DATABASE_URL: is missing"),
        ("DATABASE_URL", "sqlite:///db.sqlite3", "DATABASE_URL: expected postgresql://"),
        ("DATABASE_URL", "postgresql://u:p@host", "DATABASE_URL: expected postgresql://"),
        ("DATABASE_URL", "postgresql://u:p@h:port/x", "DATABASE_URL: expected postgresql://"),
        ("CORS_ORIGINS", "*", "CORS_ORIGINS: a wildcard"),
        ("CORS_ORIGINS", "https://*.todo.test", "CORS_ORIGINS: a wildcard"),
        ("CORS_ORIGINS", "app.todo.test", "CORS_ORIGINS: expected origins"),
        ("CORS_ORIGINS", "https://app.todo.test/path", "CORS_ORIGINS: expected origins"),
        ("FRONTEND_URL", "nonsense", "FRONTEND_URL: expected origins"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS: a wildcard"),
        ("ALLOWED_HOSTS", "api.todo.test,.todo.test", "ALLOWED_HOSTS: a wildcard"),
        ("ALLOWED_HOSTS", "https://api.todo.test", "ALLOWED_HOSTS: expected host names"),
        ("BETTER_AUTH_JWKS", "{}", "BETTER_AUTH_JWKS: the document is not a key set"),
        ("DEBUG", "maybe", "DEBUG: expected on or off"),
        ("STRICT_INPUT", "2", "STRICT_INPUT: expected on or off"),
        ("JWT_EXPIRATION_HOURS", "0", "JWT_EXPIRATION_HOURS: expected a whole number from 1"),
        ("JWT_EXPIRATION_HOURS", "a day", "JWT_EXPIRATION_HOURS: expected a whole number"),
        ("ADMIN_PATH", "back/office", "ADMIN_PATH: expected letters, digits"),
        ("ADMIN_PATH", "api", "ADMIN_PATH: expected letters, digits"),
        ("ADMIN_SESSION_HOURS", "0", "ADMIN_SESSION_HOURS: expected a whole number from 1"),
        ("RATE_LIMIT_PER_MINUTE", "many", "RATE_LIMIT_PER_MINUTE: expected a whole number from 0"),
        ("REDIS_URL", "http://:pass-word@h", "REDIS_URL: expected redis://"),
        ("REDIS_URL", "redis://:pass-word@h:port", "REDIS_URL: expected redis://"),
        ("REDIS_URL", "redis://:pass-word@h?unknown=1", "REDIS_URL: expected redis://"),
        ("TRUSTED_PROXY_COUNT", "-1", "TRUSTED_PROXY_COUNT: expected a whole number from 0"),
    ],
)
def test_a_variable_that_is_missing_or_unsafe_stops_the_start_by_name(
    name: str, value: str | None, message: str
) -> None:
    unset = {"CORS_ORIGINS": None} if name == "FRONTEND_URL" else {}

    result = start("-c", "import todo_api.settings", **{**unset, name: value})

    assert result.returncode != 0
    assert message in result.stderr
    assert "pass-word" not in result.stderr


def test_all_invalid_variables_are_reported_together() -> None:
    result = start("manage.py", "check", SECRET_KEY=None, DATABASE_URL=None, CORS_ORIGINS="*")

    for name in ("SECRET_KEY", "DATABASE_URL", "CORS_ORIGINS"):
        assert f"\n  {name}: " in result.stderr


def test_an_invalid_variable_stops_the_web_server() -> None:
    result = start("-m", "gunicorn", "todo_api.asgi", "--bind", "127.0.0.1:0", SECRET_KEY=None)

    assert result.returncode != 0
    assert "SECRET_KEY: is missing" in result.stderr


@pytest.mark.parametrize(
    "url",
    [
        "postgres://u:p@h/n?sslmode=require",
        "postgresql+asyncpg://u:p@h/n?ssl=require",
        "postgresql+psycopg2://u:p@h/n?sslmode=require",
        "postgresql+asyncpg://u:p@h/n?ssl=true",
        "'postgresql://u:p@h/n?sslmode=require'",
        '"postgresql://u:p@h/n?sslmode=require" ',
    ],
)
def test_all_forms_of_a_database_url_are_equivalent(url: str) -> None:
    expression = "[settings.DATABASES['default'][k] for k in ('ENGINE', 'HOST', 'NAME', 'OPTIONS')]"

    engine = "'todo_api.postgresql', 'h', 'n', {'sslmode': 'require'}"
    assert read(expression, DATABASE_URL=url) == f"[{engine}]"


def test_parameters_of_the_database_url_are_passed_to_the_driver() -> None:
    url = "postgresql://u:p%40ss@h:6543/n?sslmode=verify-full&channel_binding=require"

    assert read("settings.DATABASES['default']['OPTIONS']", DATABASE_URL=url) == str(
        {"sslmode": "verify-full", "channel_binding": "require"}
    )
    assert read("settings.DATABASES['default']['PASSWORD']", DATABASE_URL=url) == "p@ss"


def test_issuer_and_audience_default_to_the_origin_of_better_auth() -> None:
    expression = (
        "settings.BETTER_AUTH_ISSUER, settings.BETTER_AUTH_AUDIENCE, settings.BETTER_AUTH_JWKS_URL"
    )

    found = read(expression, BETTER_AUTH_URL="https://app.todo.test/base/")
    routes = read("settings.BETTER_AUTH_URL", BETTER_AUTH_URL="https://app.todo.test/api/auth/")

    keys = "https://app.todo.test/base/api/auth/jwks"
    assert found == f"https://app.todo.test https://app.todo.test {keys}"
    assert routes == "https://app.todo.test"
    origin = read("settings.BETTER_AUTH_ISSUER", BETTER_AUTH_URL="https://App.Todo.test:443")
    assert origin == "https://app.todo.test"


def test_the_address_of_the_key_set_may_have_a_query() -> None:
    url = "https://keys.todo.test/jwks?app=1"

    assert read("settings.BETTER_AUTH_JWKS_URL", BETTER_AUTH_JWKS_URL=url) == url


def test_an_origin_loses_its_slash_and_frontend_url_is_the_fallback() -> None:
    assert read("settings.CORS_ALLOWED_ORIGINS") == "['https://app.todo.test']"
    assert (
        read(
            "settings.CORS_ALLOWED_ORIGINS", CORS_ORIGINS=None, FRONTEND_URL="https://f.todo.test/"
        )
        == "['https://f.todo.test']"
    )
    assert read("settings.CORS_ALLOWED_ORIGINS", CORS_ORIGINS=None) == "[]"


def test_origins_are_normalized_as_browsers_send_them() -> None:
    origins = "HTTPS://App.Todo.test,https://b.todo.test:443/,http://localhost:3000,http://[::1]:80"

    assert read("settings.CORS_ALLOWED_ORIGINS", CORS_ORIGINS=origins) == str(
        ["https://app.todo.test", "https://b.todo.test", "http://localhost:3000", "http://[::1]"]
    )


def test_local_accounts_are_on_only_where_hs256_is_accepted() -> None:
    secret = PRODUCTION["SECRET_KEY"]

    assert read("settings.LOCAL_ACCOUNTS") == "False"
    assert read("settings.LOCAL_ACCOUNTS", BETTER_AUTH_SECRET=secret) == "False"
    both = {"BETTER_AUTH_SECRET": secret, "BETTER_AUTH_TOKENS": "jwks,hs256"}
    assert read("settings.LOCAL_ACCOUNTS", **both) == "True"
    assert read("settings.LOCAL_ACCOUNTS", **both, LOCAL_ACCOUNTS="off") == "False"


def test_missing_host_names_are_a_warning_with_an_id() -> None:
    result = start("manage.py", "check", "--deploy", "--fail-level", "WARNING", ALLOWED_HOSTS=None)

    assert result.returncode == 1
    assert "todo_api.W001" in result.stderr


def test_the_default_admin_path_is_a_warning_with_an_id() -> None:
    result = start("manage.py", "check", "--deploy", "--fail-level", "WARNING", ADMIN_PATH=None)

    assert result.returncode == 1
    assert "todo_api.W002" in result.stderr
    assert "HINT: Set ADMIN_PATH" in result.stderr
