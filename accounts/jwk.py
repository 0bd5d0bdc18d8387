"""One public key of a key set (RFC 7517), or our own secret, ready to verify with."""

import json
import re
from dataclasses import dataclass
from typing import Any, Self

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from jwt.algorithms import Algorithm

MAX_KEYS = 64
MIN_RSA_BITS = 2048
# Fit for a log line, where the ids that strangers send end up.
KEY_ID = re.compile(r"[\x21-\x7e]{1,255}")
# Members of symmetric keys and of the private half of a pair (RFC 7518 section 6).
SECRET_MEMBERS = {"k", "d", "p", "q", "dp", "dq", "qi", "oth"}

# What a key of this type and curve may sign with; the first is meant when the key has no `alg`.
ALGORITHMS: dict[tuple[Any, Any], tuple[str, ...]] = {
    ("OKP", "Ed25519"): ("EdDSA",),
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-521"): ("ES512",),
    ("RSA", None): ("RS256", "PS256"),
}
ASYMMETRIC = tuple(name for names in ALGORITHMS.values() for name in names)


class BadKey(ValueError):
    """A JWK, or a whole set, that is not used. The text holds no key material."""


def canonical(algorithm: str) -> str:
    """RFC 9864 calls Better Auth's EdDSA by its curve."""
    return "EdDSA" if algorithm == "Ed25519" else algorithm


@dataclass(frozen=True, eq=False, slots=True)
class Key:
    """A key and the one algorithm it verifies. Two keys are equal only if they are one object."""

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
        """Raises BadKey for whatever is not one public signing key with an id."""
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
    """The usable keys of a JWK Set by id, and why the others are refused.

    Raises BadKey for a document that is no key set or holds no usable key.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise BadKey("the answer is not JSON") from exc
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise BadKey("the answer is not a key set")
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
