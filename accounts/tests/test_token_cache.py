"""The cache of verified tokens: a cached token ends with its key and at its expiry."""

import pytest
import time_machine

from accounts.tests.key_server import KeyServer, SigningKey
from accounts.tests.token_helpers import outcome, verifier_of
from accounts.tokens import CACHED_TOKENS, Verifier

NOW = 1_900_000_000


def verifications(verifier: Verifier) -> int:
    """Returns how many tokens were verified without the cache."""
    return verifier._signed_claims.cache_info().misses


def test_a_token_is_verified_once(key_server: KeyServer) -> None:
    verifier, token = verifier_of(key_server), key_server.token("Zk3")

    claims = [verifier.verify(token) for _ in range(3)]

    assert [claim.user_id for claim in claims] == ["Zk3"] * 3
    assert verifications(verifier) == 1


def test_a_cached_token_expires(key_server: KeyServer) -> None:
    verifier = verifier_of(key_server)
    token = key_server.token(exp=NOW + 60, iat=NOW, nbf=NOW)

    outcomes = []
    for now in (NOW, NOW + 89, NOW + 91, NOW - 31, NOW):
        with time_machine.travel(now, tick=False):
            outcomes.append(outcome(verifier, token))

    assert outcomes == ["accepted", "accepted", "expiry", "not before", "accepted"]
    assert verifications(verifier) == 1


def test_a_cached_token_ends_with_its_key(key_server: KeyServer) -> None:
    verifier, token = verifier_of(key_server), key_server.token()
    assert outcome(verifier, token) == "accepted"
    assert verifier.key_set

    key_server.keys = [SigningKey("second")]
    assert verifier.key_set.refresh()

    assert outcome(verifier, token) == "key"


def test_a_cached_token_ends_when_its_key_id_gets_another_key(key_server: KeyServer) -> None:
    verifier, token = verifier_of(key_server), key_server.token()
    assert outcome(verifier, token) == "accepted"
    assert verifier.key_set

    key_server.keys = [SigningKey("first")]
    assert verifier.key_set.refresh()

    assert outcome(verifier, token) == "signature"


def test_a_refresh_with_the_same_key_keeps_the_cache(key_server: KeyServer) -> None:
    verifier, token = verifier_of(key_server), key_server.token()
    assert outcome(verifier, token) == "accepted"
    assert verifier.key_set

    key_server.keys.append(SigningKey("second"))
    assert verifier.key_set.refresh()

    assert outcome(verifier, token) == "accepted"
    assert (key_server.requests, verifications(verifier)) == (2, 1)


def test_a_refused_token_is_not_cached(key_server: KeyServer) -> None:
    verifier = verifier_of(key_server)
    verifier.verify(key_server.token())

    for number in range(3):
        outcome(verifier, key_server.token(iss=f"https://{number}.todo.test"))

    assert verifier._signed_claims.cache_info().currsize == 1


@pytest.mark.slow
def test_the_cache_is_bounded(key_server: KeyServer) -> None:
    verifier = verifier_of(key_server)

    for number in range(CACHED_TOKENS + 100):
        verifier.verify(key_server.token(f"person-{number}"))

    assert verifier._signed_claims.cache_info().currsize == CACHED_TOKENS
