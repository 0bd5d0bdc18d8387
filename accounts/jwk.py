"""Verification keys: public keys of a JWK Set (RFC 7517), and the HS256 secret."""

import json
import re
from dataclasses import dataclass
from typing import Any, Self

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from jwt.algorithms import Algorithm

MAX_KEYS = 64
MIN_RSA_BITS = 2048
# Printable ASCII only, because key ids from unverified tokens appear in log lines.
KEY_ID = re.compile(r"[\x21-\x7e]{1,255}")
# Members of symmetric keys and of the private half of a pair (RFC 7518 section 6).
SECRET_MEMBERS = {"k", "d", "p", "q", "dp", "dq", "qi", "oth"}

# The algorithms of each key type and curve; the first is the default for a key without `alg`.
ALGORITHMS: dict[tuple[Any, Any], tuple[str, ...]] = {
    ("OKP", "Ed25519"): ("EdDSA",),
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-521"): ("ES512",),
    ("RSA", None): ("RS256", "PS256"),
}
ASYMMETRIC = tuple(name for names in ALGORITHMS.values() for name in names)


class BadKey(ValueError):
    """A JWK or a JWK Set that is refused. The text contains no key material."""


def canonical(algorithm: str) -> str:
    """Returns Better Auth's name of an algorithm: RFC 9864 names EdDSA by its curve, Ed25519."""
    return "EdDSA" if algorithm == "Ed25519" else algorithm


@dataclass(frozen=True, eq=False, slots=True)
class Key:
    """A key and its one algorithm. Keys are compared by identity: the cache of verified tokens
    (accounts.tokens) depends on it.
    """

    kid: str
    algorithm: str
    verifying: Algorithm
    material: Any
    jwk: dict[str, Any]

    @classmethod
    def of_secret(cls, secret: str) -> Self:
        verifying = jwt.get_algorithm_by_name("HS256")
        return cls("", "HS256", verifying, verifying.prepare_key(secret.encode()), {})

    @classmethod
    def of_jwk(cls, jwk: Any) -> Self:
        """Returns the key of a JWK. Raises BadKey unless it is a public signing key with an id."""
        if not isinstance(jwk, dict):
            raise BadKey("not an object")
        kid = jwk.get("kid")
        if not isinstance(kid, str) or not KEY_ID.fullmatch(kid):
            raise BadKey("no usable kid")
        if SECRET_MEMBERS & jwk.keys():
            raise BadKey(f"{kid!a} is a private or symmetric key and must not be published")
        kty, crv = jwk.get("kty"), jwk.get("crv")
        hashable = isinstance(kty, str) and isinstance(crv, str | None)
        allowed = ALGORITHMS.get((kty, crv)) if hashable else None
        if not allowed:
            raise BadKey(f"{kid!a} has an unknown type or curve")
        algorithm = jwk.get("alg", allowed[0])
        if not isinstance(algorithm, str) or canonical(algorithm) not in allowed:
            raise BadKey(f"{kid!a} has an alg that does not fit its type")
        operations = jwk.get("key_ops", ["verify"])
        verifies = isinstance(operations, list) and "verify" in operations
        if jwk.get("use", "sig") != "sig" or not verifies:
            raise BadKey(f"{kid!a} is not for signatures")
        verifying = jwt.get_algorithm_by_name(canonical(algorithm))
        try:
            material: Any = verifying.from_jwk(jwk)
        except (jwt.PyJWTError, UnsupportedAlgorithm, ValueError, TypeError, KeyError) as exc:
            raise BadKey(f"{kid!a} is malformed") from exc
        if kty == "RSA" and material.key_size < MIN_RSA_BITS:
            raise BadKey(f"{kid!a} has fewer than {MIN_RSA_BITS} bits")
        return cls(kid, canonical(algorithm), verifying, material, jwk)

    def verifies(self, signed: bytes, signature: bytes) -> bool:
        return self.verifying.verify(signed, self.material, signature)


def read_set(text: bytes | str) -> tuple[dict[str, Key], list[str]]:
    """Returns the usable keys of a JWK Set by id, and why the other keys are refused.

    Raises BadKey for a document that is not a JWK Set or has no usable key.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise BadKey("the document is not JSON") from exc
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise BadKey("the document is not a key set")
    if len(listed) > MAX_KEYS:
        raise BadKey(f"the key set has more than {MAX_KEYS} keys")
    keys: dict[str, Key] = {}
    refused: list[str] = []
    for jwk in listed:
        try:
            key = Key.of_jwk(jwk)
        except BadKey as exc:
            refused.append(str(exc))
            continue
        if keys.setdefault(key.kid, key) is not key:
            refused.append(f"{key.kid!a} is listed twice")
    if not keys:
        raise BadKey("the key set has no usable key")
    return keys, refused
