"""Signatures: every algorithm is verified, and known forgeries are refused."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from accounts.jwk import Key
from accounts.tests.key_server import ALGORITHMS, MAKE, KeyServer, decoded, encoded
from accounts.tests.token_helpers import outcome, signing_keys, verifier_of
from accounts.tokens import Verifier

EDDSA_ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.fixture(scope="module")
def served() -> Iterator[KeyServer]:
    """A key server with a key of each algorithm. Tests must not change it."""
    with KeyServer() as server:
        server.keys = list(signing_keys().values())
        yield server


@pytest.fixture(scope="module")
def verifier(served: KeyServer) -> Verifier:
    return verifier_of(served)


Forge = Callable[[str, bytes, bytes], bytes]  # algorithm, signed text, signature -> signature


def private(algorithm: str) -> Any:
    return signing_keys()[algorithm].private


def signature_of(algorithm: str, text: bytes, key: Any) -> bytes:
    return jwt.get_algorithm_by_name(algorithm).sign(text, key)


def modulus(algorithm: str) -> int:
    number: int = private(algorithm).public_key().public_numbers().n
    return number


def pair(algorithm: str, r: int, s: int) -> bytes:
    size = {"ES256": 32, "ES512": 66}[algorithm]
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def halves(signature: bytes) -> tuple[int, int]:
    half = len(signature) // 2
    return int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")


def order(algorithm: str) -> int:
    """Returns the order of the curve's group: valid r and s are in the range 1 to order - 1."""
    return {
        "ES256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        "ES512": (2**265 - 6 << 256)
        + 0x51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409,
    }[algorithm]


ANY: dict[str, Forge] = {
    "of another key with this id": lambda alg, text, _: signature_of(alg, text, MAKE[alg]()),
    "one byte short": lambda alg, text, real: real[:-1],
    "one byte long": lambda alg, text, real: real + b"\0",
    "a zero in front": lambda alg, text, real: b"\0" + real,
    "one byte": lambda alg, text, real: real[:1],
    "half": lambda alg, text, real: real[: len(real) // 2],
    "twice": lambda alg, text, real: real + real,
    "one bit flipped": lambda alg, text, real: real[:-1] + bytes([real[-1] ^ 1]),
    "backwards": lambda alg, text, real: real[::-1],
    "zeros": lambda alg, text, real: bytes(len(real)),
    "ones": lambda alg, text, real: b"\xff" * len(real),
    "5,000 bytes": lambda alg, text, real: b"\1" * 5_000,
}  # fmt: skip
ECDSA: dict[str, Forge] = {
    "in DER form": lambda alg, text, _: private(alg).sign(text, ec.ECDSA(hash_of(alg))),
    "r and s zero, in DER form": lambda alg, text, _: b"\x30\x06\x02\x01\0\x02\x01\0",
    "r zero": lambda alg, text, real: pair(alg, 0, halves(real)[1]),
    "s zero": lambda alg, text, real: pair(alg, halves(real)[0], 0),
    "r and s the group's order": lambda alg, text, _: pair(alg, order(alg), order(alg)),
    "r and s one": lambda alg, text, _: pair(alg, 1, 1),
    "r and s exchanged": lambda alg, text, real: pair(alg, *halves(real)[::-1]),
    "over another hash": lambda alg, text, _: pair(
        alg, *decode_dss_signature(private(alg).sign(text, ec.ECDSA(hashes.SHA384())))
    ),
}
RSA: dict[str, Forge] = {
    "one, as a number": lambda alg, text, real: bytes(len(real) - 1) + b"\1",
    "the modulus": lambda alg, text, real: modulus(alg).to_bytes(256),
    "over SHA-1": lambda alg, text, _: private(alg).sign(text, padding.PKCS1v15(), hashes.SHA1()),  # noqa: S303  (what is refused)
    "over SHA-512": lambda alg, text, _: private(alg).sign(
        text, padding.PKCS1v15(), hashes.SHA512()
    ),
    "of the other RSA padding": lambda alg, text, _: private(alg).sign(
        text,
        padding.PKCS1v15() if alg == "PS256" else padding.PSS(padding.MGF1(hashes.SHA256()), 32),
        hashes.SHA256(),
    ),
    "PSS without salt": lambda alg, text, _: private(alg).sign(
        text, padding.PSS(padding.MGF1(hashes.SHA256()), 0), hashes.SHA256()
    ),
}  # fmt: skip
EDDSA: dict[str, Forge] = {
    "S plus the group's order": lambda alg, text, real: (
        real[:32] + (int.from_bytes(real[32:], "little") + EDDSA_ORDER).to_bytes(32, "little")
    ),
    "of the neutral element": lambda alg, text, _: b"\1" + bytes(63),
}


def hash_of(algorithm: str) -> hashes.HashAlgorithm:
    return {"ES256": hashes.SHA256(), "ES512": hashes.SHA512()}[algorithm]


FORGERIES = [
    pytest.param(algorithm, forge, id=f"{algorithm}, {name}")
    for algorithm in ALGORITHMS
    for name, forge in {
        **ANY,
        **(ECDSA if algorithm.startswith("ES") else {}),
        **(RSA if algorithm[:2] in {"RS", "PS"} else {}),
        **(EDDSA if algorithm == "EdDSA" else {}),
    }.items()
]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_one_key_set_may_have_every_algorithm(
    served: KeyServer, verifier: Verifier, algorithm: str
) -> None:
    token = served.token("Someone", key=signing_keys()[algorithm])

    assert verifier.verify(token).user_id == "Someone"


@pytest.mark.parametrize(("algorithm", "forge"), FORGERIES)
def test_a_forged_signature_is_refused(
    served: KeyServer, verifier: Verifier, algorithm: str, forge: Forge
) -> None:
    text, _, signature = served.token(key=signing_keys()[algorithm]).rpartition(".")
    real = Key.of_jwk(signing_keys()[algorithm].jwk())
    raw = decoded(signature)
    assert real.verifies(text.encode(), raw)

    forged = forge(algorithm, text.encode(), raw)

    assert outcome(verifier, f"{text}.{encoded(forged)}") == "signature"


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_signature_is_valid_only_for_its_header_and_payload(
    served: KeyServer, verifier: Verifier, algorithm: str, part: int
) -> None:
    key = signing_keys()[algorithm]
    parts, others = (served.token(name, key=key).split(".") for name in ("alice", "bob"))
    others[0] = encoded(json.dumps({"alg": algorithm, "kid": algorithm, "x": 1}).encode())

    parts[part] = others[part]

    assert outcome(verifier, ".".join(parts)) == "signature"
