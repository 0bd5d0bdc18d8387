"""CORS, security and caching headers of successful responses and of errors."""

from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from conftest import Serve, make_task, token_for
from todo_api.tests.http import request, send

FRONTEND = "http://localhost:3000"


@pytest.fixture
def browser(db: None) -> APIClient:
    return APIClient(HTTP_ORIGIN=FRONTEND)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_preflight_from_the_frontend_is_allowed_for_a_day(
    browser: APIClient, method: str
) -> None:
    response = browser.options(
        "/api/tasks/1",
        HTTP_ACCESS_CONTROL_REQUEST_METHOD=method,
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization,content-type",
    )

    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == FRONTEND
    assert response.headers["Access-Control-Allow-Credentials"] == "true"
    assert method in response.headers["Access-Control-Allow-Methods"]
    assert "authorization" in response.headers["Access-Control-Allow-Headers"]
    assert response.headers["Access-Control-Max-Age"] == "86400"


@pytest.mark.parametrize("path", ["/api/tasks", "/api/nowhere", "/nowhere", "/healthz"])
def test_every_response_has_cors_headers(browser: APIClient, path: str) -> None:
    response = browser.get(path)

    assert response.headers["Access-Control-Allow-Origin"] == FRONTEND
    for name in ("Link", "X-Total-Count", "Location", "Retry-After", "X-Request-ID"):
        assert name in response.headers["Access-Control-Expose-Headers"]


def test_a_413_has_cors_headers(browser: APIClient) -> None:
    response = browser.post("/api/tasks", "x" * 1_048_577, content_type="application/json")

    assert response.status_code == 413
    assert response.headers["Access-Control-Allow-Origin"] == FRONTEND


def test_another_origin_gets_no_cors_headers(db: None) -> None:
    response = APIClient(HTTP_ORIGIN="https://evil.test").get("/api/tasks")

    assert "Access-Control-Allow-Origin" not in response.headers


def test_responses_have_caching_and_security_headers(browser: APIClient) -> None:
    headers = browser.get("/api/tasks").headers

    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_api_ignores_cookies_of_the_admin(db: None) -> None:
    browser = APIClient(HTTP_COOKIE="sessionid=gone; csrftoken=old; messages=none")

    response = browser.get("/api/tasks")

    assert "Set-Cookie" not in str(response.serialize_headers())
    assert response.headers["Vary"] == "origin"
    assert "sessionid" in browser.get("/admin/login/").cookies


def test_a_response_without_a_body_has_no_content_length(as_alice: APIClient, alice: User) -> None:
    path = f"/api/tasks/{make_task(alice).pk}"
    got = as_alice.get(path)

    unchanged = as_alice.get(path, HTTP_IF_NONE_MATCH=got["ETag"])
    deleted = as_alice.delete(path)

    assert got["Content-Length"] == str(len(got.content))
    assert (unchanged.status_code, deleted.status_code) == (304, 204)
    assert "Content-Length" not in unchanged
    assert "Content-Length" not in deleted


@pytest.mark.django_db(transaction=True)
def test_head_returns_the_headers_of_get_without_a_body(
    serve: Serve, tmp_path: Path, alice: User
) -> None:
    address = serve("--workers", "1")
    token = token_for(alice.pk)
    sent: dict[str, Any] = {"authorization": f"Bearer {token}", "x_request_id": "same"}
    task = f"/api/tasks/{make_task(alice).pk}"
    pages = ["/healthz", "/nowhere", "/api/schema", "/admin/login/", "/static/admin/css/base.css"]

    for path in ["/api/tasks", task, "/api/tasks/1", *pages]:
        got, head = (send(address, request(method, path, **sent)) for method in ("GET", "HEAD"))
        for response in (got, head):
            response.headers = response.headers | {"date": "", "expires": "", "set-cookie": ""}
        assert (head.status, head.headers, head.body) == (got.status, got.headers, b""), path

    assert "gunicorn.http.wsgi" not in (tmp_path / "gunicorn.log").read_text()


def test_hsts_is_sent_only_when_a_trusted_proxy_reports_https(settings, db: None) -> None:  # type: ignore[no-untyped-def]  # pytest-django's fixture
    direct = APIClient().get("/healthz", HTTP_X_FORWARDED_PROTO="https")
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    behind_proxy = APIClient().get("/healthz", HTTP_X_FORWARDED_PROTO="https")

    assert "Strict-Transport-Security" not in direct.headers
    assert behind_proxy.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_an_unknown_host_is_refused_and_named_once_in_the_log(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        response = APIClient().get("/api/tasks", HTTP_HOST="forgotten.todo.test")

    assert response.status_code == 400
    assert response.json()["detail"] == "The Host header names no host of this service"
    named = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert named == [
        "Refused requests for the host forgotten.todo.test: it is not in ALLOWED_HOSTS"
    ]


def test_a_host_header_without_a_host_name_is_not_logged(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    APIClient().get("/api/tasks", HTTP_HOST="alice@todo.test")

    assert "Refused requests whose Host is not a host name" in caplog.messages
    assert "alice" not in caplog.text


def test_tracing_headers_may_be_sent_by_browsers(browser: APIClient) -> None:
    response = browser.options(
        "/api/tasks", HTTP_ACCESS_CONTROL_REQUEST_METHOD="GET",
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization,baggage,sentry-trace",
    )  # fmt: skip

    allowed = response.headers["Access-Control-Allow-Headers"].split(", ")
    assert {"authorization", "baggage", "sentry-trace", "traceparent"} <= {*allowed}


@pytest.mark.parametrize("path", ["/healthz", "/healthz/", "/readyz/", "/health/", "/api/health/"])
def test_probes_may_send_any_host(anonymous: APIClient, db: None, path: str) -> None:
    assert anonymous.get(path, HTTP_HOST="10.0.0.5:8000").status_code == 200
