"""Compares the time to verify a token with that of PyJWT with the same checks.

    python -m bench.verify_token

Needs no database, and no network but a key server on loopback. Prints medians of several rounds, in
microseconds of CPU time for one token, so that other work on the machine matters little.
"""

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import jwt

from accounts.jwk import Key
from accounts.keys import KeySet
from accounts.tests.key_server import KeyServer, SigningKey
from accounts.tokens import LEEWAY_SECONDS, Verifier

ROUNDS = 7
TOKENS = 400
AGAIN = 20_000
SECRET = "a-secret-for-this-benchmark-only-0123456789"
REQUIRED = ["exp", "sub", "iss", "aud"]


def microseconds(verify: Callable[[str], object], tokens: list[str]) -> float:
    started_at = time.thread_time()
    for token in tokens:
        verify(token)
    return (time.thread_time() - started_at) / len(tokens) * 1e6


def signed(server: KeyServer, key: SigningKey, count: int) -> list[str]:
    """Returns tokens as Better Auth signs them, with the whole user row as payload."""
    row = {"emailVerified": True, "image": None, "createdAt": "2026-01-01T00:00:00.000Z"}
    return [server.token(f"user-{number}", key=key, **row) for number in range(count)]


def compare(server: KeyServer, algorithm: str) -> tuple[str, float, float]:
    """Returns the algorithm, the service's time for a first verification, and PyJWT's."""
    secret, material = Key.of_secret(SECRET), SECRET.encode()
    if algorithm == "HS256":
        key = SigningKey("", "HS256", material)
        verifying: Any = material
    else:
        key = SigningKey(algorithm, algorithm)
        verifying = key.private.public_key()
        server.keys = [key]
    tokens = signed(server, key, TOKENS)

    def verify_with_pyjwt(token: str) -> object:
        return jwt.decode(
            token, verifying, algorithms=[algorithm], issuer=server.origin, audience=server.origin,
            leeway=LEEWAY_SECONDS, options={"require": REQUIRED},
        )  # fmt: skip

    service, pyjwt = [], []
    for _ in range(ROUNDS):
        key_set = KeySet(server.url)
        key_set.refresh()
        verifier = Verifier(secret, key_set, server.origin, server.origin)
        service.append(microseconds(verifier.verify, tokens))
        pyjwt.append(microseconds(verify_with_pyjwt, tokens))
    return algorithm, statistics.median(service), statistics.median(pyjwt)


def again(server: KeyServer) -> tuple[str, float, float]:
    """Returns the same for a token that was verified before."""
    key = server.keys[0] = SigningKey("again")
    verifier = Verifier(None, KeySet(server.url), server.origin, server.origin)
    (token,) = signed(server, key, 1)
    verifying = key.private.public_key()
    verifier.verify(token)
    service = [microseconds(verifier.verify, [token] * AGAIN) for _ in range(ROUNDS)]
    pyjwt = [
        microseconds(
            lambda token: jwt.decode(
                token, verifying, algorithms=["EdDSA"], issuer=server.origin,
                audience=server.origin, leeway=LEEWAY_SECONDS, options={"require": REQUIRED},
            ),
            [token] * TOKENS,
        )
        for _ in range(ROUNDS)
    ]  # fmt: skip
    return "EdDSA, seen before", statistics.median(service), statistics.median(pyjwt)


def main() -> None:
    with KeyServer() as server:
        rows = [again(server)]
        rows += [compare(server, name) for name in ("EdDSA", "ES256", "RS256", "HS256")]
    lines = [f"{'verification, in microseconds':<32}{'service':>8}{'PyJWT':>8}{'ratio':>8}"]
    for name, service, pyjwt in rows:
        label = name if "," in name else f"{name}, first"
        lines.append(f"{label:<32}{service:>8.1f}{pyjwt:>8.1f}{service / pyjwt:>8.2f}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
