"""Payloads and claims of tokens with valid signatures: accepted ones, and refusals by check."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from accounts.jwk import Key
from accounts.tests.key_server import KeyServer, SigningKey, encoded
from accounts.tests.test_tokens import DEEP, DEEP_IS_REFUSED, HEADERS, TEXTS
from accounts.tests.token_helpers import outcome, verifier_of
from accounts.token_text import CHECKS, Refused
from accounts.tokens import Claims, SourcesVerifier, Verifier
from conftest import token_for
from todo_api.tests.settings import SECRET

NOW = 1_900_000_000
ABSENT = object()


@pytest.fixture(scope="module")
def server() -> Iterator[KeyServer]:
    with KeyServer() as server:
        yield server


@pytest.fixture(scope="module")
def verifier(server: KeyServer) -> Verifier:
    return verifier_of(server)


@pytest.fixture(scope="module")
def by_secret() -> Verifier:
    return Verifier(secret=Key.of_secret(SECRET))


def token_with(server: KeyServer, **claims: Any) -> str:
    """Returns a token as Better Auth signs it, with these claims changed. "ORIGIN" in a claim is
    replaced by the server's origin.
    """
    usual = {"sub": "person", "iss": "ORIGIN", "aud": "ORIGIN", "iat": NOW, "exp": NOW + 900}
    members = {name: v for name, v in {**usual, **claims}.items() if v is not ABSENT}
    payload = json.dumps(members).replace("ORIGIN", server.origin)
    return server.keys[0].sign_bytes(payload.encode())


# --- The payload ----------------------------------------------------------------------------------

GOOD = '"sub": "a", "iss": "ORIGIN", "aud": "ORIGIN", "exp": 1900000900'
PAYLOADS: dict[str, tuple[str | bytes, str]] = {
    "an object": (f"{{{GOOD}}}", "accepted"),
    "blanks around": (f" \r\n\t{{{GOOD}}}\n", "accepted"),
    "not JSON": ("hello", "payload"),
    "a list": (f"[{{{GOOD}}}]", "payload"),
    "a string": ('"person"', "payload"),
    "null": ("null", "payload"),
    "cut short": (f"{{{GOOD}", "payload"),
    "something behind": (f"{{{GOOD}}}}}", "payload"),
    "a comma too many": (f"{{{GOOD},}}", "payload"),
    "sub twice": (f'{{{GOOD}, "sub": "b"}}', "payload"),
    "sub twice, once escaped": (f'{{{GOOD}, "\\u0073ub": "b"}}', "payload"),
    "exp twice": (f'{{{GOOD}, "exp": 1900000900}}', "payload"),
    "an unknown member twice": (f'{{{GOOD}, "x": 1, "x": 1}}', "payload"),
    "a member twice further in": (f'{{{GOOD}, "x": [{{"y": 1, "y": 1}}]}}', "payload"),
    "NaN": (f'{{{GOOD}, "nbf": NaN}}', "payload"),
    "Infinity": (f'{{{GOOD}, "nbf": Infinity}}', "payload"),
    "-Infinity": (f'{{{GOOD}, "nbf": -Infinity}}', "payload"),
    "NaN in an unknown member": (f'{{{GOOD}, "x": [NaN]}}', "payload"),
    "a number of 5,000 digits": (f'{{{GOOD}, "x": {"9" * 5_000}}}', "payload"),
    "nested deeply": (
        f'{{{GOOD}, "x": {DEEP}}}',
        "payload" if DEEP_IS_REFUSED else "accepted",
    ),
    "a byte order mark": (f"\ufeff{{{GOOD}}}", "payload"),
    "UTF-16": (f"{{{GOOD}}}".encode("utf-16-le"), "payload"),
    "Latin-1": (f'{{{GOOD}, "name": "é"}}'.encode("latin-1"), "payload"),
    "a surrogate as bytes": (f'{{{GOOD}, "name": "'.encode() + b'\xed\xa0\x80"}', "payload"),
    "a line end in a string": (f'{{{GOOD}, "name": "a\nb"}}', "payload"),
    "another token": ("eyJhbGciOiJFZERTQSJ9.e30.AAAA", "payload"),
    "an issuer nested deeply": (
        f'{{"sub": "a", "aud": "ORIGIN", "exp": 1, "iss": {"[" * 900}{"]" * 900}}}', "issuer",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_payload_must_be_one_json_object(
    server: KeyServer, verifier: Verifier, name: str
) -> None:
    payload, expected = PAYLOADS[name]
    raw = payload.encode() if isinstance(payload, str) else payload
    token = server.keys[0].sign_bytes(raw.replace(b"ORIGIN", server.origin.encode()))

    with time_machine.travel(NOW, tick=False):
        assert outcome(verifier, token) == expected


# --- The claims -----------------------------------------------------------------------------------

CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    # sub
    "sub of 255 characters": ({"sub": "s" * 255}, "accepted"),
    "sub of any script": ({"sub": "Ærøskøbing-名前-🗝"}, "accepted"),
    "sub of digits": ({"sub": "1"}, "accepted"),
    "sub with blanks in it": ({"sub": " auth0|a b "}, "accepted"),
    "sub of three dots": ({"sub": "..."}, "accepted"),
    "sub of one dot": ({"sub": "."}, "subject"),
    "sub of two dots": ({"sub": ".."}, "subject"),
    "sub missing": ({"sub": ABSENT}, "subject"),
    "sub missing, id there": ({"sub": ABSENT, "id": "a", "user_id": "a"}, "subject"),
    "sub null": ({"sub": None}, "subject"),
    "sub empty": ({"sub": ""}, "subject"),
    "sub blank": ({"sub": "  "}, "subject"),
    "sub blank in Unicode": ({"sub": "\u3000\u2003"}, "subject"),
    "sub of 256 characters": ({"sub": "s" * 256}, "subject"),
    "sub with a NUL": ({"sub": "a\0"}, "subject"),
    "sub with a line end": ({"sub": "a\n"}, "subject"),
    "sub with a tab": ({"sub": "a\tb"}, "subject"),
    "sub with a delete character": ({"sub": "a\x7f"}, "subject"),
    "sub with a C1 control": ({"sub": "a\x85"}, "subject"),
    "sub with a lone surrogate": ({"sub": "a\ud800"}, "subject"),
    "sub a number": ({"sub": 1}, "subject"),
    "sub a fraction": ({"sub": 1.5}, "subject"),
    "sub true": ({"sub": True}, "subject"),
    "sub a list": ({"sub": ["a"]}, "subject"),
    "sub an object": ({"sub": {"id": "a"}}, "subject"),
    # iss
    "iss missing": ({"iss": ABSENT}, "issuer"),
    "iss null": ({"iss": None}, "issuer"),
    "iss empty": ({"iss": ""}, "issuer"),
    "iss another": ({"iss": "https://other.todo.test"}, "issuer"),
    "iss with a slash behind": ({"iss": "ORIGIN/"}, "issuer"),
    "iss with a path": ({"iss": "ORIGIN/api/auth"}, "issuer"),
    "iss with our origin as its prefix": ({"iss": "ORIGIN.other.test"}, "issuer"),
    "iss with a user in front": ({"iss": "ORIGIN@other.test"}, "issuer"),
    "iss in upper case": ({"iss": "HTTP://127.0.0.1"}, "issuer"),
    "iss a list": ({"iss": ["ORIGIN"]}, "issuer"),
    "iss an object": ({"iss": {"ORIGIN": "ORIGIN"}}, "issuer"),
    "iss a number": ({"iss": 0}, "issuer"),
    "iss true": ({"iss": True}, "issuer"),
    # aud
    "aud a list": ({"aud": ["ORIGIN"]}, "accepted"),
    "aud a list with others": ({"aud": ["https://other.todo.test", "ORIGIN"]}, "accepted"),
    "aud a list with odd members": ({"aud": [None, 1, {}, ["x"], "ORIGIN"]}, "accepted"),
    "aud missing": ({"aud": ABSENT}, "audience"),
    "aud null": ({"aud": None}, "audience"),
    "aud empty": ({"aud": ""}, "audience"),
    "aud an empty list": ({"aud": []}, "audience"),
    "aud another": ({"aud": "https://other.todo.test"}, "audience"),
    "aud others": ({"aud": ["https://a.todo.test", "https://b.todo.test"]}, "audience"),
    "aud with a slash behind": ({"aud": "ORIGIN/"}, "audience"),
    "aud two in one string": ({"aud": "ORIGIN https://other.todo.test"}, "audience"),
    "aud a list in a list": ({"aud": [["ORIGIN"]]}, "audience"),
    "aud an object": ({"aud": {"ORIGIN": True}}, "audience"),
    "aud a number": ({"aud": 1}, "audience"),
    "aud true": ({"aud": True}, "audience"),
    # numbers
    "exp with a fraction": ({"exp": NOW + 0.5}, "accepted"),
    "nbf and iat missing": ({"iat": ABSENT}, "accepted"),
    "nbf zero": ({"nbf": 0}, "accepted"),
    "exp missing": ({"exp": ABSENT}, "times"),
    "exp null": ({"exp": None}, "times"),
    "exp a string": ({"exp": str(NOW + 900)}, "times"),
    "exp a date": ({"exp": "2099-01-01T00:00:00Z"}, "times"),
    "exp true": ({"exp": True}, "times"),
    "exp a list": ({"exp": [NOW + 900]}, "times"),
    "exp an object": ({"exp": {}}, "times"),
    "exp of 400 digits": ({"exp": 10**400}, "times"),
    "exp minus 400 digits": ({"exp": -(10**400)}, "times"),
    "exp out of any calendar": ({"exp": 1e300}, "times"),
    "nbf null": ({"nbf": None}, "times"),
    "nbf a string": ({"nbf": str(NOW)}, "times"),
    "nbf false": ({"nbf": False}, "times"),
    "iat null": ({"iat": None}, "times"),
    "iat a string": ({"iat": "now"}, "times"),
    "iat true": ({"iat": True}, "times"),
    "iat a list": ({"iat": []}, "times"),
    "iat of 400 digits": ({"iat": 10**400}, "times"),
    # times: 30 s of leeway for clock differences
    "exp 29 s ago": ({"exp": NOW - 29}, "accepted"),
    "exp 30 s ago": ({"exp": NOW - 30}, "expiry"),
    "exp zero": ({"exp": 0}, "expiry"),
    "exp negative": ({"exp": -1}, "expiry"),
    "nbf in 30 s": ({"nbf": NOW + 30}, "accepted"),
    "nbf in 31 s": ({"nbf": NOW + 31}, "not before"),
    "iat in 30 s": ({"iat": NOW + 30}, "accepted"),
    "iat in 31 s": ({"iat": NOW + 31}, "issued at"),
    "iat in milliseconds": ({"iat": NOW * 1_000}, "issued at"),
    # other claims are not checked
    "claims that name a role": ({"role": "admin", "is_staff": True, "scope": "*"}, "accepted"),
    "claims of any type": ({"email": 1, "name": [], "jti": {}, "azp": None}, "accepted"),
}  # fmt: skip


@pytest.mark.parametrize("name", CLAIMS)
def test_claims_are_checked_strictly(server: KeyServer, verifier: Verifier, name: str) -> None:
    claims, expected = CLAIMS[name]

    with time_machine.travel(NOW, tick=False):
        assert outcome(verifier, token_with(server, **claims)) == expected


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("number", ["1e400", "-1e400"])
def test_a_time_that_overflows_is_refused(
    server: KeyServer, verifier: Verifier, name: str, number: str
) -> None:
    payload = json.dumps({"sub": "a", "iss": server.origin, "aud": server.origin, "exp": 0})
    raw = payload.replace('"exp": 0', f'"{name}": {number}')

    assert outcome(verifier, server.keys[0].sign_bytes(raw.encode())) == "times"


def test_email_and_name_are_cleaned_for_the_database(server: KeyServer, verifier: Verifier) -> None:
    token = token_with(server, sub="Zk3", email="a\0" + "e" * 300, name="\ud800N\n" + "n" * 300)

    with time_machine.travel(NOW, tick=False):
        claims = verifier.verify(token)

    assert claims == Claims("Zk3", "a" + "e" * 253, "N" + "n" * 254, NOW + 900.0, 0.0, float(NOW))


# --- HS256 tokens of other signers ----------------------------------------------------------------

HS256_CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "sub": ({"sub": "a"}, "a"),
    "sub before the others": ({"sub": "a", "user_id": "b", "id": "c", "userId": "d"}, "a"),
    "user_id before id": ({"userId": "d", "id": "c", "user_id": "b"}, "b"),
    "id before userId": ({"userId": "d", "id": "c"}, "c"),
    "userId": ({"userId": "d"}, "d"),
    "user_id where sub is null": ({"sub": None, "user_id": "b"}, "b"),
    "a number": ({"sub": 42}, "42"),
    "the number zero": ({"user_id": 0}, "0"),
    "a number with many digits": ({"id": 12345678901234567890}, "12345678901234567890"),
    "an empty sub before another id": ({"sub": "", "user_id": "b"}, "refused"),
    "a blank user_id": ({"user_id": " "}, "refused"),
    "nothing": ({}, "refused"),
    "another member": ({"uid": "a", "email": "a@todo.test"}, "refused"),
    "two dots": ({"user_id": ".."}, "refused"),
    "a fraction": ({"sub": 1.5}, "refused"),
    "a whole fraction": ({"sub": 1.0}, "refused"),
    "true": ({"sub": True}, "refused"),
    "false": ({"user_id": False}, "refused"),
    "a list": ({"id": ["a"]}, "refused"),
    "a number of 256 digits": ({"sub": 10**255}, "refused"),
}


@pytest.mark.parametrize("name", HS256_CLAIMS)
def test_an_hs256_token_may_have_the_user_id_in_other_claims(
    by_secret: Verifier, name: str
) -> None:
    claims, expected = HS256_CLAIMS[name]
    signer = SigningKey("", "EdDSA")
    signer.algorithm, signer.private = "HS256", SECRET.encode()
    token = signer.sign({**claims, "exp": time.time() + 900})

    if expected == "refused":
        assert outcome(by_secret, token) == "subject"
    else:
        assert by_secret.verify(token).user_id == expected


def test_issuer_and_audience_are_checked_if_configured(by_secret: Verifier) -> None:
    strict = Verifier(secret=Key.of_secret(SECRET), issuer="us", audience="them")

    outcomes = [
        (outcome(by_secret, token), outcome(strict, token))
        for token in (
            token_for("a"),
            token_for("a", iss="us"),
            token_for("a", iss="us", aud="others"),
            token_for("a", iss="us", aud=["others", "them"]),
        )
    ]

    assert outcomes == [
        ("accepted", "issuer"),
        ("accepted", "audience"),
        ("accepted", "audience"),
        ("accepted", "accepted"),
    ]


# --- The order ------------------------------------------------------------------------------------


def token_failing_from(server: KeyServer, check: str) -> str:
    """Returns a token that fails this check and all later ones, and passes all earlier ones."""
    failing = set(CHECKS[CHECKS.index(check) :])
    key = SigningKey("first") if "signature" in failing else server.keys[0]
    header: dict[str, Any] = {"alg": "EdDSA", "kid": "first"}
    claims: dict[str, Any] = {"sub": "a", "iss": server.origin, "aud": server.origin}
    claims |= {"exp": NOW + 900, "nbf": NOW, "iat": NOW}
    bad_claims: dict[str, dict[str, Any]] = {
        "issued at": {"iat": NOW + 99},
        "not before": {"nbf": NOW + 99},
        "expiry": {"exp": NOW - 99},
        "times": {"exp": "soon"},
        "audience": {"aud": "others"},
        "issuer": {"iss": "others"},
        "subject": {"sub": ""},
    }
    bad_headers: dict[str, dict[str, Any]] = {
        "key": {"kid": "unknown"},
        "key id": {"kid": 1},
        "algorithm": {"alg": "none"},
        "type": {"typ": "JWE"},
        "critical": {"crit": ["exp"]},
    }
    for name in reversed(CHECKS):
        if name in failing:
            claims |= bad_claims.get(name, {})
            header |= bad_headers.get(name, {})
    twice = {name: b'{"x":1,"x":1,' if name in failing else b"{" for name in ("header", "payload")}
    head, payload = (
        encoded(twice[name] + json.dumps(part).encode()[1:])
        for name, part in (("header", header), ("payload", claims))
    )
    token = key.sign_segments(head, payload)
    return token + "=" * ("form" in failing) + "=" * 9_000 * ("length" in failing)


@pytest.mark.parametrize("check", [check for check in CHECKS if check != "source"])
def test_checks_run_in_the_documented_order(
    server: KeyServer, verifier: Verifier, check: str
) -> None:
    token = token_failing_from(server, check)

    with time_machine.travel(NOW, tick=False):
        assert outcome(verifier, token) == check


@pytest.mark.parametrize("check", CHECKS[: CHECKS.index("source") + 1])
def test_with_several_sources_the_source_is_checked_after_the_algorithm(
    server: KeyServer, verifier: Verifier, check: str
) -> None:
    several = SourcesVerifier(None, [verifier, Verifier(issuer="https://other.todo.test")])
    token = token_failing_from(server, check)

    assert outcome(several, token) == check


def test_every_check_has_refused_cases() -> None:
    cases = [*TEXTS.values(), *HEADERS.values(), *PAYLOADS.values(), *CLAIMS.values()]

    # The cases of "source", which needs several sources, are in test_sources.
    assert {expected for _, expected in cases} == {*CHECKS, "accepted"} - {"source"}
    assert len(cases) > 150


def test_a_refusal_has_details_for_the_log_and_a_code_for_clients(
    server: KeyServer, verifier: Verifier
) -> None:
    with time_machine.travel(NOW, tick=False):
        with pytest.raises(Refused) as issuer:
            verifier.verify(token_with(server, iss="x\n" + "y" * 500))
        with pytest.raises(Refused) as expiry:
            verifier.verify(token_with(server, exp=NOW - 60))

    assert (issuer.value.code, expiry.value.code) == ("token_invalid", "token_expired")
    assert str(expiry.value) == "expiry: expected an exp in the future, came '60 s ago'"
    assert "\n" not in str(issuer.value)
    assert len(str(issuer.value)) < 300
