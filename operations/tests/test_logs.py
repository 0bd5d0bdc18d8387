"""The log of a running service: one line for each request, and no user's data in any line."""

import json
import logging
import os
import re
import subprocess
import sys
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from accounts.models import User
from conftest import ALICE, ROOT, Serve, token_for
from todo_api.errors import problem
from todo_api.request import logs
from todo_api.request.context import RequestContext, active
from todo_api.tests.http import Response, request, send
from todo_api.tests.settings import SECRET

TITLE = "Confidential plans for Friday"
EMAIL, PASSWORD = "alice@todo.test", "correct-horse-battery"
JSON: dict[str, Any] = {"content_type": "application/json"}
FORM: dict[str, Any] = {"content_type": "application/x-www-form-urlencoded"}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "gunicorn.log"


def lines_of(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def requests_of(log: Path) -> list[dict[str, Any]]:
    """Returns the request lines, one for each request."""
    return [line for line in lines_of(log) if line["logger"] == "operations.middleware"]


def test_each_request_is_logged_in_one_line(serve: Serve, log: Path) -> None:
    address = serve("--workers", "1")  # one connection, which the first request opens
    signed_in: dict[str, Any] = {"authorization": f"Bearer {token_for(ALICE)}"}
    body = json.dumps({"title": TITLE}).encode()
    task = send(address, request("POST", "/api/tasks", body, **signed_in, **JSON)).json["id"]

    response = send(address, request("GET", f"/api/{ALICE}/tasks/{task}?a=b", **signed_in))

    (line,) = [
        line for line in lines_of(log) if line.get("request_id") == response.headers["x-request-id"]
    ]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert 0 < line.pop("database_ms") <= line["ms"] < 10_000
    assert 0 <= line["queue_ms"] < line["ms"]
    result = f"200 in {line.pop('ms')} ms (queue {line.pop('queue_ms')} ms, database "
    assert line.pop("message").startswith(f"GET /api/{{user_id}}/tasks/{{id}} {result}")
    assert line == {
        "level": "INFO",
        "logger": "operations.middleware",
        "request_id": response.headers["x-request-id"],
        "method": "GET",
        "route": "/api/{user_id}/tasks/{id}",
        "status": 200,
        "statements": 1,
        "user_id": ALICE,
    }


def test_a_refusal_is_logged_under_the_id_of_its_request(serve: Serve, log: Path) -> None:
    User.objects.create(id=ALICE, is_active=False, password="!")
    address = serve("--workers", "1")

    for token in (token_for(ALICE), token_for(ALICE, exp=1), "nonsense"):
        send(address, request("GET", "/api/tasks", authorization=f"Bearer {token}"))

    refusals = [
        line
        for line in lines_of(log)
        if line["logger"] in {"accounts.authentication", "todo_api.errors"}
    ]
    assert [(line["level"], line["message"].partition(",")[0]) for line in refusals] == [
        ("WARNING", "Refused: account_suspended"),
        ("WARNING", "Token refused: expiry: expected an exp in the future"),
        (
            "WARNING",
            "Token refused: form: expected three base64url parts with dots between; Better Auth's"
            " session token is no JWT: send what authClient.token() returns",
        ),
    ]
    requests = requests_of(log)[-3:]
    assert [line["request_id"] for line in refusals] == [line["request_id"] for line in requests]
    assert [line["refusal"] for line in requests] == ["account_suspended", "expiry", "form"]


def test_a_database_outage_is_one_warning_and_one_request_line(serve: Serve, log: Path) -> None:
    address = serve("--workers", "1", DATABASE_URL="postgresql://user:pass-word@127.0.0.1:1/name")
    signed_in: dict[str, Any] = {"authorization": f"Bearer {token_for(ALICE)}"}

    response = send(address, request("GET", "/api/tasks", **signed_in))

    logged = [
        (line["logger"], line["level"])
        for line in lines_of(log)
        if line.get("request_id") == response.headers["x-request-id"]
    ]
    assert logged == [("todo_api.errors", "WARNING"), ("operations.middleware", "INFO")]


def test_every_response_has_the_request_id_of_its_log_line(serve: Serve, log: Path) -> None:
    address = serve("--workers", "1")
    too_large = b"x" * 1_048_577
    requests = [
        request("GET", "/api/tasks"),
        request("GET", "/nowhere"),
        request("GET", "/healthz"),
        request("GET", "/admin/"),
        request("GET", "/static/admin/css/base.css"),
        request("POST", "/api/tasks", too_large, **JSON),
        b"GET /api/me HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n",
    ]

    responses = [send(address, raw) for raw in requests]

    ids = [response.headers["x-request-id"] for response in responses]
    assert [response.status for response in responses] == [401, 404, 200, 302, 200, 413, 400]
    assert [line["request_id"] for line in requests_of(log)[-len(ids) :]] == ids


def secrets_of(token: str) -> list[str]:
    """Returns texts that must not be in the log: of a token, all parts except the header, which is
    the same in all tokens.
    """
    return [
        *TITLE.split(" ", 1), quote(TITLE), EMAIL, quote(EMAIL), PASSWORD, SECRET,
        *token.split(".")[1:], "pass-word", "secret-database", "todo-api-tests", "secret-query",
    ]  # fmt: skip


def provoke(address: str, token: str) -> None:
    """Sends failing requests that contain a title, an e-mail address, a password or a token."""
    signed_in: dict[str, Any] = {"authorization": f"Bearer {token}"}
    title = json.dumps({"title": TITLE}).encode()
    account = json.dumps({"email": EMAIL, "password": PASSWORD, "name": TITLE}).encode()
    wrong = json.dumps({"email": EMAIL, "password": PASSWORD + "!"}).encode()
    query = f"search={quote(TITLE)}&email={quote(EMAIL)}&token={token}"

    def attempt(method: str, target: str, body: bytes = b"", **headers: Any) -> Response:
        return send(address, request(method, target, body, **{**signed_in, **headers}))

    attempt("GET", f"/api/tasks?{query}&limit=x")
    attempt("GET", f"/api/tasks/{quote(TITLE)}")
    attempt("GET", f"/nowhere/{EMAIL}?{query}")
    attempt("GET", f"/api/users/{EMAIL}/tasks")
    attempt("POST", "/api/tasks", title, **JSON)
    attempt("POST", "/api/tasks", title[:-1], **JSON)
    attempt("POST", "/api/tasks", title * 30_000, **JSON)
    attempt(
        "POST", "/api/tasks", b"zz\r\n" + title, transfer_encoding="chunked", length=False, **JSON
    )
    for target in ("/api/buggy", "/buggy"):
        attempt("POST", f"{target}?{query}", title, **JSON)
        attempt("GET", f"{target}?{query}")
    for bad in (token[:-2], f"{token} {token}", f"{token}{token}", token.replace(".", "/")):
        attempt("GET", "/api/tasks", authorization=f"Bearer {bad}")
    attempt("GET", "/api/tasks", authorization=f"Basic {token}")
    for target, body in (("signup", account), ("signup", account), ("login", wrong)):
        attempt("POST", f"/api/auth/{target}", body, **JSON)
    page = attempt("GET", "/admin/login/")
    cookie = SimpleCookie(page.headers["set-cookie"])["csrftoken"].value
    form = f"csrfmiddlewaretoken={cookie}&username={quote(EMAIL)}&password={PASSWORD}!".encode()
    attempt("POST", f"/admin/login/?next=/{EMAIL}", form, cookie=f"csrftoken={cookie}", **FORM)
    attempt("POST", f"/admin/login/?next=/{EMAIL}", form, **FORM)  # without the cookie
    # Requests that gunicorn itself refuses.
    raw = f"GET /api/tasks?search={TITLE} HTTP/1.1\r\nAuthorization: Bearer {token}\r\n\r\n"
    send(address, raw.encode())
    for name, value in (
        ("Authorization ", token),
        ("Author(ization", token),
        ("X-Y", f"\0{token}"),
        ("X-Z", token * 99),
    ):
        send(address, f"GET / HTTP/1.1\r\nHost: x\r\n{name}: {value}\r\n\r\n".encode())
    unknown = f"GET /{quote(TITLE)} HTTP/1.1\r\nHost: {EMAIL}\r\nConnection: close\r\n\r\n"
    send(address, unknown.encode())


BREAKING_CHANGES = [
    # Errors with a row's values: in DETAIL, in a trigger's message, and in a failed type cast.
    "CREATE UNIQUE INDEX broken_once ON tasks_task (title)",
    "ALTER TABLE tasks_task ADD CONSTRAINT broken_check CHECK (priority = 0) NOT VALID",
    """CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'this is wrong: %', NEW.title; END $$;
    CREATE TRIGGER broken BEFORE INSERT ON tasks_task FOR EACH ROW EXECUTE FUNCTION broken()""",
    """CREATE OR REPLACE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM NEW.title::int; RETURN NEW; END $$""",
]
UNDO_CHANGES = """
DROP TRIGGER IF EXISTS broken ON tasks_task; DROP FUNCTION IF EXISTS broken;
DROP INDEX IF EXISTS broken_once; ALTER TABLE tasks_task DROP CONSTRAINT IF EXISTS broken_check;
"""


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.slow
def test_no_error_logs_user_data_or_secrets(serve: Serve, log: Path) -> None:
    origin = "http://localhost:1"
    token = token_for(ALICE, email=EMAIL, iss=origin, aud=origin)
    signed_in: dict[str, Any] = {"authorization": f"Bearer {token}"}
    title = json.dumps({"title": TITLE}).encode()
    address = serve("--workers", "1", DJANGO_SETTINGS_MODULE="operations.tests.buggy")
    unreachable = serve(
        "--workers", "1",
        DATABASE_URL="postgresql://user:pass-word@127.0.0.1:1/secret-database",
        BETTER_AUTH_TOKENS="jwks,hs256", BETTER_AUTH_URL=origin,
        BETTER_AUTH_JWKS_URL="http://localhost:1/keys?key=secret-query",
    )  # fmt: skip
    foreign = "eyJhbGciOiJFZERTQSIsImtpZCI6ImEifQ.e30.AAAA"  # EdDSA, with a key id
    session = "0fs3ss10n" * 3  # the length of a session key in Django

    provoke(address, token)
    statuses = []
    try:
        for sql in BREAKING_CHANGES:
            execute(sql)
            statuses.append(
                send(address, request("POST", "/api/tasks", title, **signed_in, **JSON)).status
            )
    finally:
        execute(UNDO_CHANGES)
    statuses.append(send(unreachable, request("GET", "/api/tasks", **signed_in)).status)
    statuses.append(
        send(unreachable, request("GET", "/admin/", cookie=f"sessionid={session}")).status
    )
    statuses.append(
        send(unreachable, request("GET", "/api/tasks", authorization=f"Bearer {foreign}")).status
    )

    text, lines = log.read_text(), lines_of(log)
    assert [secret for secret in [*secrets_of(token), session] if secret in text] == []
    unhandled = [line for line in lines if line["message"] == "Unhandled error"]
    assert {line["logger"] for line in unhandled} == {"todo_api.errors", "django.request"}
    assert statuses == [409, 400, 500, 400, 503, 500, 503]
    # The errors are logged, without the data.
    logged = {line["message"].partition("=")[0] for line in lines if line["level"] != "INFO"}
    assert logged >= {
        "Unhandled error", "Forbidden: CSRF cookie not set.",
        "Token refused: form: expected three base64url parts with dots between; Better Auth's"
        " session token is no JWT: send what authClient.token() returns",
        "Database unavailable: OperationalError (SQLSTATE none)",
        "Key set out of reach and no key is known (ConnectionRefusedError):"
        " issuer http://localhost:1, address http://localhost:1/keys",
    }  # fmt: skip
    traces = "".join(line.get("trace", "") for line in lines)
    for known in ("builtins.KeyError\n", "builtins.RuntimeError", "buggy_urls.py", "in fail",
                  "psycopg.errors.RaiseException SQLSTATE P0001"):  # fmt: skip
        assert known in traces


@pytest.mark.django_db
def test_the_request_line_has_the_operators_user_id(
    alice: User, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    operator = User.objects.create_superuser("operator@todo.test", PASSWORD)
    client.force_login(operator)

    with caplog.at_level(logging.INFO, "operations.middleware"):
        client.get("/admin/")
        client.get("/healthz")

    lines: list[Any] = [line for line in caplog.records if line.name == "operations.middleware"]
    assert [line.fields.get("user_id") for line in lines] == [operator.pk, None]


@pytest.mark.django_db
def test_a_malformed_form_returns_400_and_logs_no_error(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    response = client.post("/admin/login/", b"no parts", content_type="multipart/form-data")

    logged = [line.message for line in caplog.records if line.name != "operations.middleware"]
    assert (response.status_code, logged) == (400, [])


@pytest.mark.parametrize(("status", "refusal"), [(401, "form"), (429, "rate_limited")])
def test_the_failed_token_check_is_the_cause_of_a_401_but_not_of_a_429(
    rf: RequestFactory, status: int, refusal: str
) -> None:
    with active(RequestContext(refusal="form")) as context:
        problem(rf.get("/"), status, "No", "rate_limited")

    assert context.refusal == refusal


def test_plain_lines_contain_user_data_only_in_debug_mode() -> None:
    try:
        raise ValueError(TITLE)
    except ValueError:
        error = sys.exc_info()
    record = logging.LogRecord("library", logging.ERROR, "", 1, "It broke: %s", (TITLE,), error)

    with active(RequestContext("id-1")):
        debug, terminal = (logs.PlainLines(debug=debug).format(record) for debug in (True, False))

    assert f"ERROR    library It broke: {TITLE} [id-1]" in debug
    assert f"ValueError: {TITLE}" in debug
    assert "ERROR    library It broke [id-1]" in terminal
    assert terminal.endswith("builtins.ValueError")
    assert TITLE not in terminal


@pytest.mark.parametrize("value", ["plain", "jalapeño", "\ud800", Path("here")])
def test_json_lines_are_ascii_for_all_values(value: Any) -> None:
    record = logging.LogRecord("tasks", logging.INFO, "", 1, "It is %s", (value,), None)
    record.fields = {"user_id": value}

    line = logs.JsonLines().format(record)

    assert line.isascii()
    parsed = json.loads(line)
    assert parsed["message"] == f"It is {value}"
    assert parsed["user_id"] == str(value)


def test_commands_log_to_stderr() -> None:
    environment = {**os.environ, "DATABASE_URL": "postgresql://nobody@localhost/nothing"}
    script = "import sys; sys.argv = ['manage.py']; import django; django.setup(); import logging; "
    script += "logging.getLogger('tasks').warning('A warning'); print('result')"

    process = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert process.stdout == "result\n"
    assert json.loads(process.stderr)["message"] == "A warning"
