"""The API with tokens of a real Better Auth server (Node.js)."""

from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.better_auth import Browser, started
from accounts.tests.key_server import SigningKey
from accounts.tokens import verifier

pytestmark = [pytest.mark.better_auth, pytest.mark.django_db]

ALGORITHMS = ("EdDSA", "ES256", "ES512", "RS256", "PS256")
USER_ROW = {"id", "name", "email", "emailVerified", "createdAt", "updatedAt"}
SHOWN = ("id", "email", "name")
REGISTERED = {"sub", "iss", "aud", "iat", "exp"}


@pytest.fixture(scope="session")
def origins() -> Iterator[dict[str, str]]:
    """Yields the origins of Better Auth servers: one for each algorithm and one `trimmed`."""
    with started(*ALGORITHMS, "trimmed") as addresses:
        yield addresses


@pytest.fixture
def browser(request: pytest.FixtureRequest, origins: dict[str, str], settings: Any) -> Browser:
    """Returns a browser, and configures this service for the browser's Better Auth server."""
    origin = origins[getattr(request, "param", "EdDSA")]
    settings.BETTER_AUTH_TOKENS = ["jwks"]
    settings.BETTER_AUTH_URL = settings.BETTER_AUTH_ISSUER = origin
    settings.BETTER_AUTH_AUDIENCE = origin
    settings.BETTER_AUTH_JWKS_URL = f"{origin}/api/auth/jwks"
    verifier.cache_clear()
    return Browser(origin)


each_algorithm = pytest.mark.parametrize("browser", ALGORITHMS, indirect=True)


def api(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def status(token: str) -> int:
    return api(token).get("/api/tasks").status_code


@each_algorithm
def test_a_user_of_better_auth_can_store_tasks(browser: Browser) -> None:
    user = browser.sign_up()
    client = api(browser.token())

    before = client.get("/api/tasks")
    created = client.post("/api/tasks", {"title": "Water the plants"})
    after = client.get("/api/tasks")
    me = client.get("/api/me").json()

    assert (before.status_code, before.json()) == (200, [])
    assert (created.status_code, created.json()["user_id"]) == (201, user["id"])
    assert after.json() == [created.json()]
    joined = me.pop("created_at")
    assert joined.endswith("Z")
    assert me == {name: user[name] for name in SHOWN}


@each_algorithm
def test_the_token_has_the_expected_header_and_claims(
    browser: Browser, request: pytest.FixtureRequest
) -> None:
    user = browser.sign_up()
    token = browser.token()

    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, options={"verify_signature": False})

    key = browser.request("/api/auth/jwks")["keys"][-1]
    assert header == {"alg": request.node.callspec.params["browser"], "kid": key["kid"]}
    assert key["alg"] == header["alg"]
    assert not {"use", "key_ops"} & set(key)
    assert set(claims) == USER_ROW | REGISTERED
    assert claims["iss"] == claims["aud"] == browser.origin
    assert claims["exp"] - claims["iat"] == 900
    assert claims["sub"] == claims["id"] == user["id"]


@pytest.mark.parametrize("browser", ["trimmed"], indirect=True)
def test_a_payload_trimmed_to_email_and_name_is_enough(browser: Browser) -> None:
    user = browser.sign_up()
    token = browser.token()

    response = api(token).get("/api/me").json()

    claims = jwt.decode(token, options={"verify_signature": False})
    assert set(claims) == {"email", "name"} | REGISTERED
    assert {name: response[name] for name in SHOWN} == {name: user[name] for name in SHOWN}


@each_algorithm
def test_after_a_rotation_new_and_old_tokens_are_accepted(browser: Browser) -> None:
    browser.sign_up()
    old = browser.token()
    assert status(old) == 200

    browser.rotate()
    new = browser.token()

    assert jwt.get_unverified_header(new)["kid"] != jwt.get_unverified_header(old)["kid"]
    assert status(new) == 200
    assert status(old) == 200


def test_a_token_of_a_withdrawn_key_is_refused_after_the_next_fetch(browser: Browser) -> None:
    browser.sign_up()
    old = browser.token()
    assert status(old) == 200

    browser.withdraw_keys()
    new = browser.token()

    assert status(old) == 200  # the key set has not been fetched again yet
    assert status(new) == 200
    assert status(old) == 401


@each_algorithm
def test_a_token_signed_with_another_key_of_the_same_id_is_refused(browser: Browser) -> None:
    browser.sign_up()
    token = browser.token()
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, options={"verify_signature": False})

    forged = SigningKey(header["kid"], header["alg"]).sign(claims)
    response = api(forged).get("/api/tasks")

    assert jwt.get_unverified_header(forged) == header
    assert (response.status_code, response.json()["code"]) == (401, "token_invalid")
    assert status(token) == 200


def test_users_of_one_app_do_not_see_tasks_of_each_other(browser: Browser) -> None:
    browser.sign_up()
    alice = api(browser.token())
    other = Browser(browser.origin)
    other.sign_up("Bob")
    bob = api(other.token())

    task = alice.post("/api/tasks", {"title": "Water the plants"}).json()

    assert bob.get("/api/tasks").json() == []
    assert bob.get(f"/api/tasks/{task['id']}").status_code == 404
    assert User.objects.count() == 2
