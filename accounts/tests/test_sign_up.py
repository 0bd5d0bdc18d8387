"""POST /api/auth/signup and /register: creating an own account."""

import json
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.conftest import EMAIL, PASSWORD
from accounts.tests.parallel import at_once
from conftest import client_of

EVERY_PATH = pytest.mark.parametrize(
    "path", ["/api/auth/signup", "/api/auth/signup/", "/api/auth/register", "/api/auth/register/"]
)
BODY = {"email": EMAIL, "password": PASSWORD, "name": "Alice"}
BOTH = "Email and password required"
SHORT = "Password must be at least 8 characters"
FORMAT = "Invalid email format"


@EVERY_PATH
def test_it_creates_an_account_and_returns_a_token(
    db: None, anonymous: APIClient, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    before = datetime.now(UTC).replace(microsecond=0)

    with django_assert_num_queries(4):  # three counts of attempts, the user
        response = anonymous.post(path, BODY)

    user = User.objects.get()
    body = response.json()
    claims = jwt.decode(body["token"], options={"verify_signature": False})
    assert response.status_code == 201
    assert body == {
        "token": body["token"],
        "access_token": body["token"],
        "expires_in": 86_400,
        "token_type": "bearer",
        "user": {
            "id": user.pk,
            "email": EMAIL,
            "name": "Alice",
            "created_at": user.date_joined.isoformat().replace("+00:00", "Z"),
        },
    }
    assert (user.email, user.name) == (EMAIL, "Alice")
    assert (user.is_active, user.is_staff, user.is_superuser) == (True, False, False)
    assert user.password.startswith("argon2$argon2id$")
    assert user.check_password(PASSWORD)
    assert {name: claims[name] for name in ("sub", "user_id", "email", "name")} == {
        "sub": user.pk, "user_id": user.pk, "email": EMAIL, "name": "Alice",
    }  # fmt: skip
    assert claims["exp"] - claims["iat"] == 24 * 3600
    assert claims["iat"] >= before.timestamp()


def test_the_returned_token_is_accepted(db: None, anonymous: APIClient) -> None:
    session = anonymous.post("/api/auth/signup", BODY).json()
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {session['token']}")

    created = anonymous.post("/api/tasks", {"title": "x"})

    assert (created.status_code, created.json()["user_id"]) == (201, session["user"]["id"])
    assert anonymous.get("/api/me").json() == session["user"]
    assert User.objects.count() == 1


@pytest.mark.parametrize("email", [EMAIL, EMAIL.upper(), f" {EMAIL} ", "Alice@Todo.Test"])
def test_an_email_in_any_case_has_one_account(
    transactional_db: None, anonymous: APIClient, email: str
) -> None:
    anonymous.post("/api/auth/signup", BODY)

    response = anonymous.post("/api/auth/signup", {**BODY, "email": email})

    assert (response.status_code, response.json()["code"]) == (409, "conflict")
    assert response.json()["error"] == "Email already registered"
    assert User.objects.count() == 1


def test_concurrent_sign_ups_create_one_account(transactional_db: None) -> None:
    responses = at_once(*[lambda: APIClient().post("/api/auth/signup", BODY)] * 4)

    assert sorted(response.status_code for response in responses) == [201, 409, 409, 409]
    assert User.objects.count() == 1


def test_a_token_user_may_have_the_same_email(transactional_db: None, anonymous: APIClient) -> None:
    before = client_of("from-a-token", email=EMAIL).get("/api/me")
    response = anonymous.post("/api/auth/signup", BODY)
    after = client_of("from-another-token", email=EMAIL).get("/api/me")

    assert [item.status_code for item in (before, response, after)] == [200, 201, 200]
    assert [user.email for user in User.objects.all()] == [EMAIL] * 3
    assert User.objects.with_password().get().pk == response.json()["user"]["id"]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"email": [BOTH], "password": [BOTH]}),
        ({"email": EMAIL}, {"password": [BOTH]}),
        ({"password": PASSWORD}, {"email": [BOTH]}),
        ({"email": "", "password": ""}, {"email": [BOTH], "password": [SHORT]}),
        ({"email": None, "password": None}, {"email": [BOTH], "password": [BOTH]}),
        ({"email": "alice", "password": PASSWORD}, {"email": [FORMAT]}),
        ({"email": "alice@", "password": PASSWORD}, {"email": [FORMAT]}),
        ({"email": "a b@c.de", "password": PASSWORD}, {"email": [FORMAT]}),
        ({"email": f"{'a' * 250}@c.de", "password": PASSWORD}, {"email": [FORMAT]}),
        ({"email": ["a@b.de"], "password": PASSWORD}, {"email": [FORMAT]}),
        ({"email": EMAIL, "password": "1234567"}, {"password": [SHORT]}),
        ({"email": EMAIL, "password": {}}, {"password": [BOTH]}),
        ({"email": 1, "password": 12345678}, {"email": [FORMAT], "password": [BOTH]}),
        (
            {"email": EMAIL, "password": "x" * 1025},
            {"password": ["Password must not exceed 1024 characters"]},
        ),
    ],
)
def test_errors_have_the_texts_that_frontends_show(
    db: None, anonymous: APIClient, body: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    response = anonymous.post("/api/auth/signup", body)

    assert (response.status_code, response.json()["code"]) == (400, "validation_error")
    assert response.json()["errors"] == errors
    assert response.json()["error"] == next(iter(errors.values()))[0]
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["email", "password", "name"])
@pytest.mark.parametrize("text", ["a\x00b@todo.test", "a\ud800b@todo.test"])
def test_invalid_text_is_refused(db: None, anonymous: APIClient, name: str, text: str) -> None:
    body = json.dumps({**BODY, name: text})

    response = anonymous.generic("POST", "/api/auth/signup", body, "application/json")

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [name]


@pytest.mark.parametrize("body", ["[]", "null", '"x"'])
@pytest.mark.parametrize("path", ["/api/auth/signup", "/api/auth/login"])
def test_a_body_that_is_not_an_object_is_refused(
    db: None, anonymous: APIClient, path: str, body: str
) -> None:
    response = anonymous.generic("POST", path, body, "application/json")

    assert (response.status_code, response.json()["error"]) == (
        400,
        "The body must be a JSON object",
    )


@pytest.mark.parametrize(
    "password", ["  8 chars", "tail    ", "🔑" * 8, "x" * 1024, "a\tb\nc\rdef"]
)
def test_a_password_is_not_changed(db: None, anonymous: APIClient, password: str) -> None:
    created = anonymous.post("/api/auth/signup", {**BODY, "password": password})
    trimmed = anonymous.post("/api/auth/login", {**BODY, "password": password.strip() + "x"})
    right = anonymous.post("/api/auth/login", {**BODY, "password": password})

    assert [response.status_code for response in (created, trimmed, right)] == [201, 401, 200]


def test_rights_in_the_body_are_ignored(db: None, anonymous: APIClient) -> None:
    extra = {"is_staff": True, "is_superuser": True, "is_active": False, "id": "mine"}

    response = anonymous.post("/api/auth/signup", {**BODY, **extra, "name": ""})

    user = User.objects.get()
    assert (response.status_code, user.name) == (201, "")
    assert (user.is_staff, user.is_superuser, user.is_active) == (False, False, True)
    assert user.pk != "mine"


def test_a_sent_token_is_ignored(db: None, anonymous: APIClient) -> None:
    anonymous.credentials(HTTP_AUTHORIZATION="Bearer expired-long-ago")

    assert anonymous.post("/api/auth/signup", BODY).status_code == 201
    assert anonymous.post("/api/auth/login", BODY).status_code == 200
    assert anonymous.post("/api/auth/logout").status_code == 200


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"full_name": "Alice A."}, "Alice A."),
        ({"username": "alice"}, "alice"),
        ({"name": "Alice", "username": "a"}, "Alice"),
        ({"name": "", "full_name": "Alice A."}, "Alice A."),
    ],
)
def test_the_name_may_be_sent_as_full_name_or_username(
    db: None, anonymous: APIClient, body: dict[str, str], name: str
) -> None:
    account = {"email": EMAIL, "password": PASSWORD}
    response = anonymous.post("/api/v1/auth/signup", account | body)

    assert response.json()["user"]["name"] == name


def test_a_session_says_when_its_token_expires(db: None, anonymous: APIClient) -> None:
    session = anonymous.post("/api/auth/signup", BODY).json()

    claims = jwt.decode(session["token"], options={"verify_signature": False})
    assert session["expires_in"] == claims["exp"] - claims["iat"] == 86_400
