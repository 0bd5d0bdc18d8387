"""The text of a JWT, read strictly: its parts, its header, and JSON without ambiguity.

Nothing here is verified. The claims of verified tokens come from accounts.tokens.
"""

import base64
import json
import re
from functools import lru_cache
from typing import Any

from accounts.jwk import canonical

MAX_TOKEN_CHARACTERS = 8_192
TOKEN = re.compile(r"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
TYPES = {"jwt", "at+jwt", "application/at+jwt"}


class Refused(Exception):
    """A token that is not accepted: the check that failed, the expected and the actual value.

    These are for the log and for `manage.py doctor`; clients get only `code`.
    """

    def __init__(self, check: str, expected: str, came: object = "") -> None:
        self.check, self.expected = check, expected
        self.came = ascii(came)[:120] if came != "" else ""
        self.code = "token_expired" if check == "expiry" else "token_invalid"
        super().__init__(check)

    def __str__(self) -> str:
        came = f", came {self.came}" if self.came else ""
        return f"{self.check}: expected {self.expected}{came}"


# The order of the checks; `manage.py doctor` explains a token in this order.
CHECKS = (
    "length", "form", "header", "critical", "type", "algorithm", "source", "key id", "key",
    "signature", "payload", "subject", "issuer", "audience", "times", "expiry", "not before",
    "issued at",
)  # fmt: skip


def header_of(token: str) -> str:
    """Returns the header segment of a text in the format of a signed token. Raises Refused."""
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise Refused("length", f"at most {MAX_TOKEN_CHARACTERS} characters", len(token))
    # A pattern, because base64 decoders skip characters that are not in the alphabet.
    found = TOKEN.fullmatch(token)
    if not found:
        raise Refused("form", "three base64url parts with dots between")
    return found[1]


@lru_cache(maxsize=256)
def read_header(segment: str) -> tuple[str, object]:
    """Returns the algorithm and the key id (None without one) of a header. Raises Refused.

    Keys and URLs in the header (jku, jwk, x5u, x5c) are ignored.
    """
    header = json_object("header", segment)
    if "crit" in header or "b64" in header:
        raise Refused("critical", "no crit and no b64 (RFC 7515 section 4.1.11, RFC 7797)")
    typ = header.get("typ", "JWT")
    if not isinstance(typ, str) or typ.lower() not in TYPES:
        raise Refused("type", "none, JWT or at+jwt", typ)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str):
        raise Refused("algorithm", "a string", algorithm)
    return canonical(algorithm), header.get("kid")


def decoded(check: str, segment: str) -> bytes:
    """Returns the bytes of a segment. Strict, so that a token has exactly one encoding."""
    try:
        data = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError as exc:
        raise Refused(check, "base64url") from exc
    # The last character may contain bits that decoders ignore (RFC 4648 section 3.5).
    if base64.urlsafe_b64encode(data).rstrip(b"=") != segment.encode():
        raise Refused(check, "base64url as encoders write it")
    return data


def json_object(check: str, segment: str) -> dict[str, Any]:
    """Returns a JSON object, parsed strictly: UTF-8, no duplicate member, no NaN (RFC 8725
    section 3.7).
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise ValueError("duplicate member")
        return members

    def refuse_constant(constant: str) -> Any:
        raise ValueError(constant)

    try:
        text = decoded(check, segment).decode()
        value = json.loads(text, object_pairs_hook=unique, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as exc:
        raise Refused(check, "a JSON object in UTF-8 without duplicate members") from exc
    if not isinstance(value, dict):
        raise Refused(check, "a JSON object", type(value).__name__)
    return value
