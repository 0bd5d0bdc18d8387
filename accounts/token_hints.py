"""What to change when a token is refused: for the log, and for `manage.py doctor --token`."""

import base64
import json
import re

from django.conf import settings

from accounts.jwk import ASYMMETRIC
from accounts.sources import Source, configured
from accounts.token_text import Refused, header_of, read_header
from todo_api.addresses import origin_of

CLOCK = "the clocks of this machine and of the one that signed it differ"
# An address that may be shown in a log line.
ISSUER = re.compile(r"https?://[\x21-\x7e]{1,200}")
HINTS = {
    "form": "Better Auth's session token is no JWT: send what authClient.token() returns",
    "expiry": "get a new token; Better Auth's tokens are valid for 15 minutes",
    "not before": CLOCK,
    "issued at": CLOCK,
}


def hint_for(refusal: Refused, token: str) -> str:
    """Returns which variable is wrong and the value to give it, or another hint; "" without one.

    Values from the token are not verified: the operator decides whether they are of the own app.
    """
    check, issuer = refusal.check, claimed_issuer(token)
    if check == "algorithm":
        return _algorithm_hint(claimed_algorithm(token), issuer)
    if check == "signature" and claimed_algorithm(token) == "HS256":
        return "set BETTER_AUTH_SECRET to the secret that signs the tokens; they differ"
    source = source_of(token)
    entry = source.entry if source else ""
    if check in {"signature", "key"}:
        app = source.issuer if source and entry else f"the app at {settings.BETTER_AUTH_URL}"
        known = f"the token is not signed by {app}"
        if not entry and issuer and issuer != origin_of(settings.BETTER_AUTH_URL):
            return f"{known}; if {issuer} is your app, set BETTER_AUTH_URL={issuer}"
        return f"{known}; is it of another environment, or from before its keys were replaced?"
    is_further = source is not None and _is_further_issuer(entry, issuer)
    if check == "source" or (check == "issuer" and is_further):
        return _unlisted_hint(claimed_iss(token))
    if check == "audience" and entry:
        return f"if the token is for this service, add its aud to the audience of {entry}"
    if check in {"issuer", "audience"}:
        return _origin_hint(check, issuer)
    return HINTS.get(check, "")


def source_of(token: str) -> Source | None:
    """Returns the source that verifies a token; None for HS256 tokens, and if none of several has
    the issuer that the token names.
    """
    sources = configured() if claimed_algorithm(token) in ASYMMETRIC else []
    if len(sources) == 1:
        return sources[0]
    issuer = claimed_iss(token)
    return next((source for source in sources if source.issuer == issuer), None)


def _is_further_issuer(entry: str, issuer: str) -> bool:
    """Returns whether another issuer than that of the only source belongs into AUTH_SOURCES: beside
    an entry, or of the app itself, whose OAuth tokens have the path /api/auth in their issuer.
    """
    return bool(entry) or (bool(issuer) and issuer == origin_of(settings.BETTER_AUTH_URL))


def _unlisted_hint(issuer: str) -> str:
    if not ISSUER.fullmatch(issuer):
        return ""
    return f"if the token is of your app, add {json.dumps({'issuer': issuer})} to AUTH_SOURCES"


def _algorithm_hint(algorithm: str, issuer: str) -> str:
    if algorithm == "HS256":
        return (
            "to accept HS256 tokens, set BETTER_AUTH_TOKENS=jwks,hs256, and BETTER_AUTH_SECRET to"
            " the secret that signs them"
        )
    if algorithm not in ASYMMETRIC:
        accepts_hs256 = "hs256" in settings.BETTER_AUTH_TOKENS
        return f"sign tokens with {'HS256' if accepts_hs256 else 'EdDSA, as Better Auth does'}"
    if settings.BETTER_AUTH_URL and "jwks" not in settings.BETTER_AUTH_TOKENS:
        return "to accept tokens of Better Auth's JWT plugin, set BETTER_AUTH_TOKENS=jwks,hs256"
    if "jwks" not in settings.BETTER_AUTH_TOKENS:
        address = issuer or "the address of the app"
        return f"to accept tokens of Better Auth's JWT plugin, set BETTER_AUTH_URL={address}"
    return ""


def _origin_hint(check: str, issuer: str) -> str:
    variable = f"BETTER_AUTH_{check.upper()}"
    is_default = getattr(settings, variable) == origin_of(settings.BETTER_AUTH_URL)
    if is_default and issuer and check == "issuer":
        return f"if {issuer} is your app, set BETTER_AUTH_URL={issuer}"
    return f"if the token is of your app, set {variable} to its value"


def claimed_algorithm(token: str) -> str:
    """Returns the algorithm in the header of a token that is not verified; "" without one."""
    try:
        return read_header(header_of(token))[0]
    except Refused:
        return ""


def claimed_issuer(token: str) -> str:
    """Returns the origin in the `iss` claim of a token that is not verified; "" without one."""
    try:
        return origin_of(claimed_iss(token))
    except ValueError:
        return ""


def claimed_iss(token: str) -> str:
    """Returns the `iss` claim of a token that is not verified; "" without a text."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return claims["iss"] if isinstance(claims["iss"], str) else ""
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return ""
