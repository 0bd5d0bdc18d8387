"""The two token families, HS256 and asymmetric: each is verified with its own keys only."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from accounts.jwk import Key
from accounts.keys import KeySet
from accounts.tests.key_server import ALGORITHMS, KeyServer, SigningKey, decoded, encoded
from accounts.tests.token_helpers import outcome, signing_keys
from accounts.tokens import Verifier
from conftest import token_for
from todo_api.tests.settings import SECRET


@pytest.fixture(scope="module")
def served() -> Iterator[KeyServer]:
    """A key server with a key of each algorithm. Tests must not change it."""
    with KeyServer() as server:
        server.keys = list(signing_keys().values())
        yield server


PUBLIC: dict[str, Callable[[SigningKey], bytes]] = {
    "PEM": lambda key: key.private.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    ),
    "DER": lambda key: key.private.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    ),
    "JWK": lambda key: json.dumps(key.jwk()).encode(),
    "the JWK's main member": lambda key: str(key.jwk().get("x") or key.jwk()["n"]).encode(),
    "nothing": lambda key: b"",
}


def hmac_token(secret: bytes, **header: Any) -> str:
    claims = json.loads(decoded(token_for("someone").split(".")[1]))
    text = ".".join(
        encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", **header}, claims)
    )
    return f"{text}.{encoded(hmac.digest(secret, text.encode(), hashlib.sha256))}"


@pytest.mark.parametrize("form", PUBLIC)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_public_key_is_never_used_as_hmac_secret(
    served: KeyServer, algorithm: str, form: str
) -> None:
    keys, secret = KeySet(served.url), Key.of_secret(SECRET)
    token = hmac_token(PUBLIC[form](signing_keys()[algorithm]), kid=algorithm)

    assert outcome(Verifier(key_set=keys), token) == "algorithm"
    assert outcome(Verifier(secret=secret), token) == "signature"
    assert outcome(Verifier(secret=secret, key_set=keys), token) == "signature"


SECRETS: dict[str, tuple[dict[str, Any], str]] = {
    "as mint_token signs": ({"typ": "JWT"}, "accepted"),
    "without typ": ({}, "accepted"),
    "with the id of a public key": ({"kid": "EdDSA"}, "accepted"),
    "with an unknown id": ({"kid": "unknown"}, "accepted"),
    "HS384 in the header": ({"alg": "HS384"}, "algorithm"),
    "HS512 in the header": ({"alg": "HS512"}, "algorithm"),
    "none in the header": ({"alg": "none"}, "algorithm"),
    "EdDSA in the header": ({"alg": "EdDSA", "kid": "EdDSA"}, "signature"),
    "RS256 in the header": ({"alg": "RS256", "kid": "RS256"}, "signature"),
}


@pytest.mark.parametrize("name", SECRETS)
def test_the_secret_verifies_hs256_and_nothing_else(served: KeyServer, name: str) -> None:
    header, expected = SECRETS[name]
    both = Verifier(secret=Key.of_secret(SECRET), key_set=KeySet(served.url))

    assert outcome(both, hmac_token(SECRET.encode(), **header)) == expected
    assert outcome(both, hmac_token(b"another-secret-" * 3, **header)) != "accepted"


def test_a_family_without_a_key_source_is_refused(served: KeyServer) -> None:
    secret_only = Verifier(secret=Key.of_secret(SECRET))
    keys_only = Verifier(key_set=KeySet(served.url))
    both = Verifier(secret=Key.of_secret(SECRET), key_set=KeySet(served.url))
    asymmetric = served.token(key=signing_keys()["EdDSA"])
    symmetric = token_for("someone")

    outcomes = [
        (outcome(verifier, asymmetric), outcome(verifier, symmetric))
        for verifier in (secret_only, keys_only, both)
    ]

    assert outcomes == [
        ("algorithm", "accepted"),
        ("accepted", "algorithm"),
        ("accepted", "accepted"),
    ]


def test_hs256_tokens_cause_no_fetch_of_the_key_set() -> None:
    with KeyServer() as server:
        both = Verifier(secret=Key.of_secret(SECRET), key_set=KeySet(server.url))

        assert outcome(both, token_for("a")) == "accepted"
        assert server.requests == 0
