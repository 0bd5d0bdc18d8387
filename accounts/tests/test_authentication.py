"""Authentication of API requests with bearer tokens, with real signatures."""

import logging
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.key_server import KeyServer, SigningKey, encoded
from accounts.tokens import verifier
from conftest import METADATA, token_for

pytestmark = pytest.mark.django_db

TASKS = "/api/tasks"


def get(path: str, token: str) -> tuple[int, object]:
    response = APIClient().get(path, HTTP_AUTHORIZATION=f"Bearer {token}")
    return response.status_code, response.json()


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256", "ES512", "RS256", "PS256"])
def test_a_token_of_each_algorithm_that_better_auth_offers_is_accepted(
    better_auth: KeyServer, algorithm: str
) -> None:
    better_auth.keys = [SigningKey("k", algorithm)]

    assert get(TASKS, better_auth.token("someone")) == (200, [])


def test_the_first_request_creates_the_user(better_auth: KeyServer) -> None:
    token = better_auth.token("New-Person", email="new@todo.test", name="New")

    assert get("/api/me", token)[0] == 200
    user = User.objects.get()
    assert (user.pk, user.email, user.name) == ("New-Person", "new@todo.test", "New")
    assert not user.has_usable_password()
    assert (user.is_active, user.is_staff, user.is_superuser) == (True, False, False)


def test_claims_give_no_rights(better_auth: KeyServer) -> None:
    claims: dict[str, Any] = dict.fromkeys(("is_staff", "is_superuser", "is_active", "admin"), True)

    get("/api/me", better_auth.token("someone", role="admin", **claims))

    user = User.objects.get()
    assert (user.is_staff, user.is_superuser) == (False, False)


def test_two_ids_with_one_email_are_two_users(better_auth: KeyServer) -> None:
    get("/api/me", better_auth.token("first-id", email="same@todo.test"))
    get("/api/me", better_auth.token("FIRST-ID", email="same@todo.test"))

    assert set(User.objects.values_list("pk", "email")) == {
        ("first-id", "same@todo.test"),
        ("FIRST-ID", "same@todo.test"),
    }


@pytest.mark.django_db(transaction=True)  # in a transaction last_seen_at is not updated
def test_a_changed_name_is_copied_once_an_hour(better_auth: KeyServer) -> None:
    get("/api/me", better_auth.token("someone", name="Old"))

    get("/api/me", better_auth.token("someone", name="New"))
    soon = User.objects.get().name
    User.objects.update(last_seen_at=timezone.now() - timedelta(minutes=61))
    get("/api/me", better_auth.token("someone", name="New"))
    later = User.objects.get().name

    assert (soon, later) == ("Old", "New")


def statuses(*tokens: str) -> tuple[int, ...]:
    """Returns the status for each token, with a verifier of the current settings."""
    verifier.cache_clear()
    return tuple(get(TASKS, token)[0] for token in tokens)


NO_TOKEN: list[str | None] = [None, "", "Basic YWxpY2U6c2VjcmV0", "Token abc", "Bearer-like abc"]


@pytest.mark.parametrize("header", NO_TOKEN)
def test_a_request_without_a_bearer_token_returns_401_with_a_challenge(header: str | None) -> None:
    client = APIClient()
    if header is not None:
        client.credentials(HTTP_AUTHORIZATION=header)

    response = client.get(TASKS)

    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert response.headers["WWW-Authenticate"] == f"Bearer {METADATA}"


@pytest.mark.parametrize("spelled", ["bearer {}", "BEARER {}", "Bearer   {}", "Bearer {} "])
def test_the_scheme_may_be_spelled_in_any_case(alice: User, spelled: str) -> None:
    response = APIClient().get(TASKS, HTTP_AUTHORIZATION=spelled.format(token_for(alice.pk)))

    assert response.status_code == 200


@pytest.mark.parametrize("place", ["query", "cookie", "body", "header"])
def test_a_token_outside_the_authorization_header_is_ignored(alice: User, place: str) -> None:
    token, client = token_for(alice.pk), APIClient()
    if place == "cookie":
        client.cookies["token"] = client.cookies["access_token"] = token

    response = {
        "query": lambda: client.get(f"{TASKS}?token={token}&access_token={token}"),
        "cookie": lambda: client.get(TASKS),
        "body": lambda: client.post(TASKS, {"title": "x", "access_token": token}),
        "header": lambda: client.get(TASKS, HTTP_X_AUTH_TOKEN=token, HTTP_X_USER_ID=alice.pk),
    }[place]()

    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")


NOW = int(time.time())
UNSIGNED = b'{"alg": "none"}'
REFUSED = {
    "nothing after the scheme": ("Bearer", "token_invalid"),
    "two tokens": ("Bearer a.b.c d.e.f", "token_invalid"),
    "not a token": ("Bearer abc", "token_invalid"),
    "not UTF-8": ("Bearer \xff\xfe.\xff.\xff", "token_invalid"),
    "another secret": (f"Bearer {token_for('a', secret='x' * 40)}", "token_invalid"),
    "no signature": (
        f"Bearer {encoded(UNSIGNED)}.{token_for('a').split('.')[1]}.",
        "token_invalid",
    ),
    "no subject": (f"Bearer {token_for('')}", "token_invalid"),
    "not yet valid": (f"Bearer {token_for('a', nbf=NOW + 3_600)}", "token_invalid"),
    "expired": (f"Bearer {token_for('a', exp=NOW - 3_600)}", "token_expired"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_refused_token_returns_401_without_a_query(
    reason: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    header, code = REFUSED[reason]

    with django_assert_num_queries(0):
        response = APIClient().get(TASKS, HTTP_AUTHORIZATION=header)

    expired = code == "token_expired"
    text = "The token has expired" if expired else "The token is not valid"
    assert {**response.json(), "request_id": ""} == {
        "type": "about:blank", "title": "Unauthorized", "status": 401, "detail": text,
        "error": text, "code": code, "request_id": "",
    }  # fmt: skip
    assert response.status_code == 401
    challenge = response.headers["WWW-Authenticate"]
    assert challenge == f'Bearer error="invalid_token", {METADATA}'
    assert not User.objects.exists()


def test_a_token_in_use_expires(better_auth: KeyServer) -> None:
    token = better_auth.token("someone")

    before = get(TASKS, token)[0]
    with time_machine.travel(time.time() + 900 + 60):
        after = get(TASKS, token)[0]

    assert (before, after) == (200, 401)


def test_the_log_has_the_failed_check_but_not_the_token(
    better_auth: KeyServer, caplog: pytest.LogCaptureFixture
) -> None:
    token = better_auth.token("someone", iss="https://other.todo.test")

    with caplog.at_level(logging.INFO):
        _, body = get(TASKS, token)

    assert (
        f"Token refused: issuer: expected {better_auth.origin}, "
        "came 'https://other.todo.test'; if https://other.todo.test is your app, set"
        " BETTER_AUTH_URL=https://other.todo.test"
    ) in caplog.messages
    assert "issuer" not in str(body)
    assert not [part for part in token.split(".") if part in caplog.text]


def test_token_families_are_accepted_according_to_the_settings(
    better_auth: KeyServer, settings: Any
) -> None:
    symmetric = token_for("someone", iss=better_auth.origin, aud=better_auth.origin)

    from_key_set = statuses(symmetric, better_auth.token())
    settings.BETTER_AUTH_TOKENS = ["jwks", "hs256"]
    from_both = statuses(symmetric, better_auth.token())
    settings.BETTER_AUTH_TOKENS = ["hs256"]
    from_secret = statuses(symmetric, better_auth.token())

    assert from_key_set == (401, 200)
    assert from_both == (200, 200)
    assert from_secret == (200, 401)


def test_a_suspended_user_gets_403_with_a_valid_token(
    better_auth: KeyServer,
) -> None:
    token = better_auth.token("someone")
    get(TASKS, token)
    User.objects.update(is_active=False)

    response = APIClient().get(TASKS, HTTP_AUTHORIZATION=f"Bearer {token}")

    assert (response.status_code, response.json()["code"]) == (403, "account_suspended")
    assert response.json()["detail"] == "This account is suspended"
    assert "WWW-Authenticate" not in response.headers


def test_without_any_key_the_response_is_503_with_retry_after(
    better_auth: KeyServer,
) -> None:
    token = better_auth.token("someone")
    better_auth.go_down()

    response = APIClient().get(TASKS, HTTP_AUTHORIZATION=f"Bearer {token}")
    better_auth.come_back()

    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert int(response.headers["Retry-After"]) >= 1
    assert "WWW-Authenticate" not in response.headers


def test_an_outage_does_not_affect_known_keys(better_auth: KeyServer) -> None:
    get(TASKS, better_auth.token("someone"))
    better_auth.go_down()

    status, body = get(TASKS, better_auth.token("someone-else"))
    better_auth.come_back()

    assert (status, body) == (200, [])


@pytest.mark.parametrize(
    "claims",
    [
        {"scope": "openid profile"},
        {"scope": ""},
        {"azp": "an-agent"},
        {"client_id": "an-agent"},
        {"cid": "an-agent"},
        {"scp": ["tasks:read"]},
        {"act": {"sub": "an-agent"}},
    ],
)
def test_a_token_of_a_client_without_scopes_is_refused_everywhere(
    better_auth: KeyServer, claims: dict[str, Any]
) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {better_auth.token('someone', **claims)}")
    calls = (
        ("GET", "/api/tasks"), ("POST", "/api/tasks"), ("GET", "/api/me"), ("DELETE", "/api/me"),
        ("GET", "/api/me/export"), ("POST", "/api/auth/verify"), ("PATCH", "/api/tasks/x"),
    )  # fmt: skip

    for method, path in calls:
        response = client.generic(method, path, "{}", "application/json")
        assert (response.status_code, response.json()["code"]) == (403, "insufficient_scope"), path
        challenge = response.headers["WWW-Authenticate"]
        assert challenge.startswith('Bearer error="insufficient_scope", scope="'), path
    assert not User.objects.exists()


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt"])
def test_an_oauth_access_token_is_refused_by_its_type(better_auth: KeyServer, typ: str) -> None:
    now = int(time.time())
    claims = {"sub": "someone", "iss": better_auth.origin, "aud": better_auth.origin}
    token = better_auth.keys[0].sign({**claims, "iat": now, "exp": now + 60}, typ=typ)

    assert get(TASKS, token)[0] == 403
