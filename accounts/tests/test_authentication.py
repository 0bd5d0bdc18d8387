"""A token in a header, a person in the request: over the API, with real signatures."""

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
from conftest import token_for

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


def test_the_first_contact_makes_the_person(better_auth: KeyServer) -> None:
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


def test_one_email_under_two_ids_is_two_people(better_auth: KeyServer) -> None:
    get("/api/me", better_auth.token("first-id", email="same@todo.test"))
    get("/api/me", better_auth.token("FIRST-ID", email="same@todo.test"))

    assert set(User.objects.values_list("pk", "email")) == {
        ("first-id", "same@todo.test"),
        ("FIRST-ID", "same@todo.test"),
    }


@pytest.mark.django_db(transaction=True)  # inside a transaction nothing is copied
def test_a_changed_name_is_copied_once_an_hour(better_auth: KeyServer) -> None:
    get("/api/me", better_auth.token("someone", name="Old"))

    get("/api/me", better_auth.token("someone", name="New"))
    soon = User.objects.get().name
    User.objects.update(last_seen_at=timezone.now() - timedelta(minutes=61))
    get("/api/me", better_auth.token("someone", name="New"))
    later = User.objects.get().name

    assert (soon, later) == ("Old", "New")


def statuses(*tokens: str) -> tuple[int, ...]:
    """The status for each token, with a verifier made from the settings of now."""
    verifier.cache_clear()
    return tuple(get(TASKS, token)[0] for token in tokens)


NO_TOKEN: list[str | None] = [None, "", "Basic YWxpY2U6c2VjcmV0", "Token abc", "Bearer-like abc"]


@pytest.mark.parametrize("header", NO_TOKEN)
def test_without_a_bearer_token_the_answer_is_a_bare_challenge(header: str | None) -> None:
    client = APIClient()
    if header is not None:
        client.credentials(HTTP_AUTHORIZATION=header)

    response = client.get(TASKS)

    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("spelled", ["bearer {}", "BEARER {}", "Bearer   {}", "Bearer {} "])
def test_the_scheme_may_be_spelled_in_any_case(alice: User, spelled: str) -> None:
    response = APIClient().get(TASKS, HTTP_AUTHORIZATION=spelled.format(token_for(alice.pk)))

    assert response.status_code == 200


@pytest.mark.parametrize("place", ["query", "cookie", "body", "header"])
def test_a_token_anywhere_else_is_not_looked_at(alice: User, place: str) -> None:
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
def test_a_token_that_is_refused_is_a_401_and_costs_no_query(
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
    assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert not User.objects.exists()


def test_a_token_ends_while_it_is_in_use(better_auth: KeyServer) -> None:
    token = better_auth.token("someone")

    before = get(TASKS, token)[0]
    with time_machine.travel(time.time() + 900 + 60):
        after = get(TASKS, token)[0]

    assert (before, after) == (200, 401)


def test_which_check_failed_goes_to_the_log_and_the_token_does_not(
    better_auth: KeyServer, caplog: pytest.LogCaptureFixture
) -> None:
    token = better_auth.token("someone", iss="https://other.todo.test")

    with caplog.at_level(logging.INFO):
        _, body = get(TASKS, token)

    assert (
        f"Token refused: issuer: expected {better_auth.origin}, "
        "came 'https://other.todo.test'; look at BETTER_AUTH_ISSUER"
    ) in caplog.messages
    assert "issuer" not in str(body)
    assert not [part for part in token.split(".") if part in caplog.text]


def test_each_family_is_accepted_only_where_the_settings_say_so(
    better_auth: KeyServer, settings: Any
) -> None:
    hand_made = token_for("someone", iss=better_auth.origin, aud=better_auth.origin)

    from_key_set = statuses(hand_made, better_auth.token())
    settings.BETTER_AUTH_TOKENS = ["jwks", "hs256"]
    from_both = statuses(hand_made, better_auth.token())
    settings.BETTER_AUTH_TOKENS = ["hs256"]
    from_secret = statuses(hand_made, better_auth.token())

    assert from_key_set == (401, 200)
    assert from_both == (200, 200)
    assert from_secret == (200, 401)


def test_a_suspended_person_is_refused_at_once_although_the_token_is_good(
    better_auth: KeyServer,
) -> None:
    token = better_auth.token("someone")
    get(TASKS, token)
    User.objects.update(is_active=False)

    response = APIClient().get(TASKS, HTTP_AUTHORIZATION=f"Bearer {token}")

    assert (response.status_code, response.json()["code"]) == (403, "account_suspended")
    assert response.json()["detail"] == "This account is suspended"
    assert "WWW-Authenticate" not in response.headers


def test_without_any_key_the_answer_is_503_and_says_when_to_come_back(
    better_auth: KeyServer,
) -> None:
    token = better_auth.token("someone")
    better_auth.go_down()

    response = APIClient().get(TASKS, HTTP_AUTHORIZATION=f"Bearer {token}")
    better_auth.come_back()

    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert int(response.headers["Retry-After"]) >= 1
    assert "WWW-Authenticate" not in response.headers


def test_an_outage_does_not_trouble_people_whose_key_is_known(better_auth: KeyServer) -> None:
    get(TASKS, better_auth.token("someone"))
    better_auth.go_down()

    status, body = get(TASKS, better_auth.token("someone-else"))
    better_auth.come_back()

    assert (status, body) == (200, [])
