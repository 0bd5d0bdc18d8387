"""Hints for refused tokens: the variable that is wrong, and the value to give it."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.sources import Source
from accounts.tests.key_server import KeyServer, SigningKey, encoded
from accounts.token_hints import claimed_issuer, hint_for
from accounts.token_text import Refused
from accounts.tokens import verifier
from conftest import token_for

APP = "https://app.todo.test"


def hint(token: str) -> str:
    with pytest.raises(Refused) as caught:
        verifier().verify(token)
    return hint_for(caught.value, token)


def test_a_token_of_another_origin_names_better_auth_url(better_auth: KeyServer) -> None:
    token = better_auth.token(iss=APP, aud=APP)

    assert hint(token) == f"if {APP} is your app, set BETTER_AUTH_URL={APP}"


def test_an_issuer_that_was_set_apart_names_its_own_variable(
    better_auth: KeyServer, settings: Any
) -> None:
    settings.BETTER_AUTH_ISSUER = "https://issuer.todo.test"

    found = hint(better_auth.token(iss=APP))

    assert found == "if the token is of your app, set BETTER_AUTH_ISSUER to its value"


def test_another_audience_names_its_variable(better_auth: KeyServer) -> None:
    found = hint(better_auth.token(aud="other"))

    assert found == "if the token is of your app, set BETTER_AUTH_AUDIENCE to its value"


def test_a_better_auth_token_where_only_a_secret_is_set_names_better_auth_url(
    key_server: KeyServer, settings: Any
) -> None:
    settings.BETTER_AUTH_URL, settings.BETTER_AUTH_TOKENS = "", ["hs256"]

    found = hint(key_server.token(iss=APP))

    assert found == f"to accept tokens of Better Auth's JWT plugin, set BETTER_AUTH_URL={APP}"


def test_an_hs256_token_where_only_the_key_set_counts_names_both_variables(
    better_auth: KeyServer,
) -> None:
    assert hint(token_for("someone")) == (
        "to accept HS256 tokens, set BETTER_AUTH_TOKENS=jwks,hs256, and BETTER_AUTH_SECRET to the"
        " secret that signs them"
    )


def test_another_algorithm_names_one_that_is_accepted(
    better_auth: KeyServer, settings: Any
) -> None:
    header = encoded(b'{"alg": "RS512", "kid": "x"}')
    token = f"{header}.{encoded(b'{}')}.c2ln"

    assert hint(token) == "sign tokens with EdDSA, as Better Auth does"
    settings.BETTER_AUTH_TOKENS = ["hs256"]
    verifier.cache_clear()
    assert hint(token) == "sign tokens with HS256"


def test_a_wrong_secret_names_better_auth_secret_and_no_key_id() -> None:
    token = token_for("someone", secret="another-secret-0123456789-0123456789-xyz")

    assert hint(token) == (
        "set BETTER_AUTH_SECRET to the secret that signs the tokens; they differ"
    )


def test_a_key_of_another_app_names_better_auth_url(better_auth: KeyServer) -> None:
    better_auth.keys, known = [SigningKey("other")], better_auth.keys
    token = better_auth.token(iss=APP)
    better_auth.keys = known

    assert hint(token) == (
        f"the token is not signed by the app at {better_auth.origin}; if {APP} is your app, set"
        f" BETTER_AUTH_URL={APP}"
    )


# --- Several sources ------------------------------------------------------------------------------


def test_an_issuer_that_is_not_listed_names_the_entry_to_add(
    better_auth: KeyServer, other_source: KeyServer
) -> None:
    found = hint(better_auth.token(iss=f"{APP}/api/auth"))

    entry = f'{{"issuer": "{APP}/api/auth"}}'
    assert found == f"if the token is of your app, add {entry} to AUTH_SOURCES"


@pytest.mark.parametrize("issuer", [None, 1, "", "app", f"{APP}\n", f"{APP}/{'x' * 300}"])
def test_an_issuer_that_is_no_address_has_no_hint(
    better_auth: KeyServer, other_source: KeyServer, issuer: object
) -> None:
    assert hint(better_auth.token(iss=issuer)) == ""


def test_an_oauth_token_of_the_app_itself_names_the_entry_to_add(better_auth: KeyServer) -> None:
    issuer = f"{better_auth.origin}/api/auth"

    found = hint(better_auth.token(iss=issuer))

    assert found == f'if the token is of your app, add {{"issuer": "{issuer}"}} to AUTH_SOURCES'


def test_an_hs256_token_of_another_issuer_names_no_entry(
    better_auth: KeyServer, settings: Any
) -> None:
    settings.BETTER_AUTH_TOKENS = ["jwks", "hs256"]

    found = hint(token_for("someone", iss=f"{better_auth.origin}/api/auth"))

    assert "AUTH_SOURCES" not in found


def test_another_audience_or_key_of_an_entry_names_the_entry(
    better_auth: KeyServer, other_source: KeyServer
) -> None:
    audience = hint(other_source.token(aud="other"))
    key = hint(other_source.token(key=SigningKey("first")))

    assert audience == (
        "if the token is for this service, add its aud to the audience of AUTH_SOURCES[0]"
    )
    assert key == (
        f"the token is not signed by {other_source.origin}; is it of another environment, or from"
        " before its keys were replaced?"
    )


def test_beside_a_single_entry_another_issuer_names_the_entry_to_add(
    key_server: KeyServer, settings: Any
) -> None:
    settings.BETTER_AUTH_URL, settings.BETTER_AUTH_TOKENS = "", ["jwks"]
    settings.AUTH_SOURCES = [Source(key_server.origin, key_server.url, (APP,), "AUTH_SOURCES[0]")]

    found = hint(key_server.token(iss=APP))

    assert found == f'if the token is of your app, add {{"issuer": "{APP}"}} to AUTH_SOURCES'


@pytest.mark.parametrize(
    "token",
    ["", "a", "a.b.c", "a.e30.c", "a.W10.c", "a.eyJpc3MiOjF9.c", "a.eyJpc3MiOiJ4XG55In0.c"],
)
def test_a_token_without_an_origin_has_no_claimed_issuer(token: str) -> None:
    assert claimed_issuer(token) == ""


def test_a_deep_payload_with_a_wrong_signature_is_refused(anonymous: APIClient) -> None:
    header, payload = encoded(b'{"alg": "HS256"}'), encoded(b"[" * 5_800)
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {header}.{payload}.{encoded(b'no')}")

    assert anonymous.get("/api/tasks").status_code == 401
