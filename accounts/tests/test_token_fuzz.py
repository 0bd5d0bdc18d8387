"""Property tests: no text, header, signature, payload or key set breaks the verifier."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.jwk import BadKey, Key, read_set
from accounts.keys import KeySet
from accounts.tests.key_server import KeyServer, encoded
from accounts.tests.token_helpers import outcome, signing_keys
from accounts.token_text import Refused
from accounts.tokens import Verifier
from todo_api.tests.settings import SECRET

NOW = 1_900_000_000


@pytest.fixture(scope="module")
def served() -> Iterator[KeyServer]:
    with KeyServer() as server:
        server.keys = [signing_keys()["EdDSA"], signing_keys()["ES256"]]
        yield server


@pytest.fixture(scope="module")
def both(served: KeyServer) -> Verifier:
    keys = KeySet(served.url)
    return Verifier(Key.of_secret(SECRET), keys, issuer=served.origin, audience=served.origin)


NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, 1e300, -1, 0, NOW])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
HEADER = st.dictionaries(
    st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jku", "jwk", "x5c"]) | st.text(),
    VALUES | st.sampled_from(["EdDSA", "ES256", "HS256", "none", "JWT", "first"]),
    max_size=6,
)
PAYLOAD = st.dictionaries(
    st.sampled_from(["sub", "iss", "aud", "exp", "nbf", "iat", "id", "email"]) | st.text(), VALUES
)


def verify_anything(verifier: Verifier, token: str) -> None:
    """Accepts Refused; any other exception, such as KeysUnavailable, fails the test."""
    line = ""
    try:
        verifier.verify(token)
    except Refused as exc:
        line = str(exc)
    assert line.isascii()


@settings(deadline=None)
@given(token=st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_no_text_breaks_it(both: Verifier, token: str) -> None:
    verify_anything(both, token)


@settings(deadline=None)
@given(parts=st.lists(st.binary(max_size=200), min_size=3, max_size=3))
def test_no_three_parts_break_it(both: Verifier, parts: list[bytes]) -> None:
    verify_anything(both, ".".join(encoded(part) for part in parts))


@settings(deadline=None)
@given(header=HEADER, signature=st.binary(min_size=1, max_size=200))
def test_no_header_breaks_it(both: Verifier, header: dict[str, Any], signature: bytes) -> None:
    head = encoded(json.dumps(header).encode())

    verify_anything(both, f"{head}.e30.{encoded(signature)}")


@settings(deadline=None)
@given(algorithm=st.sampled_from(["EdDSA", "ES256"]), signature=st.binary(max_size=140))
def test_no_signature_breaks_it(both: Verifier, algorithm: str, signature: bytes) -> None:
    head = encoded(json.dumps({"alg": algorithm, "kid": algorithm}).encode())

    assert outcome(both, f"{head}.e30.{encoded(b'x' + signature)}") == "signature"


@settings(deadline=None)
@given(payload=PAYLOAD | VALUES, usual=st.sets(st.sampled_from(["sub", "iss", "aud", "exp"])))
def test_no_signed_payload_breaks_it(
    both: Verifier, served: KeyServer, payload: Any, usual: set[str]
) -> None:
    good = {"sub": "a", "iss": served.origin, "aud": served.origin, "exp": NOW}
    if isinstance(payload, dict):
        payload |= {name: good[name] for name in usual}

    verify_anything(both, signing_keys()["EdDSA"].sign_bytes(json.dumps(payload).encode()))


@settings(deadline=None)
@given(raw=st.binary(max_size=300))
def test_no_signed_bytes_break_it(both: Verifier, raw: bytes) -> None:
    verify_anything(both, signing_keys()["EdDSA"].sign_bytes(raw))


JWK = st.dictionaries(
    st.sampled_from(["kid", "kty", "crv", "alg", "use", "key_ops", "x", "y", "n", "e"]),
    VALUES
    | st.sampled_from(["OKP", "EC", "RSA", "Ed25519", "P-256", "P-521", "AQAB", "sig"])
    | st.binary(max_size=300).map(encoded),
)


@settings(deadline=None)
@given(document=st.fixed_dictionaries({"keys": st.lists(JWK | VALUES, max_size=5)}) | VALUES)
def test_no_key_set_breaks_read_set(document: Any) -> None:
    lines = []
    try:
        lines = read_set(json.dumps(document))[1]
    except BadKey as exc:
        lines = [str(exc)]
    assert "".join(lines).isascii()


@settings(deadline=None)
@given(
    algorithm=st.sampled_from(["EdDSA", "ES256", "ES512", "RS256", "PS256"]),
    changes=JWK,
    dropped=st.sets(st.sampled_from(["alg", "crv", "x", "y", "n", "e", "kty"]), max_size=2),
)
def test_a_malformed_key_does_not_affect_other_keys(
    algorithm: str, changes: dict[str, Any], dropped: set[str]
) -> None:
    good = signing_keys()["EdDSA"].jwk(kid="good")
    changed = {**signing_keys()[algorithm].jwk(kid="odd"), **changes}
    odd = {name: value for name, value in changed.items() if name not in dropped}

    keys, refused = read_set(json.dumps({"keys": [odd, good]}))

    assert "good" in keys
    assert len(keys) + len(refused) == 2
