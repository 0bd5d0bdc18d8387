"""What the token tests share: a key of each algorithm, and the verdict on a token."""

import time
from functools import cache

from accounts.keys import KeySet
from accounts.tests.key_server import ALGORITHMS, KeyServer, SigningKey
from accounts.tokens import Refused, Verifier


@cache
def signing_keys() -> dict[str, SigningKey]:
    """A key of each algorithm; its name is its id. Made once: RSA keys take their time."""
    return {name: SigningKey(name, name) for name in ALGORITHMS}


def verifier_of(server: KeyServer) -> Verifier:
    """A verifier as the settings make it beside a Better Auth server."""
    return Verifier(key_set=KeySet(server.url), issuer=server.origin, audience=server.origin)


def outcome(verifier: Verifier, token: str) -> str:
    """The check that refuses the token, or "accepted"."""
    try:
        verifier.verify(token)
    except Refused as exc:
        return exc.check
    return "accepted"


class Clock:
    """The monotonic clock, which time_machine leaves alone, `ahead` seconds later."""

    ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead
