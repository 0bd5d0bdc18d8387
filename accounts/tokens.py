"""Token verification: from the text of a JWT to its claims, or to the check that refuses it.

The order is fixed: cheap checks of the text, then the source (if there are several), then the key
(which may need a fetch), then the signature, then the claims. Claims with a valid signature are
cached. The key and the times are checked on every call, so that a cached token ends with its key
and at its expiry.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.conf import settings

from accounts.jwk import ASYMMETRIC, KEY_ID, Key
from accounts.keys import KeySet
from accounts.sources import configured, issuers_by_address
from accounts.token_text import Refused, decoded, header_of, json_object, read_header
from todo_api.web.scopes import SCOPES

MAX_SUBJECT_CHARACTERS = 255
LEEWAY_SECONDS = 30
CACHED_TOKENS = 4_096
NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# Claims of OAuth access tokens (RFC 9068, OpenID Connect). Session tokens have none of them.
DELEGATION = ("scope", "scp", "azp", "client_id", "cid", "act")


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
        audience: str | tuple[str, ...] = (),
    ) -> None:
        self.secret, self.key_set = secret, key_set
        self.key_sets = [key_set] if key_set else []
        self.issuer = issuer
        self.audiences = tuple(filter(None, [audience])) if isinstance(audience, str) else audience
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
            raise _other_algorithm(algorithm, self.secret, self.key_set)
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
        if not key.verifies(signed.encode(), decoded("signature", signature)):
            raise Refused("signature", f"one made with the {key.algorithm} key", "another")
        payload = json_object("payload", signed.partition(".")[2])
        user_id = _subject(payload, symmetric=key is self.secret)
        if self.issuer and payload.get("iss") != self.issuer:
            raise Refused("issuer", self.issuer, payload.get("iss"))
        came = payload.get("aud")
        audiences = came if isinstance(came, list) else [came]
        if self.audiences and not any(map(audiences.__contains__, self.audiences)):
            raise Refused("audience", " or ".join(self.audiences), came)
        return Claims(
            user_id=user_id,
            email=_display_text(payload.get("email"), 254),
            name=_display_text(payload.get("name"), 255),
            expires_at=_numeric_date(payload, "exp"),
            not_before=_numeric_date(payload, "nbf", default=0.0),
            issued_at=_numeric_date(payload, "iat", default=0.0),
            scopes=_scopes(payload) if is_delegated(token, payload) else None,
        )


class SourcesVerifier:
    """Verifies the tokens of several sources, each with a Verifier of its own: a key of one source
    never verifies a token of another issuer, whatever its id.

    The issuer that a token names is not verified yet. It only selects the source, and causes no
    fetch if it is unknown. Nothing is cached of a token before its signature is verified.
    """

    def __init__(self, secret: Verifier | None, sources: Sequence[Verifier]) -> None:
        self.secret = secret
        self.sources = {source.issuer: source for source in sources}
        self._only = sources[0] if len(sources) == 1 else None
        # Sources with the same address share a key set.
        self.key_sets = list(
            dict.fromkeys(key_set for source in sources for key_set in source.key_sets)
        )

    def verify(self, token: str) -> Claims:
        """Returns the claims of a valid token. Raises what Verifier.verify raises."""
        algorithm, _ = read_header(header_of(token))
        if algorithm in ASYMMETRIC:
            return self._source_of(token).verify(token)
        if algorithm == "HS256" and self.secret:
            return self.secret.verify(token)
        raise _other_algorithm(algorithm, self.secret, self.key_sets)

    def _source_of(self, token: str) -> Verifier:
        if self._only:  # beside HS256 tokens of another issuer
            return self._only
        issuer = json_object("source", token.split(".")[1]).get("iss")
        source = self.sources.get(issuer) if isinstance(issuer, str) else None
        if source is None:
            raise Refused("source", f"an iss of {', '.join(self.sources)}", issuer)
        return source


@cache
def verifier() -> Verifier | SourcesVerifier:
    """Returns the verifier of this process, created from the settings at first use."""
    is_hs256_accepted = "hs256" in settings.BETTER_AUTH_TOKENS
    secret = Key.of_secret(settings.BETTER_AUTH_SECRET) if is_hs256_accepted else None
    by_secret = Verifier(secret, None, settings.BETTER_AUTH_ISSUER, settings.BETTER_AUTH_AUDIENCE)
    sources = configured()
    if not sources:
        return by_secret
    key_sets = {
        address: KeySet(
            address,
            static=settings.BETTER_AUTH_JWKS if address == settings.BETTER_AUTH_JWKS_URL else "",
            max_stale_seconds=settings.BETTER_AUTH_JWKS_MAX_STALE_HOURS * 3600,
            source=issuers,
        )
        for address, issuers in issuers_by_address(sources).items()
    }
    first, *others = sources
    # HS256 tokens have the issuer of BETTER_AUTH_URL, but not that of an entry of AUTH_SOURCES.
    if not others and not (secret and first.entry):
        return Verifier(secret, key_sets[first.jwks], first.issuer, first.audiences)
    return SourcesVerifier(
        by_secret if secret else None,
        [
            Verifier(None, key_sets[source.jwks], source.issuer, source.audiences)
            for source in sources
        ],
    )


def is_delegated(token: str, payload: dict[str, Any]) -> bool:
    """Returns whether the token was issued to a client: it has one of the claims of DELEGATION, or
    its header says that it is an OAuth access token (RFC 9068).
    """
    if any(name in payload for name in DELEGATION):
        return True
    typ = str(json_object("header", header_of(token)).get("typ", "")).lower()
    return typ.removeprefix("application/") == "at+jwt"


def _other_algorithm(algorithm: str, secret: object, keys: object) -> Refused:
    accepted = [*(["HS256"] if secret else []), *(ASYMMETRIC if keys else [])]
    return Refused("algorithm", ", ".join(accepted), algorithm)


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
