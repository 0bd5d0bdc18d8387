"""POST /api/auth/login and /signin."""

import json
from typing import Any

import jwt
import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.hashers import FrugalArgon2PasswordHasher
from accounts.models import User
from accounts.tests.conftest import EMAIL, PASSWORD
from conftest import METADATA, client_of

BODY = {"email": EMAIL, "password": PASSWORD}
BOTH = "Email and password required"


class CountingHasher(FrugalArgon2PasswordHasher):
    """The service's hasher with the full cost, which counts its hashes."""

    hashes = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.hashes += 1
        return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        CountingHasher.hashes += 1
        return super().verify(password, encoded)


@pytest.mark.parametrize("path", ["/api/auth/login", "/api/auth/login/", "/api/auth/signin"])
def test_email_and_password_return_a_token(
    account: User,
    anonymous: APIClient,
    path: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(5):  # three counts of attempts, the user, their reset
        response = anonymous.post(path, BODY)

    body = response.json()
    claims = jwt.decode(body["token"], options={"verify_signature": False})
    assert response.status_code == 200
    assert body == {
        "token": body["token"],
        "access_token": body["token"],
        "expires_in": 86_400,
        "token_type": "bearer",
        "user": {
            "id": account.pk,
            "email": EMAIL,
            "name": "Alice",
            "created_at": account.date_joined.isoformat().replace("+00:00", "Z"),
        },
    }
    assert (claims["sub"], claims["user_id"]) == (account.pk, account.pk)
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {body['token']}")
    assert anonymous.get("/api/tasks").status_code == 200


@pytest.mark.parametrize("email", [EMAIL.upper(), f"  {EMAIL} ", "Alice@todo.TEST"])
def test_an_email_is_case_insensitive(account: User, anonymous: APIClient, email: str) -> None:
    assert anonymous.post("/api/auth/login", {**BODY, "email": email}).status_code == 200


def test_the_database_lowers_the_case_of_an_email(db: None, anonymous: APIClient) -> None:
    # Python lowers the last letter to a final sigma.
    email = "\u03a3\u03a3@todo.test"
    User.objects.sign_up(email, PASSWORD)

    assert anonymous.post("/api/auth/login", {**BODY, "email": email}).status_code == 200


def test_every_failure_has_the_same_response_and_cost(
    account: User, anonymous: APIClient, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    client_of("from-a-token", email="token@todo.test").get("/api/me")
    responses, costs = [], []

    for wrong in (
        {**BODY, "password": "wrong horse battery"},
        {**BODY, "password": PASSWORD.upper()},
        {**BODY, "password": f"{PASSWORD} "},
        {**BODY, "email": "nobody@todo.test"},
        {**BODY, "email": "token@todo.test"},
        {**BODY, "email": "no e-mail at all"},
        {**BODY, "email": "%"},
    ):
        before = CountingHasher.hashes
        responses.append(anonymous.post("/api/auth/login", wrong, HTTP_X_REQUEST_ID="same"))
        costs.append(CountingHasher.hashes - before)

    assert {response.content for response in responses} == {responses[0].content}
    assert responses[0].json() == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "Invalid email or password",
        "error": "Invalid email or password",
        "code": "not_authenticated",
        "request_id": "same",
    }
    assert {response.headers["WWW-Authenticate"] for response in responses} == {
        f"Bearer {METADATA}"
    }
    assert costs == [1] * len(responses)


def test_a_suspended_user_gets_403_only_with_the_right_password(
    account: User, anonymous: APIClient
) -> None:
    User.objects.update(is_active=False)

    right = anonymous.post("/api/auth/login", BODY)
    wrong = anonymous.post("/api/auth/login", {**BODY, "password": "wrong horse battery"})

    assert (right.status_code, right.json()["code"]) == (403, "account_suspended")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({}, ["email", "password"]),
        ({"email": "", "password": ""}, ["email", "password"]),
        ({"email": None, "password": PASSWORD}, ["email"]),
        ({"email": EMAIL, "password": []}, ["password"]),
        ({"email": {}, "password": PASSWORD}, ["email"]),
        ({"email": 1, "password": 12345678}, ["email", "password"]),
    ],
)
def test_a_missing_email_or_password_is_a_400(
    db: None, anonymous: APIClient, body: dict[str, Any], names: list[str]
) -> None:
    response = anonymous.post("/api/auth/login", body)

    assert (response.status_code, response.json()["error"]) == (400, BOTH)
    assert response.json()["errors"] == {name: [BOTH] for name in names}


@pytest.mark.parametrize("name", ["email", "password"])
@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "x" * 500_000, "🎉", "'; --", " "])
def test_no_text_causes_a_server_error(
    account: User, anonymous: APIClient, name: str, text: str
) -> None:
    body = json.dumps({**BODY, name: text})

    response = anonymous.generic("POST", "/api/auth/login", body, "application/json")

    assert response.status_code in (400, 401)


def test_a_form_body_returns_415(db: None, anonymous: APIClient) -> None:
    form = "application/x-www-form-urlencoded"

    response = anonymous.generic("POST", "/api/auth/login", "email=a&password=b", form)

    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


def test_a_dotless_i_in_the_email_is_another_account(account: User, anonymous: APIClient) -> None:
    dotless = {"email": "al\u0131ce@todo.test", "password": "another horse battery"}

    other = anonymous.post("/api/auth/signup", dotless).json()["user"]["id"]

    assert anonymous.post("/api/auth/login", BODY).json()["user"]["id"] == account.pk != other
    assert anonymous.post("/api/auth/login", dotless).json()["user"]["id"] == other
