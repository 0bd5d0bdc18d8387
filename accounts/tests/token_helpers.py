"""Helpers of the token tests: a key of each algorithm, a verifier, and a clock."""

import time
from functools import cache

from accounts.keys import KeySet
from accounts.tests.key_server import ALGORITHMS, KeyServer, SigningKey
from accounts.token_text import Refused
from accounts.tokens import SourcesVerifier, Verifier


@cache
def signing_keys() -> dict[str, SigningKey]:
    """Returns a key of each algorithm, with the algorithm as its id. Cached: RSA keys are slow."""
    return {name: SigningKey(name, name) for name in ALGORITHMS}


def verifier_of(server: KeyServer) -> Verifier:
    """Returns a verifier with the settings for a Better Auth server."""
    return Verifier(key_set=KeySet(server.url), issuer=server.origin, audience=server.origin)


def outcome(verifier: Verifier | SourcesVerifier, token: str) -> str:
    """Returns the check that refuses the token, or "accepted"."""
    try:
        verifier.verify(token)
    except Refused as exc:
        return exc.check
    return "accepted"


class Clock:
    """A monotonic clock that is `ahead` seconds ahead; time_machine changes no monotonic clock."""

    ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead
