"""Texts and headers of tokens: accepted ones, and refusals by check.

Families, signatures and claims have test files of their own. The cases follow RFC 7515 to 7519 and
8725.
"""

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.keys import KeySet
from accounts.tests.key_server import ALGORITHMS, KeyServer, SigningKey, encoded
from accounts.tests.token_helpers import outcome, signing_keys, verifier_of
from accounts.token_text import MAX_TOKEN_CHARACTERS
from accounts.tokens import Verifier


@pytest.fixture(scope="module")
def served() -> Iterator[KeyServer]:
    """A key server with a key of each algorithm. Tests must not change it."""
    with KeyServer() as server:
        server.keys = list(signing_keys().values())
        yield server


@pytest.fixture(scope="module")
def verifier(served: KeyServer) -> Verifier:
    return verifier_of(served)


def signed(
    server: KeyServer, header: str | bytes, payload: bytes = b"", name: str = "EdDSA"
) -> str:
    """Returns a token with exactly this header and a valid signature."""
    head = header.encode() if isinstance(header, str) else header
    middle = encoded(payload) if payload else server.token().split(".")[1]
    return signing_keys()[name].sign_segments(encoded(head), middle)


# --- The text -------------------------------------------------------------------------------------

TEXTS: dict[str, tuple[Callable[[str], str], str]] = {
    "as it was signed": (lambda token: token, "accepted"),
    "nothing": (lambda token: "", "form"),
    "one part": (lambda token: token.split(".")[0], "form"),
    "two parts": (lambda token: token.rpartition(".")[0], "form"),
    "four parts": (lambda token: token + ".AAAA", "form"),
    "five parts, as if encrypted": (lambda token: token + ".AAAA.AAAA", "form"),
    "no header": (lambda token: "." + token.partition(".")[2], "form"),
    "no payload": (lambda token: f"{token.split('.')[0]}..{token.split('.')[2]}", "form"),
    "no signature": (lambda token: token.rpartition(".")[0] + ".", "form"),
    "dots alone": (lambda token: "..", "form"),
    "a dot in front": (lambda token: "." + token, "form"),
    "a dot behind": (lambda token: token + ".", "form"),
    "a blank in front": (lambda token: " " + token, "form"),
    "a blank behind": (lambda token: token + " ", "form"),
    "a line end behind": (lambda token: token + "\n", "form"),
    "a line end inside": (lambda token: f"{token[:-9]}\r\n{token[-9:]}", "form"),
    "a tab inside": (lambda token: f"{token[:9]}\t{token[9:]}", "form"),
    "a NUL inside": (lambda token: f"{token[:-9]}\0{token[-9:]}", "form"),
    "in quotes": (lambda token: f'"{token}"', "form"),
    "twice with a comma": (lambda token: f"{token},{token}", "form"),
    "twice with a blank": (lambda token: f"{token} {token}", "form"),
    "with its scheme": (lambda token: f"Bearer {token}", "form"),
    "padding after the header": (lambda token: token.replace(".", "=.", 1), "form"),
    "padding after the payload": (lambda token: "=.".join(token.rsplit(".", 1)), "form"),
    "padding after the signature": (lambda token: token + "==", "form"),
    "the other base64 alphabet: +": (lambda token: token[:-9] + "+" + token[-8:], "form"),
    "the other base64 alphabet: /": (lambda token: token[:-9] + "/" + token[-8:], "form"),
    "a foreign character that decoders skip": (lambda token: f"{token[:-9]}!{token[-9:]}", "form"),
    "percent-encoded": (lambda token: token.replace(".", "%2E"), "form"),
    "a letter that is not ASCII": (lambda token: token[:-9] + "é" + token[-8:], "form"),
    "digits that are not ASCII": (lambda token: token[:-9] + "٣" + token[-8:], "form"),
    "dots that are not ASCII": (lambda token: token.replace(".", "\uff0e"), "form"),
    "a lone surrogate": (lambda token: token + "\ud800", "form"),
    "JSON serialization": (lambda token: json.dumps({"payload": token}), "form"),
    "8,193 characters": (lambda token: token + "A" * (8_193 - len(token)), "length"),
    "a million dots": (lambda token: "." * 1_000_000, "length"),
    "a header of 4n+1 characters": (lambda token: "A" + token, "header"),
    "a signature of 4n+1 characters": (lambda token: token + "AAA", "signature"),
    "spare bits in the header": (lambda token: respelled(token, 0), "header"),
    "spare bits in the signature": (lambda token: respelled(token, 2), "signature"),
    "parts in another order": (lambda token: ".".join(token.split(".")[::-1]), "header"),
}  # fmt: skip


def respelled(token: str, part: int) -> str:
    """Returns another encoding of the same bytes: decoders ignore bits of the last character."""
    parts = token.split(".")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert len(parts[part]) % 4
    parts[part] = parts[part][:-1] + letters[letters.index(parts[part][-1]) + 1]
    return ".".join(parts)


@pytest.mark.parametrize("name", TEXTS)
def test_a_token_has_exactly_one_encoding(served: KeyServer, verifier: Verifier, name: str) -> None:
    change, expected = TEXTS[name]
    token = signed(served, '{"alg": "EdDSA", "kid": "EdDSA"}')

    assert outcome(verifier, change(token)) == expected


def test_a_payload_has_exactly_one_encoding(served: KeyServer, verifier: Verifier) -> None:
    key = signing_keys()["EdDSA"]
    head, payload, _ = signed(served, '{"alg":"EdDSA","kid":"EdDSA"}', b'{"sub": "a"}  ').split(".")
    token = key.sign_segments(head, respelled(f".{payload}.", 1).strip("."))

    assert outcome(verifier, token) == "payload"


def test_a_token_may_be_8192_characters_long(served: KeyServer, verifier: Verifier) -> None:
    key = signing_keys()["EdDSA"]
    long = [served.token(key=key, filler="x" * size) for size in range(5_600, 5_900)]
    longest = [token for token in long if abs(len(token) - MAX_TOKEN_CHARACTERS) < 3]

    outcomes = {len(token): outcome(verifier, token) for token in longest}

    expected = {size: "accepted" if size <= MAX_TOKEN_CHARACTERS else "length" for size in outcomes}
    assert outcomes == expected
    assert set(expected.values()) == {"accepted", "length"}


# --- The header -----------------------------------------------------------------------------------

USUAL = {"alg": "EdDSA", "kid": "EdDSA"}
DEEP = "[" * 2_000 + "]" * 2_000
# From Python 3.12 on, the JSON parser goes deeper than a token of the greatest length can.
DEEP_IS_REFUSED = sys.version_info < (3, 12)
HEADERS: dict[str, tuple[dict[str, Any] | str | bytes, str]] = {
    # not a JSON object, parsed strictly
    "not JSON": ("hello", "header"),
    "a list": ('[{"alg": "EdDSA"}]', "header"),
    "a string": ('"EdDSA"', "header"),
    "a number": ("1", "header"),
    "null": ("null", "header"),
    "only a blank": (" ", "header"),
    "cut short": ('{"alg": "EdDSA", "kid": "EdDSA"', "header"),
    "something behind": ('{"alg": "EdDSA", "kid": "EdDSA"} {}', "header"),
    "a comma too many": ('{"alg": "EdDSA", "kid": "EdDSA",}', "header"),
    "Python's quotes": ("{'alg': 'EdDSA', 'kid': 'EdDSA'}", "header"),
    "a comment": ('{"alg": "EdDSA", "kid": "EdDSA"} // good', "header"),
    "alg twice": ('{"alg": "none", "alg": "EdDSA", "kid": "EdDSA"}', "header"),
    "alg twice, once escaped": ('{"\\u0061lg": "none", "alg": "EdDSA", "kid": "EdDSA"}', "header"),
    "kid twice, the same": ('{"alg": "EdDSA", "kid": "EdDSA", "kid": "EdDSA"}', "header"),
    "a member twice further in": ('{"alg": "EdDSA", "kid": "EdDSA", "x": {"y":1,"y":2}}', "header"),
    "NaN": ('{"alg": "EdDSA", "kid": "EdDSA", "x": NaN}', "header"),
    "nested deeply": (
        f'{{"alg": "EdDSA", "kid": "EdDSA", "x": {DEEP}}}',
        "header" if DEEP_IS_REFUSED else "accepted",
    ),
    "a byte order mark": ('\ufeff{"alg": "EdDSA", "kid": "EdDSA"}', "header"),
    "UTF-16": ('{"alg": "EdDSA", "kid": "EdDSA"}'.encode("utf-16"), "header"),
    "Latin-1": ('{"alg": "EdDSA", "kid": "EdDSA", "x": "é"}'.encode("latin-1"), "header"),
    "an overlong NUL": (b'{"alg": "EdDSA", "kid": "EdDSA", "x": "\xc0\x80"}', "header"),
    "compressed": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "header"),
    # extensions that a verifier must understand, and that are not supported
    "crit": ({**USUAL, "crit": ["exp"]}, "critical"),
    "crit that names b64": ({**USUAL, "crit": ["b64"], "b64": False}, "critical"),
    "crit, empty": ({**USUAL, "crit": []}, "critical"),
    "crit, null": ({**USUAL, "crit": None}, "critical"),
    "b64 false": ({**USUAL, "b64": False}, "critical"),
    "b64 true": ({**USUAL, "b64": True}, "critical"),
    # tokens for other purposes (RFC 8725 section 3.11)
    "typ JWT": ({**USUAL, "typ": "JWT"}, "accepted"),
    "typ jwt": ({**USUAL, "typ": "jwt"}, "accepted"),
    "typ at+jwt": ({**USUAL, "typ": "at+jwt"}, "accepted"),
    "typ application/at+jwt": ({**USUAL, "typ": "application/AT+JWT"}, "accepted"),
    "typ of a logout token": ({**USUAL, "typ": "logout+jwt"}, "type"),
    "typ of a proof of possession": ({**USUAL, "typ": "dpop+jwt"}, "type"),
    "typ of a security event": ({**USUAL, "typ": "secevent+jwt"}, "type"),
    "typ JOSE": ({**USUAL, "typ": "JOSE"}, "type"),
    "typ JWE": ({**USUAL, "typ": "JWE"}, "type"),
    "typ empty": ({**USUAL, "typ": ""}, "type"),
    "typ with a blank": ({**USUAL, "typ": "JWT "}, "type"),
    "typ null": ({**USUAL, "typ": None}, "type"),
    "typ a number": ({**USUAL, "typ": 1}, "type"),
    "typ a list": ({**USUAL, "typ": ["JWT"]}, "type"),
    # algorithms
    "alg by the name of RFC 9864": ({**USUAL, "alg": "Ed25519"}, "accepted"),
    "alg written with an escape": ('{"alg": "Ed\\u0044SA", "kid": "EdDSA"}', "accepted"),
    "alg missing": ({"kid": "EdDSA"}, "algorithm"),
    "alg null": ({**USUAL, "alg": None}, "algorithm"),
    "alg a number": ({**USUAL, "alg": 0}, "algorithm"),
    "alg true": ({**USUAL, "alg": True}, "algorithm"),
    "alg a list": ({**USUAL, "alg": ["EdDSA"]}, "algorithm"),
    "alg an object": ({**USUAL, "alg": {"EdDSA": 1}}, "algorithm"),
    "alg a surrogate": ({**USUAL, "alg": "\ud800"}, "algorithm"),
    **{
        f"alg {name!r}": ({**USUAL, "alg": name}, "algorithm")
        for name in (
            "", "none", "None", "NONE", "nOnE", "none ", "HS256", "hs256", "HS384", "HS512",
            "RS384", "RS512", "ES384", "ES256K", "ES521", "PS384", "PS512", "Ed448", "eddsa",
            "ED25519", " EdDSA", "EdDSA\0", "RSA1_5", "RSA-OAEP", "dir", "A256GCM", "ML-DSA-65",
        )
    },
    **{
        f"alg {name} with a key of another algorithm": ({**USUAL, "alg": name}, "key")
        for name in ALGORITHMS if name != "EdDSA"
    },
    "alg EdDSA with an RSA key": ({**USUAL, "kid": "RS256"}, "key"),
    "alg PS256 with an RS256 key": ({"alg": "PS256", "kid": "RS256"}, "key"),
    "alg RS256 with a PS256 key": ({"alg": "RS256", "kid": "PS256"}, "key"),
    # key ids
    "kid first": ({"kid": "EdDSA", "alg": "EdDSA"}, "accepted"),
    "kid missing": ({"alg": "EdDSA"}, "key id"),
    "kid null": ({**USUAL, "kid": None}, "key id"),
    "kid a number": ({**USUAL, "kid": 1}, "key id"),
    "kid true": ({**USUAL, "kid": True}, "key id"),
    "kid a list": ({**USUAL, "kid": ["EdDSA"]}, "key id"),
    "kid an object": ({**USUAL, "kid": {"EdDSA": 1}}, "key id"),
    "kid empty": ({**USUAL, "kid": ""}, "key id"),
    "kid of 256 characters": ({**USUAL, "kid": "k" * 256}, "key id"),
    "kid with a blank": ({**USUAL, "kid": "EdDSA "}, "key id"),
    "kid with a line end, to forge log lines": ({**USUAL, "kid": "x\nINFO all is well"}, "key id"),
    "kid with a NUL": ({**USUAL, "kid": "EdDSA\0"}, "key id"),
    "kid with an escape sequence": ({**USUAL, "kid": "\x1b[2J"}, "key id"),
    "kid not ASCII": ({**USUAL, "kid": "ключ"}, "key id"),
    "kid a surrogate": ({**USUAL, "kid": "\udfff"}, "key id"),
    "kid unknown": ({**USUAL, "kid": "unknown"}, "key"),
    "kid in another case": ({**USUAL, "kid": "eddsa"}, "key"),
    "kid the beginning of one": ({**USUAL, "kid": "EdDS"}, "key"),
    "kid a path": ({**USUAL, "kid": "../../../../dev/null"}, "key"),
    "kid SQL": ({**USUAL, "kid": "'OR'1'='1"}, "key"),
    "kid of 255 characters": ({**USUAL, "kid": "k" * 255}, "key"),
    # ignored members
    "unknown members": ({**USUAL, "x": {"deep": [1, 2.5, None]}, "Alg": "none"}, "accepted"),
    "cty": ({**USUAL, "cty": "JWT"}, "accepted"),
    "blanks around": (' {"alg" : "EdDSA" ,\n "kid" : "EdDSA" } ', "accepted"),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_headers_are_checked_strictly(served: KeyServer, verifier: Verifier, name: str) -> None:
    header, expected = HEADERS[name]
    text = json.dumps(header) if isinstance(header, dict) else header

    assert outcome(verifier, signed(served, text)) == expected


AFTER_FETCH = {"key", "signature", "accepted"}


def test_checks_before_the_key_cause_no_fetch(served: KeyServer) -> None:
    with KeyServer() as server:
        verifier = Verifier(key_set=KeySet(server.url))
        valid = server.token()
        headers = [header for header, expected in HEADERS.values() if expected not in AFTER_FETCH]
        texts = [
            change(valid) for change, expected in TEXTS.values() if expected not in AFTER_FETCH
        ]
        texts += [signed(server, json.dumps(h) if isinstance(h, dict) else h) for h in headers]

        outcomes = {outcome(verifier, text) for text in texts}

        assert outcomes == {"length", "form", "header", "critical", "type", "algorithm", "key id"}
        assert server.requests == 0


@pytest.mark.parametrize("member", ["jku", "x5u"])
def test_a_url_in_a_header_is_not_fetched(member: str) -> None:
    with KeyServer() as server, KeyServer() as attacker:
        verifier = Verifier(key_set=KeySet(server.url))
        forged = attacker.keys[0].sign({"sub": "a"}, kid="first", **{member: attacker.url})
        unknown = attacker.keys[0].sign({"sub": "a"}, kid="theirs", **{member: attacker.url})

        assert [outcome(verifier, token) for token in (forged, unknown)] == ["signature", "key"]
        assert attacker.requests == 0


def test_a_key_in_a_header_verifies_nothing(served: KeyServer, verifier: Verifier) -> None:
    attacker = SigningKey("EdDSA")
    embedded = {"jwk": attacker.jwk(), "x5c": [encoded(b"certificate")], "x5t": "x"}

    forged = served.token(key=attacker).split(".")[1]
    forged = attacker.sign_segments(encoded(json.dumps({**USUAL, **embedded}).encode()), forged)
    harmless = signed(served, json.dumps({**USUAL, **embedded}))

    assert outcome(verifier, forged) == "signature"
    assert outcome(verifier, harmless) == "accepted"
