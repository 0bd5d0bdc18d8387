"""Error responses over a real socket: the status, the common body, and no internal details."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.models import User
from conftest import ALICE, BOB, Serve, token_for
from tasks.models import Task
from todo_api.tests.http import Response, request, send

JSON = {"content_type": "application/json"}
MEMBERS = ["type", "title", "status", "detail", "error", "code", "request_id"]
BIG = 1_048_577
Send = Callable[..., Response]


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


@pytest.fixture
def api(served: str) -> Send:
    """Returns a function that sends a request as Alice to a running service."""
    signed_in = {"authorization": f"Bearer {token_for(ALICE)}"}

    def send_as_alice(method: str, target: str, body: bytes = b"", **options: object) -> Response:
        headers: dict[str, object] = {**signed_in, **options}
        return send(served, request(method, target, body, **headers))  # type: ignore[arg-type]  # headers by keyword

    return send_as_alice


def assert_problem(response: Response, status: int, code: str, detail: str = "") -> None:
    members = [name for name in response.json if name != "errors"]
    assert (response.status, members) == (status, MEMBERS), response.body[:300]
    body = response.json
    assert (body["status"], body["code"]) == (status, code)
    assert isinstance(body["detail"], str)
    assert body["error"] == body["detail"] == (detail or body["detail"])
    assert body["request_id"] == response.headers["x-request-id"]
    assert response.headers["content-type"] == "application/json"
    assert "Traceback" not in response.body.decode()


def test_each_error_has_its_status_its_code_and_the_common_body(api: Send) -> None:
    nested = b"[" * 100_000 + b"]" * 100_000
    cases = [
        (404, "not_found", "GET", "/nowhere", b"", {}),
        (404, "not_found", "GET", "/api/nowhere", b"", {}),
        (404, "not_found", "GET", "/api/tasks/%00", b"", {}),
        (404, "not_found", "GET", "/api/tasks/%ff%fe", b"", {}),
        (404, "not_found", "POST", "/api/nowhere", b"{}", JSON),
        (405, "method_not_allowed", "DELETE", "/api/tasks", b"", {}),
        (405, "method_not_allowed", "TRACE", "/api/tasks", b"", {}),
        (405, "method_not_allowed", "BREW", "/api/me", b"", {}),
        (406, "not_acceptable", "GET", "/api/tasks", b"", {"accept": "text/html"}),
        (413, "body_too_large", "POST", "/api/tasks", b"x" * BIG, JSON),
        (415, "unsupported_media_type", "POST", "/api/tasks", b"a=b",
         {"content_type": "text/plain"}),
        (415, "unsupported_media_type", "POST", "/api/tasks", b"title=x", {}),
        (415, "unsupported_media_type", "POST", "/api/auth/login", b"a=b",
         {"content_type": "application/x-www-form-urlencoded"}),
        (400, "malformed_json", "POST", "/api/tasks", b"{", JSON),
        (400, "malformed_json", "POST", "/api/tasks", b'{"title": NaN}', JSON),
        (400, "malformed_json", "POST", "/api/tasks", nested, JSON),
        (400, "malformed_json", "POST", "/api/tasks", b'{"title": "\xff"}', JSON),
        (400, "malformed_json", "POST", "/api/tasks", b"1" * 5000, JSON),
        (400, "validation_error", "POST", "/api/tasks", b"{}",
         {"content_type": "application/json; charset=nonsense"}),
        (400, "validation_error", "POST", "/api/tasks", b'{"title": "a\\u0000b"}', JSON),
        (400, "validation_error", "POST", "/api/tasks", b'{"title": "\\ud800"}', JSON),
        (400, "validation_error", "POST", "/api/tasks", b'{"title": 1}', JSON),
        (400, "validation_error", "POST", "/api/tasks", b"[]", JSON),
        (400, "validation_error", "GET", "/api/tasks?limit=" + "9" * 30, b"", {}),
        (400, "validation_error", "GET", "/api/tasks?offset=" + "9" * 30, b"", {}),
        (400, "validation_error", "GET", "/api/tasks?search=%00", b"", {}),
        (400, "bad_request", "GET", "/api/tasks?search=%ff", b"", {}),
        (400, "validation_error", "GET", "/api/tasks?limit=1_0", b"", {}),
        (404, "not_found", "GET", "/api/tasks/%7Bd2719e2ccd04432ab0a2d4b13f1a6b0e%7D", b"", {}),
        (400, "validation_error", "GET", "/api/tasks?cursor=%00", b"", {}),
        (403, "user_mismatch", "GET", f"/api/{BOB}/tasks", b"", {}),
        (401, "token_invalid", "GET", "/api/tasks", b"", {"authorization": "Bearer nonsense"}),
        (401, "token_invalid", "GET", "/api/tasks", b"", {"authorization": "Bearer a b"}),
        (401, "not_authenticated", "GET", "/api/tasks", b"", {"authorization": "Basic YTpi"}),
        (401, "not_authenticated", "GET", "/api/tasks", b"", {"authorization": ""}),
        (401, "not_authenticated", "GET", "/api/tasks?token=" + token_for(ALICE), b"",
         {"authorization": "", "cookie": f"token={token_for(ALICE)}"}),
    ]  # fmt: skip

    for status, code, method, target, body, headers in cases:
        assert_problem(api(method, target, body, **headers), status, code)


def test_a_chunked_body_is_treated_like_one_with_a_length(api: Send) -> None:
    headers = {**JSON, "transfer_encoding": "chunked", "length": False}

    created = api("POST", "/api/tasks", chunked(b'{"title": "In pieces"}'), **headers)
    too_large = api("POST", "/api/tasks", chunked(b" " * BIG), **headers)
    malformed = api("POST", "/api/tasks", chunked(b"{"), **headers)
    # The web server responds to this one itself.
    broken = api("POST", "/api/tasks", b"zz\r\n{}\r\n0\r\n\r\n", **headers)

    assert (created.status, created.json["title"]) == (201, "In pieces")
    assert_problem(too_large, 413, "body_too_large")
    assert_problem(malformed, 400, "malformed_json")
    assert (broken.status, broken.headers["connection"]) == (400, "close")


@pytest.mark.parametrize("parameter", ["c*=nope''%41", "charset*=utf-8''%00"])
def test_an_unreadable_content_type_is_treated_as_missing(api: Send, parameter: str) -> None:
    broken = {"content_type": f"application/json; {parameter}"}

    alive = api("GET", "/healthz", **broken)
    refused = api("POST", "/api/tasks", b'{"title": "x"}', **broken)

    assert (alive.status, alive.json) == (200, {"status": "healthy"})
    assert_problem(refused, 415, "unsupported_media_type")


def test_invalid_input_creates_no_task(api: Send) -> None:
    api("POST", "/api/tasks", b'{"title": "x", "priority": "soon"}', **JSON)
    api("POST", "/api/tasks", b'{"title": "x", "due_date": "2026-02-30"}', **JSON)

    assert not Task.objects.exists()


def test_a_refused_token_returns_www_authenticate_and_no_details(api: Send) -> None:
    metadata = 'resource_metadata="http://localhost/.well-known/oauth-protected-resource/api/mcp"'
    expired = {"authorization": f"Bearer {token_for(ALICE, exp=1)}"}

    none = api("GET", "/api/tasks", authorization="")
    bad = api("GET", "/api/tasks", authorization="Bearer nonsense")
    old = api("GET", "/api/tasks", **expired)

    assert none.headers["www-authenticate"] == f"Bearer {metadata}"
    assert bad.headers["www-authenticate"] == f'Bearer error="invalid_token", {metadata}'
    assert_problem(bad, 401, "token_invalid", "The token is not valid")
    assert_problem(old, 401, "token_expired", "The token has expired")


def test_the_scheme_is_case_insensitive(api: Send) -> None:
    for scheme in ("bearer", "BEARER", "bEaReR"):
        assert api("GET", "/api/tasks", authorization=f"{scheme} {token_for(ALICE)}").status == 200


def test_two_authorization_headers_return_401(api: Send) -> None:
    twice = f"Bearer {token_for(ALICE)}\r\nAuthorization: Bearer {token_for(ALICE)}"

    assert_problem(api("GET", "/api/tasks", authorization=twice), 401, "token_invalid")


def test_a_suspended_user_gets_403_account_suspended(api: Send) -> None:
    User.objects.create(id=ALICE, is_active=False, password="!")

    response = api("GET", "/api/tasks")

    assert_problem(response, 403, "account_suspended", "This account is suspended")


def test_problem_json_is_sent_only_when_accept_names_it(api: Send) -> None:
    named = api("GET", "/api/nope", accept="application/problem+json, application/json")
    any_type = api("GET", "/api/nope", accept="*/*")

    assert named.headers["content-type"] == "application/problem+json"
    assert any_type.headers["content-type"] == "application/json"


def test_a_405_lists_the_allowed_methods(api: Send) -> None:
    read, task = "GET, HEAD", "GET, PUT, PATCH, DELETE, HEAD"
    allowed = {
        "/api/tasks": "GET, POST, HEAD", "/api/tasks/1": task,
        "/api/tasks/1/complete": "POST, PATCH",
        "/api/me/export": read, "/healthz": read, "/health": read, "/readyz": read,
        "/api/schema": read, "/api/docs": read, "/api/me": "GET, DELETE, HEAD",
        "/api/auth/signup": "POST", "/api/auth/login": "POST", "/api/auth/verify": "POST",
    }  # fmt: skip

    for path, methods in allowed.items():
        for method in ("TRACE", "OPTIONS"):
            response = api(method, path)
            assert_problem(response, 405, "method_not_allowed")
            assert response.headers["allow"] == methods, path


def test_only_a_well_formed_request_id_is_accepted(api: Send) -> None:
    accepted = api("GET", "/api/tasks", x_request_id="proxy-7f.1")
    replaced = api("GET", "/api/tasks", x_request_id="<script> " + "x" * 200)

    assert accepted.headers["x-request-id"] == "proxy-7f.1"
    assert len(replaced.headers["x-request-id"]) == 32


def test_an_unknown_host_returns_400(api: Send) -> None:
    response = api("GET", "/api/tasks", x="y\r\nHost: evil.test")

    assert response.status == 400


def test_an_unreachable_database_returns_503_without_its_address(
    serve: Serve, tmp_path: Path
) -> None:
    address = serve(DATABASE_URL="postgresql://user:pass-word@127.0.0.1:1/nowhere")

    response = send(
        address, request("GET", "/api/tasks", authorization=f"Bearer {token_for(ALICE)}")
    )
    health = send(address, request("GET", "/health"))
    alive = send(address, request("GET", "/healthz"))

    assert_problem(response, 503, "unavailable")
    assert int(response.headers["retry-after"]) > 0
    assert (health.status, health.json) == (503, {"status": "unhealthy"})
    assert (alive.status, alive.json) == (200, {"status": "healthy"})
    assert "pass-word" not in (tmp_path / "gunicorn.log").read_text()


def test_an_internal_error_returns_500_and_its_traceback_is_only_in_the_log(
    serve: Serve, tmp_path: Path
) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tasks_task RENAME COLUMN title TO gone")
    try:
        address = serve("--workers", "1")
        response = send(
            address, request("GET", "/api/tasks", authorization=f"Bearer {token_for(ALICE)}")
        )
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE tasks_task RENAME COLUMN gone TO title")

    assert_problem(response, 500, "internal_error", "Something went wrong on our side")
    assert json.loads(response.body)["request_id"] in (tmp_path / "gunicorn.log").read_text()
    assert "UndefinedColumn" in (tmp_path / "gunicorn.log").read_text()
