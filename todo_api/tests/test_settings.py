"""Environment variables: the error for an invalid or missing one names it and stops the process."""

import os
import re
import runpy
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from conftest import ROOT
from todo_api.tests import forked

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


def environment(variables: dict[str, str | None]) -> dict[str, str]:
    """Returns the variables of a production server. The value None removes a variable."""
    return {name: value for name, value in {**PRODUCTION, **variables}.items() if value is not None}


def start(*arguments: str, **variables: str | None) -> subprocess.CompletedProcess[str]:
    """Runs Python with the variables of a production server."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(variables),
        capture_output=True,
        text=True,
        check=False,
    )


def load(**variables: str | None) -> Any:
    """Returns the settings of a production server. Raises ImproperlyConfigured."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", environment(variables))
        return SimpleNamespace(**runpy.run_path(str(ROOT / "todo_api/settings.py")))


def problem(**variables: str | None) -> str:
    """Returns the message that stops the start."""
    with pytest.raises(ImproperlyConfigured) as caught:
        load(**variables)
    return str(caught.value)


def deploy_checks(**variables: str | None) -> subprocess.CompletedProcess[str]:
    checks = ("check", "--deploy", "--fail-level", "WARNING")
    return forked.manage(*checks, environment=environment(variables))


def test_production_variables_pass_the_deploy_checks() -> None:
    result = deploy_checks()

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
        ("CORS_ORIGINS", "https://*.vercel.app", "CORS_ORIGINS: a wildcard"),
        ("CORS_ORIGINS", "https://*-team.co.uk", "CORS_ORIGINS: a wildcard"),
        ("CORS_ORIGINS", "https://a-*-team.vercel.app", "CORS_ORIGINS: a wildcard"),
        ("CORS_ORIGINS", "http://*-team.vercel.app", "CORS_ORIGINS: a wildcard"),
        ("CORS_ORIGINS", "https://me:pass-word@app.todo.test", "without user and password"),
        ("CORS_ORIGINS", "app.todo.test", "CORS_ORIGINS: expected origins"),
        ("CORS_ORIGINS", "https://app.todo.test/path", "CORS_ORIGINS: expected origins"),
        ("FRONTEND_URL", "nonsense", "FRONTEND_URL: expected origins"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS: a wildcard"),
        ("ALLOWED_HOSTS", "api.todo.test,.todo.test", "ALLOWED_HOSTS: a wildcard"),
        ("ALLOWED_HOSTS", "https://api.todo.test", "ALLOWED_HOSTS: expected host names"),
        ("ALLOWED_HOSTS", "api.todo.test # production", "ALLOWED_HOSTS: expected a host name"),
        ("ALLOWED_HOSTS", "api_1.todo.test", "ALLOWED_HOSTS: expected a host name"),
        ("ALLOWED_HOSTS", "api..todo.test", "ALLOWED_HOSTS: expected a host name"),
        ("ALLOWED_HOSTS", "[::1", "ALLOWED_HOSTS: expected host names"),
        ("ALLOWED_HOSTS", "${{RAILWAY_PUBLIC_DOMAIN}}", "ALLOWED_HOSTS: contains a reference"),
        ("BETTER_AUTH_URL", "https://app.todo.test # app", "BETTER_AUTH_URL: expected an address"),
        ("BETTER_AUTH_URL", "https://app_1.todo.test", "BETTER_AUTH_URL: expected an address"),
        ("BETTER_AUTH_URL", "{{ APP_URL }}", "BETTER_AUTH_URL: contains a reference"),
        ("BETTER_AUTH_URL", "https://me:pass-word@app.todo.test", "without user and password"),
        ("BETTER_AUTH_JWKS_URL", "http://me:pass-word@keys/x", "without user and password"),
        ("BETTER_AUTH_JWKS_URL", "https://me:pass-word@[keys", "BETTER_AUTH_JWKS_URL: expected"),
        ("PLAIN_HTTP_HOSTS", "app.todo.test", "PLAIN_HTTP_HOSTS: expected hosts of a private"),
        ("PLAIN_HTTP_HOSTS", "*", "PLAIN_HTTP_HOSTS: expected hosts of a private"),
        ("CORS_HEADERS", "*", "CORS_HEADERS: expected names of headers"),
        ("ADMIN_ORIGINS", "admin.todo.test", "ADMIN_ORIGINS: expected origins"),
        ("ADMIN_ORIGINS", "https://*-team.vercel.app", "ADMIN_ORIGINS: "),
        ("SECRET_KEY", "${SECRET_KEY}", "SECRET_KEY: contains a reference"),
        ("BETTER_AUTH_URL", "https://app.todo.test/my path", "BETTER_AUTH_URL: expected an addr"),
        ("ALLOWED_HOSTS", f"{'a' * 64}.todo.test", "ALLOWED_HOSTS: expected a host name"),
        ("DATABASE_URL", "${DATABASE_URL}", "DATABASE_URL: contains a reference"),
        ("DATABASE_URL", "postgresql://u:pass-word@h/n # main", "DATABASE_URL: expected postgres"),
        ("DATABASE_URL", "postgresql://u:pass#word@h/n", "DATABASE_URL: expected postgresql://"),
        ("BETTER_AUTH_JWKS", "{}", "BETTER_AUTH_JWKS: the document is not a key set"),
        ("DEBUG", "maybe", "DEBUG: expected on or off"),
        ("STRICT_INPUT", "2", "STRICT_INPUT: expected on or off"),
        ("TRASH_DAYS", "0", "TRASH_DAYS: expected a whole number from 1 to 3650 (it is '0')"),
        ("TRASH_DAYS", "3651", "TRASH_DAYS: expected a whole number from 1 to 3650"),
        ("TRASH_DAYS", "30d", "TRASH_DAYS: expected a whole number from 1 to 3650"),
        ("API_TASK_EXTRAS", '{"deleted_at": 1}', "API_TASK_EXTRAS: these members exist already"),
        ("JWT_EXPIRATION_HOURS", "0", "JWT_EXPIRATION_HOURS: expected a whole number from 1"),
        ("JWT_EXPIRATION_HOURS", "a day", "JWT_EXPIRATION_HOURS: expected a whole number"),
        ("ADMIN_PATH", "back/office", "ADMIN_PATH: expected letters, digits"),
        ("ADMIN_PATH", "api", "ADMIN_PATH: expected letters, digits"),
        ("ADMIN_PATH", "/", "ADMIN_PATH: expected letters, digits"),
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

    found = problem(**{**unset, name: value})

    assert message in found
    assert "pass-word" not in found


@pytest.mark.parametrize(
    "command",
    [
        ("manage.py", "doctor"),
        ("manage.py", "migrate"),
        ("-m", "gunicorn", "todo_api.asgi", "--bind", "127.0.0.1:0"),
    ],
    ids=["doctor", "migrate", "gunicorn"],
)
def test_commands_and_the_web_server_print_only_the_list_of_invalid_variables(
    command: tuple[str, ...],
) -> None:
    result = start(*command, SECRET_KEY=None, DATABASE_URL=None, CORS_ORIGINS="*")

    assert result.returncode == 1
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert lines[0] == "The service cannot start with these settings:"
    assert [line.partition(":")[0] for line in lines[1:-1]] == [
        "  SECRET_KEY", "  DATABASE_URL", "  CORS_ORIGINS",
    ]  # fmt: skip
    assert lines[-1] == "For development on this machine, set DEBUG=on or use `make`."


def test_a_deployment_is_not_told_about_development() -> None:
    assert "DEBUG" not in problem(CORS_ORIGINS="*")


@pytest.mark.parametrize(
    "url",
    [
        "postgres://u:p@h/n?sslmode=require",
        "postgresql+asyncpg://u:p@h/n?ssl=require",
        "postgresql+psycopg2://u:p@h/n?sslmode=require",
        "postgresql+asyncpg://u:p@h/n?ssl=true",
        "'postgresql://u:p@h/n?sslmode=require'",
        '"postgresql://u:p@h/n?sslmode=require" ',
        "psql 'postgresql://u:p@h/n?sslmode=require'",
    ],
)
def test_all_forms_of_a_database_url_are_equivalent(url: str) -> None:
    database = load(DATABASE_URL=url).DATABASES["default"]

    assert (database["ENGINE"], database["HOST"], database["NAME"], database["OPTIONS"]) == (
        "todo_api.postgresql", "h", "n", {"sslmode": "require"},
    )  # fmt: skip


def test_parameters_of_the_database_url_are_passed_to_the_driver() -> None:
    url = "postgresql://u:p%40ss@h:6543/n?sslmode=verify-full&channel_binding=require"

    database = load(DATABASE_URL=url).DATABASES["default"]

    assert database["OPTIONS"] == {"sslmode": "verify-full", "channel_binding": "require"}
    assert database["PASSWORD"] == "p@ss"


def test_only_the_parameter_ssl_of_a_database_url_is_translated() -> None:
    def database(url: str) -> Any:
        return load(DATABASE_URL=url).DATABASES["default"]

    assert database("postgresql://u:ssl=true@h/n?ssl=false")["PASSWORD"] == "ssl=true"
    assert database("postgresql://u:p@h/n?ssl=false")["OPTIONS"] == {"sslmode": "disable"}
    assert database("postgresql://u:p@h/n?ssl=verify-full")["OPTIONS"] == {"sslmode": "verify-full"}
    both = database("postgresql://u:p@h/n?sslmode=verify-full&ssl=true")
    assert both["OPTIONS"] == {"sslmode": "verify-full"}


def test_a_secret_may_contain_what_looks_like_a_reference() -> None:
    secret = "kJ8${x}Wp7yR2mN4vB6cX9zL1qT5sD3fG0hY"

    assert secret == load(SECRET_KEY=secret).SECRET_KEY


def test_the_longest_label_of_a_host_has_63_characters() -> None:
    host = f"{'a' * 63}.todo.test"

    assert host in load(ALLOWED_HOSTS=host).ALLOWED_HOSTS


def test_issuer_and_audience_default_to_the_origin_of_better_auth() -> None:
    settings = load(BETTER_AUTH_URL="https://app.todo.test/base/")

    assert settings.BETTER_AUTH_ISSUER == settings.BETTER_AUTH_AUDIENCE == "https://app.todo.test"
    assert settings.BETTER_AUTH_JWKS_URL == "https://app.todo.test/base/api/auth/jwks"
    routes = load(BETTER_AUTH_URL="https://app.todo.test/api/auth/")
    assert routes.BETTER_AUTH_URL == "https://app.todo.test"
    capitals = load(BETTER_AUTH_URL="https://App.Todo.test:443")
    assert capitals.BETTER_AUTH_ISSUER == "https://app.todo.test"


def test_the_key_set_of_neon_auth_is_at_its_well_known_path() -> None:
    neon = "https://ep-cool-1.neonauth.eu-central-1.aws.neon.tech"

    settings = load(BETTER_AUTH_URL=f"{neon}/neondb/auth/")

    assert f"{neon}/neondb/auth/.well-known/jwks.json" == settings.BETTER_AUTH_JWKS_URL
    assert settings.BETTER_AUTH_ISSUER == settings.BETTER_AUTH_AUDIENCE == neon


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("http://frontend:3000", "frontend"),
        ("http://frontend.railway.internal:3000", "*.railway.internal"),
        ("http://host.docker.internal:3000", "frontend,host.docker.internal"),
        ("http://10.0.0.5:3000", "10.0.0.5"),
        ("http://app.todo.internal", "*.internal"),
        ("http://app.local", "app.local"),
        ("http://app.default.svc", "app.default.svc"),
        ("http://app.lan", "app.lan"),
        ("http://app.flycast", "app.flycast"),
        ("http://app.home.arpa", "app.home.arpa"),
    ],
)
def test_plain_http_is_allowed_for_named_hosts_of_a_private_network(url: str, hosts: str) -> None:
    settings = load(BETTER_AUTH_URL=url, PLAIN_HTTP_HOSTS=hosts)

    assert f"{url}/api/auth/jwks" == settings.BETTER_AUTH_JWKS_URL
    assert "BETTER_AUTH_URL: expected https" in problem(BETTER_AUTH_URL=url)
    assert "BETTER_AUTH_URL: expected https" in problem(BETTER_AUTH_URL=url, DEBUG="on")


def test_unicode_host_names_become_punycode_as_browsers_send_it() -> None:
    name = "https://m\u00fcller-app.de"

    settings = load(BETTER_AUTH_URL=name, CORS_ORIGINS=name, ALLOWED_HOSTS="M\u00dcLLER-app.de")

    assert settings.BETTER_AUTH_JWKS_URL == "https://xn--mller-app-q9a.de/api/auth/jwks"
    assert settings.CORS_ALLOWED_ORIGINS == ["https://xn--mller-app-q9a.de"]
    assert settings.ALLOWED_HOSTS[0] == "xn--mller-app-q9a.de"
    # A browser keeps the sharp s (UTS 46), which Python's idna codec would replace by ss.
    sharp_s = load(ALLOWED_HOSTS="stra\u00dfe.de").ALLOWED_HOSTS[0]
    assert sharp_s == "xn--strae-oqa.de"


@pytest.mark.parametrize(
    "value",
    [
        "a.dev,b.dev", "a.dev b.dev", " a.dev , b.dev. ", '"a.dev","b.dev"', '["a.dev", "b.dev"]',
        "'A.dev', 'b.dev'", "a.dev\nb.dev",
    ],
)  # fmt: skip
def test_all_spellings_of_a_list_are_equivalent(value: str) -> None:
    assert load(ALLOWED_HOSTS=value).ALLOWED_HOSTS[:2] == ["a.dev", "b.dev"]


def test_an_ipv6_address_is_an_allowed_host() -> None:
    assert load(ALLOWED_HOSTS="[2001:DB8::1]").ALLOWED_HOSTS[0] == "[2001:db8::1]"


def test_a_pattern_with_the_suffix_of_a_team_allows_its_preview_deployments() -> None:
    origins = "https://app.todo.test,https://*-acme.vercel.app,https://*--acme.netlify.app"
    settings = load(CORS_ORIGINS=origins)

    def allowed(origin: str) -> bool:
        return any(re.match(each, origin) for each in settings.CORS_ALLOWED_ORIGIN_REGEXES)

    assert settings.CORS_ALLOWED_ORIGINS == ["https://app.todo.test"]
    assert allowed("https://todo-git-feature-acme.vercel.app")
    assert allowed("https://deploy-preview-7--acme.netlify.app")
    for other in (
        "https://todo-other.vercel.app", "https://todo-acme.vercel.app.evil.test",
        "https://x.todo-acme.vercel.app", "http://todo-acme.vercel.app", "https://-acme.vercel.app",
        "https://todo-acmexvercel.app",
    ):  # fmt: skip
        assert not allowed(other), other


def test_headers_of_tracing_and_of_cors_headers_may_be_sent_by_browsers() -> None:
    allowed = load(CORS_HEADERS="X-App-Version, x-tenant").CORS_ALLOW_HEADERS

    assert {"baggage", "sentry-trace", "traceparent", "x-app-version", "x-tenant"} <= {*allowed}


def test_origins_of_the_admin_can_be_trusted() -> None:
    trusted = load(ADMIN_ORIGINS="https://admin.todo.test:8443/").CSRF_TRUSTED_ORIGINS

    assert trusted == ["https://admin.todo.test:8443"]


def test_the_address_of_the_key_set_may_have_a_query() -> None:
    url = "https://keys.todo.test/jwks?app=1"

    app = "https://app.todo.test"
    assert url == load(BETTER_AUTH_URL=app, BETTER_AUTH_JWKS_URL=url).BETTER_AUTH_JWKS_URL


def test_the_address_of_a_key_set_without_an_app_stops_the_start() -> None:
    secret = "3f9Qk-another-secret-of-the-app-8d2L"

    text = problem(
        BETTER_AUTH_URL=None,
        BETTER_AUTH_SECRET=secret,
        BETTER_AUTH_JWKS_URL="https://app.todo.test/api/auth/jwks",
    )

    assert "BETTER_AUTH_JWKS_URL: is not used without BETTER_AUTH_URL" in text


def test_an_origin_loses_its_slash_and_frontend_url_is_the_fallback() -> None:
    def origins(**variables: str | None) -> Any:
        return load(**variables).CORS_ALLOWED_ORIGINS

    assert origins() == ["https://app.todo.test"]
    other = origins(CORS_ORIGINS=None, FRONTEND_URL="https://f.todo.test/")
    assert other == ["https://f.todo.test"]
    assert origins(CORS_ORIGINS=None) == []


def test_origins_are_normalized_as_browsers_send_them() -> None:
    origins = "HTTPS://App.Todo.test,https://b.todo.test:443/,http://localhost:3000,http://[::1]:80"

    assert load(CORS_ORIGINS=origins).CORS_ALLOWED_ORIGINS == [
        "https://app.todo.test", "https://b.todo.test", "http://localhost:3000", "http://[::1]",
    ]  # fmt: skip


def test_local_accounts_are_on_only_where_hs256_is_accepted() -> None:
    secret = PRODUCTION["SECRET_KEY"]

    assert not load().LOCAL_ACCOUNTS
    assert not load(BETTER_AUTH_SECRET=secret).LOCAL_ACCOUNTS
    both = {"BETTER_AUTH_SECRET": secret, "BETTER_AUTH_TOKENS": "jwks,hs256"}
    assert load(**both).LOCAL_ACCOUNTS
    assert not load(**both, LOCAL_ACCOUNTS="off").LOCAL_ACCOUNTS


def test_passwords_are_hashed_at_the_recommended_cost() -> None:
    (hasher,) = load().PASSWORD_HASHERS

    encoded = import_string(hasher)().encode("correct horse battery", "salt-of-this-test")

    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_missing_host_names_are_a_warning_with_an_id() -> None:
    result = deploy_checks(ALLOWED_HOSTS=None)

    assert result.returncode == 1
    assert "todo_api.W001" in result.stderr


def test_the_default_admin_path_is_a_warning_with_an_id() -> None:
    result = deploy_checks(ADMIN_PATH=None)

    assert result.returncode == 1
    assert "todo_api.W002" in result.stderr
    assert "HINT: Set ADMIN_PATH" in result.stderr
