"""Parsing of JWK Sets: accepted keys and their algorithms, refused keys, refused documents."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from accounts.jwk import MAX_KEYS, BadKey, Key, read_set
from accounts.tests.key_server import ALGORITHMS, SigningKey, encoded
from accounts.tests.token_helpers import signing_keys

SECRET = encoded(b"s" * 32)


def jwk(algorithm: str = "EdDSA", without: str = "", **members: Any) -> dict[str, Any]:
    published = signing_keys()[algorithm].jwk(**members)
    published.pop(without, None)
    return published


def read(*keys: Any) -> dict[str, str]:
    """Returns the id and the algorithm of each accepted key."""
    used, _ = read_set(json.dumps({"keys": keys}))
    return {kid: key.algorithm for kid, key in used.items()}


def test_a_set_may_mix_algorithms() -> None:
    keys, refused = read_set(json.dumps({"keys": [jwk(name) for name in ALGORITHMS]}))

    assert {kid: key.algorithm for kid, key in keys.items()} == {name: name for name in ALGORITHMS}
    assert refused == []


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        pytest.param(jwk("EdDSA", "alg"), "EdDSA", id="Ed25519 without alg"),
        pytest.param(jwk("ES256", "alg"), "ES256", id="P-256 without alg"),
        pytest.param(jwk("ES512", "alg"), "ES512", id="P-521 without alg"),
        pytest.param(jwk("PS256", "alg"), "RS256", id="RSA without alg"),
        pytest.param(jwk(alg="Ed25519"), "EdDSA", id="the name of RFC 9864"),
        pytest.param(jwk(use="sig"), "EdDSA", id="for signatures"),
        pytest.param(jwk(key_ops=["verify"]), "EdDSA", id="to verify with"),
        pytest.param(jwk(x5c=["x"], x5t="x", exp=1, ext=True), "EdDSA", id="further members"),
        pytest.param(jwk(kid="k" * 255), "EdDSA", id="kid of 255 characters"),
    ],
)
def test_each_key_has_one_algorithm(key: dict[str, Any], algorithm: str) -> None:
    assert read(key) == {key["kid"]: algorithm}


RSA_1024 = rsa.generate_private_key(65537, 1024)  # noqa: S505  (deliberately too small)
REFUSED: dict[str, tuple[Any, str]] = {
    "a number": (1, "not an object"),
    "a string": ("key", "not an object"),
    "null": (None, "not an object"),
    "a list": ([jwk()], "not an object"),
    "an empty object": ({}, "no usable kid"),
    "without kid": (jwk(without="kid"), "no usable kid"),
    "kid null": (jwk(kid=None), "no usable kid"),
    "kid a number": (jwk(kid=1), "no usable kid"),
    "kid empty": (jwk(kid=""), "no usable kid"),
    "kid of 256 characters": (jwk(kid="k" * 256), "no usable kid"),
    "kid with a line end": (jwk(kid="k\nINFO"), "no usable kid"),
    "symmetric": ({"kty": "oct", "kid": "odd", "k": SECRET}, "private or symmetric"),
    "symmetric with kty RSA": (jwk("RS256", kid="odd", k=SECRET), "private or symmetric"),
    "symmetric without its secret": ({"kty": "oct", "kid": "odd", "alg": "HS256"}, "unknown type"),
    "private": (jwk(kid="odd", d=SECRET), "private or symmetric"),
    "private RSA by a prime": (jwk("RS256", kid="odd", p=SECRET), "private or symmetric"),
    "private, d null": (jwk(kid="odd", d=None), "private or symmetric"),
    "kty missing": (jwk(without="kty"), "unknown type"),
    "kty unknown": (jwk(kty="AKP"), "unknown type"),
    "kty a list": (jwk(kty=["OKP"]), "unknown type"),
    "kty of another key": (jwk(kty="RSA"), "unknown type"),
    "crv missing": (jwk(without="crv"), "unknown type"),
    "crv unknown": (jwk("ES256", crv="P-384"), "unknown type"),
    "crv secp256k1": (jwk("ES256", crv="secp256k1"), "unknown type"),
    "crv Ed448": (jwk(crv="Ed448"), "unknown type"),
    "crv for encryption": (jwk(crv="X25519"), "unknown type"),
    "crv an object": (jwk(crv={}), "unknown type"),
    "alg none": (jwk(alg="none"), "does not fit"),
    "alg HS256": (jwk(alg="HS256"), "does not fit"),
    "alg HS256 on an RSA key": (jwk("RS256", alg="HS256"), "does not fit"),
    "alg of another type": (jwk(alg="RS256"), "does not fit"),
    "alg of another curve": (jwk("ES256", alg="ES512"), "does not fit"),
    "alg for encryption": (jwk("RS256", alg="RSA-OAEP"), "does not fit"),
    "alg weaker than offered": (jwk("RS256", alg="RS1"), "does not fit"),
    "alg null": (jwk(alg=None), "does not fit"),
    "alg a list": (jwk(alg=["EdDSA"]), "does not fit"),
    "use enc": (jwk(use="enc"), "not for signatures"),
    "use null": (jwk(use=None), "not for signatures"),
    "key_ops to sign": (jwk(key_ops=["sign"]), "not for signatures"),
    "key_ops empty": (jwk(key_ops=[]), "not for signatures"),
    "key_ops null": (jwk(key_ops=None), "not for signatures"),
    "key_ops a number": (jwk(key_ops=1), "not for signatures"),
    "key_ops a string": (jwk(key_ops="verify"), "not for signatures"),
    "x missing": (jwk(without="x"), "malformed"),
    "x null": (jwk(x=None), "malformed"),
    "x a number": (jwk(x=1), "malformed"),
    "x a list": (jwk(x=[1]), "malformed"),
    "x empty": (jwk(x=""), "malformed"),
    "x too short": (jwk(x=encoded(b"x" * 31)), "malformed"),
    "x too long": (jwk(x=encoded(b"x" * 33)), "malformed"),
    "x not base64": (jwk(x="A"), "malformed"),
    "y missing": (jwk("ES256", "y"), "malformed"),
    "a point off the curve": (jwk("ES256", x=encoded(b"\1" * 32)), "malformed"),
    "the point of zeros": (
        jwk("ES256", x=encoded(bytes(32)), y=encoded(bytes(32))), "malformed",
    ),
    "n missing": (jwk("RS256", "n"), "malformed"),
    "n empty": (jwk("RS256", n=""), "malformed"),
    "n a number": (jwk("RS256", n=3233), "malformed"),
    "e missing": (jwk("RS256", "e"), "malformed"),
    "e zero": (jwk("RS256", e="AA"), "malformed"),
    "e one": (jwk("RS256", e="AQ"), "malformed"),
    "e even": (jwk("RS256", e="BA"), "malformed"),
    "1,024 bits": (SigningKey("odd", "RS256", RSA_1024).jwk(), "fewer than 2048 bits"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_key_is_refused_and_the_others_are_used(name: str) -> None:
    odd, expected = REFUSED[name]

    keys, (reason,) = read_set(json.dumps({"keys": [odd, jwk("ES512", kid="good")]}))

    assert list(keys) == ["good"]
    assert expected in reason
    assert SECRET not in reason


@pytest.mark.parametrize("name", REFUSED)
def test_a_set_with_only_bad_keys_is_refused(name: str) -> None:
    with pytest.raises(BadKey, match="no usable key"):
        read(REFUSED[name][0])


DOCUMENTS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not JSON"),
    "a page": (b"<!doctype html><title>Sign in</title>", "not JSON"),
    "cut short": (b'{"keys": [', "not JSON"),
    "not text": (b"\xff\xfe\x00\xd8", "not JSON"),
    "nested without end": (b"[" * 100_000, "not JSON"),
    "a number too long": (b'{"keys": ' + b"9" * 5_000 + b"}", "not JSON"),
    "a list": (json.dumps([jwk()]).encode(), "not a key set"),
    "a key alone": (json.dumps(jwk()).encode(), "not a key set"),
    "null": (b"null", "not a key set"),
    "an error": (b'{"error": "not found"}', "not a key set"),
    "keys null": (b'{"keys": null}', "not a key set"),
    "keys an object": (json.dumps({"keys": {"k": jwk()}}).encode(), "not a key set"),
    "no keys": (b'{"keys": []}', "no usable key"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_is_not_a_key_set_is_refused(name: str) -> None:
    document, expected = DOCUMENTS[name]

    with pytest.raises(BadKey, match=expected):
        read_set(document)


def test_a_set_has_64_keys_at_most() -> None:
    keys = [jwk(kid=f"key-{number}") for number in range(MAX_KEYS + 1)]

    assert len(read(*keys[:MAX_KEYS])) == 64
    with pytest.raises(BadKey, match="more than 64"):
        read(*keys)


def test_the_first_of_two_keys_with_one_id_is_used() -> None:
    first, second = jwk("EdDSA", kid="same"), jwk("ES256", kid="same")

    keys, refused = read_set(json.dumps({"keys": [first, second]}))

    assert {kid: key.algorithm for kid, key in keys.items()} == {"same": "EdDSA"}
    assert refused == ["'same' is listed twice"]


def test_a_key_is_equal_only_to_itself() -> None:
    assert Key.of_jwk(jwk()) != Key.of_jwk(jwk())
