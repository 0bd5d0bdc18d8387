"""Token verification: from the text of a JWT to its claims, or to the check that refuses it.

The order is fixed: cheap checks of the text, then the key (which may need a fetch), then the
signature, then the claims. Claims with a valid signature are cached. The key and the times are
checked on every call, so that a cached token ends with its key and at its expiry.
"""

import base64
import json
import re
import time
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.conf import settings

from accounts.jwk import ASYMMETRIC, KEY_ID, Key, canonical
from accounts.keys import KeySet
from todo_api.web.scopes import SCOPES

MAX_TOKEN_CHARACTERS = 8_192
MAX_SUBJECT_CHARACTERS = 255
LEEWAY_SECONDS = 30
CACHED_TOKENS = 4_096
TOKEN = re.compile(r"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# Claims of OAuth access tokens (RFC 9068, OpenID Connect). Session tokens have none of them.
DELEGATION = ("scope", "scp", "azp", "client_id", "cid", "act")
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
    "length", "form", "header", "critical", "type", "algorithm", "key id", "key", "signature",
    "payload", "subject", "issuer", "audience", "times", "expiry", "not before", "issued at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a verified token. Times are seconds since the epoch."""

    user_id: str
    email: str
    name: str
    expires_at: float
    not_before: float
    issued_at: float
    # What a token may do that was issued to a client on behalf of the user, as OAuth does. None for
    # a token of the user's own session, which may do everything.
    scopes: frozenset[str] | None = None


class Verifier:
    """Verifies HS256 tokens with `secret`, and asymmetric tokens with the keys of `key_set`.

    The secret never verifies an asymmetric token, and a key of the set is never an HMAC key.
    """

    def __init__(
        self,
        secret: Key | None = None,
        key_set: KeySet | None = None,
        issuer: str = "",
        audience: str = "",
    ) -> None:
        self.secret, self.key_set = secret, key_set
        self.issuer, self.audience = issuer, audience
        self._signed_claims = lru_cache(maxsize=CACHED_TOKENS)(self._read_signed_claims)

    def verify(self, token: str) -> Claims:
        """Returns the claims of a valid token.

        Raises Refused, or KeysUnavailable if the key set is unreachable and no usable copy is
        cached. May fetch the key set when the key id is unknown; asks no database.
        """
        algorithm, kid = read_header(header_of(token))
        claims = self._signed_claims(token, self._key(algorithm, kid))
        _check_times(claims, time.time())
        return claims

    def _key(self, algorithm: str, kid: object) -> Key:
        if algorithm == "HS256" and self.secret:
            return self.secret  # there is one secret only, so the key id is ignored
        if algorithm not in ASYMMETRIC or not self.key_set:
            accepted = [*(["HS256"] if self.secret else []), *(ASYMMETRIC if self.key_set else [])]
            raise Refused("algorithm", ", ".join(accepted), algorithm)
        if not isinstance(kid, str) or not KEY_ID.fullmatch(kid):
            raise Refused("key id", "1 to 255 printable characters, no blank", kid)
        key = self.key_set.find(kid)
        if key is None:
            raise Refused("key", "a key id of the key set", kid)
        if key.algorithm != algorithm:
            raise Refused("key", f"one that signs with {algorithm}", key.algorithm)
        return key

    def _read_signed_claims(self, token: str, key: Key) -> Claims:
        """Returns the claims after all checks that do not depend on the time. Cached."""
        signed, _, signature = token.rpartition(".")
        if not key.verifies(signed.encode(), _decoded("signature", signature)):
            raise Refused("signature", f"one made with the {key.algorithm} key", "another")
        payload = _json_object("payload", signed.partition(".")[2])
        user_id = _subject(payload, symmetric=key is self.secret)
        if self.issuer and payload.get("iss") != self.issuer:
            raise Refused("issuer", self.issuer, payload.get("iss"))
        audiences = payload.get("aud")
        if self.audience and self.audience not in (
            audiences if isinstance(audiences, list) else [audiences]
        ):
            raise Refused("audience", self.audience, audiences)
        return Claims(
            user_id=user_id,
            email=_display_text(payload.get("email"), 254),
            name=_display_text(payload.get("name"), 255),
            expires_at=_numeric_date(payload, "exp"),
            not_before=_numeric_date(payload, "nbf", default=0.0),
            issued_at=_numeric_date(payload, "iat", default=0.0),
            scopes=_scopes(payload) if is_delegated(token, payload) else None,
        )


@cache
def verifier() -> Verifier:
    """Returns the verifier of this process, created from the settings at first use."""
    families = settings.BETTER_AUTH_TOKENS
    return Verifier(
        secret=Key.of_secret(settings.BETTER_AUTH_SECRET) if "hs256" in families else None,
        key_set=KeySet(
            settings.BETTER_AUTH_JWKS_URL,
            static=settings.BETTER_AUTH_JWKS,
            max_stale_seconds=settings.BETTER_AUTH_JWKS_MAX_STALE_HOURS * 3600,
        )
        if "jwks" in families
        else None,
        issuer=settings.BETTER_AUTH_ISSUER,
        audience=settings.BETTER_AUTH_AUDIENCE,
    )


def is_delegated(token: str, payload: dict[str, Any]) -> bool:
    """Returns whether the token was issued to a client: it has one of the claims of DELEGATION, or
    its header says that it is an OAuth access token (RFC 9068).
    """
    if any(name in payload for name in DELEGATION):
        return True
    typ = str(_json_object("header", header_of(token)).get("typ", "")).lower()
    return typ.removeprefix("application/") == "at+jwt"


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
    header = _json_object("header", segment)
    if "crit" in header or "b64" in header:
        raise Refused("critical", "no crit and no b64 (RFC 7515 section 4.1.11, RFC 7797)")
    typ = header.get("typ", "JWT")
    if not isinstance(typ, str) or typ.lower() not in TYPES:
        raise Refused("type", "none, JWT or at+jwt", typ)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str):
        raise Refused("algorithm", "a string", algorithm)
    return canonical(algorithm), header.get("kid")


def _decoded(check: str, segment: str) -> bytes:
    """Returns the bytes of a segment. Strict, so that a token has exactly one encoding."""
    try:
        decoded = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError as exc:
        raise Refused(check, "base64url") from exc
    # The last character may contain bits that decoders ignore (RFC 4648 section 3.5).
    if base64.urlsafe_b64encode(decoded).rstrip(b"=") != segment.encode():
        raise Refused(check, "base64url as encoders write it")
    return decoded


def _json_object(check: str, segment: str) -> dict[str, Any]:
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
        text = _decoded(check, segment).decode()
        value = json.loads(text, object_pairs_hook=unique, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as exc:
        raise Refused(check, "a JSON object in UTF-8 without duplicate members") from exc
    if not isinstance(value, dict):
        raise Refused(check, "a JSON object", type(value).__name__)
    return value


def _subject(payload: dict[str, Any], *, symmetric: bool) -> str:
    """Returns the user's id. HS256 tokens may have it in another claim, and as a number."""
    value = payload.get("sub")
    if symmetric:
        names = ("sub", "user_id", "id", "userId")
        value = next((payload[name] for name in names if payload.get(name) is not None), None)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
    if not isinstance(value, str) or not value.strip() or NOT_TEXT.search(value):
        raise Refused("subject", "a string without control characters", type(value).__name__)
    if value in {".", ".."}:  # clients normalize paths: /api/../tasks becomes /tasks
        raise Refused("subject", "an id that a path can name", value)
    if len(value) > MAX_SUBJECT_CHARACTERS:
        raise Refused("subject", f"at most {MAX_SUBJECT_CHARACTERS} characters", len(value))
    return value


def _numeric_date(payload: dict[str, Any], name: str, default: float | None = None) -> float:
    """Returns a NumericDate claim. Strings and booleans are refused (RFC 7519 section 2)."""
    value = payload.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e15:
        raise Refused("times", f"{name} as seconds since the epoch", value)
    return float(value)


def _scopes(payload: dict[str, Any]) -> frozenset[str]:
    """Returns the known scopes in `scope`, a text with spaces between (RFC 8693, section 4.2). A
    list, or any other value, grants nothing.
    """
    scope = payload.get("scope")
    return frozenset(scope.split(" ")) & SCOPES if isinstance(scope, str) else frozenset()


def _check_times(claims: Claims, now: float) -> None:
    if now >= claims.expires_at + LEEWAY_SECONDS:
        raise Refused("expiry", "an exp in the future", f"{now - claims.expires_at:.0f} s ago")
    if now < claims.not_before - LEEWAY_SECONDS:
        raise Refused("not before", "an nbf in the past", f"in {claims.not_before - now:.0f} s")
    if now < claims.issued_at - LEEWAY_SECONDS:
        raise Refused("issued at", "an iat in the past", f"in {claims.issued_at - now:.0f} s")


def _display_text(value: object, length: int) -> str:
    """Returns a claim for display as text that the database accepts; "" if it is not a string."""
    return NOT_TEXT.sub("", value)[:length] if isinstance(value, str) else ""
