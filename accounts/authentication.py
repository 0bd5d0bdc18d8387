"""DRF authentication with bearer tokens. The verification itself is in accounts.tokens."""

import logging

from django.db import DEFAULT_DB_ALIAS
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts.identity import identify
from accounts.keys import KeysUnavailable
from accounts.models import User
from accounts.token_hints import hint_for
from accounts.token_text import Refused
from accounts.tokens import Claims, verifier
from todo_api.limits import concurrency
from todo_api.limits.rate_limits import count_anonymous, count_user
from todo_api.request.context import current_request
from todo_api.web.exceptions import Unavailable
from todo_api.web.scopes import READ, Scopes

logger = logging.getLogger(__name__)

TEXTS = {"token_expired": "The token has expired", "token_invalid": "The token is not valid"}


def refusal_of(header: str) -> APIException | None:
    """Returns the error for a refused bearer token in an Authorization header; None if the token is
    valid or missing. Asks no database.
    """
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        verifier().verify(token.strip())
    except Refused as exc:
        refusal = AuthenticationFailed(TEXTS[exc.code], code=exc.code)
        refusal.auth_header = "Bearer"  # type: ignore[attr-defined]  # DRF's view sets it otherwise
        return refusal
    except KeysUnavailable:
        return Unavailable()
    return None


class InsufficientScope(PermissionDenied):
    """A token that was issued to a client, without the scope of this request (RFC 6750, section
    3.1). Without a scope: no client may do this. The header also names the scope `beside` it.
    """

    default_code = "insufficient_scope"

    def __init__(self, scope: str = "", beside: str = "") -> None:
        self.scope = scope
        challenge = 'Bearer error="insufficient_scope"'
        text = "This token was issued to another application; use that of the user's own session"
        if scope:
            challenge += f', scope="{beside} {scope}"' if beside else f', scope="{scope}"'
            text = f"This token does not have the scope {scope}"
        super().__init__(text)
        self.headers = {"WWW-Authenticate": challenge}


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`: a token of Better Auth, or of this service."""

    def authenticate(self, request: Request) -> tuple[User, Claims] | None:
        """Returns the user and the claims, or None without a bearer token. Counts the request
        against the user's rate limit if the token is valid, else against the address's.

        Raises AuthenticationFailed, InsufficientScope, or Unavailable if no verification key is
        available.
        """
        try:
            token = bearer_token(request.META.get("HTTP_AUTHORIZATION") or "")
            claims = None if token is None else verified(token)
        except AuthenticationFailed:
            count_anonymous(request)
            raise
        if claims is None:
            count_anonymous(request)
            return None
        required = "" if claims.scopes is None else required_scope(request)
        if claims.scopes is not None and required not in claims.scopes:
            count_user(claims.user_id)
            raise InsufficientScope(required)
        user = user_of(claims, read_only=required == READ)
        count_user(user.pk)
        return user, claims

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def required_scope(request: Request) -> str:
    """Returns the scope that the view declares for the request; "" without one."""
    view = (request.parser_context or {}).get("view")
    scopes: Scopes = getattr(view, "required_scopes", {})
    return scopes.get(str(request.method), "")


def bearer_token(header: str) -> str | None:
    """Returns the token in an Authorization header; None without one, or with another scheme.
    Raises AuthenticationFailed unless exactly one word follows the scheme. The scheme is
    case-insensitive (RFC 9110 section 11.1).
    """
    words = header.encode("latin-1").split()  # bytes.split separates at ASCII whitespace only
    if not words or words[0].lower() != b"bearer":
        return None
    if len(words) != 2:
        current_request().refusal = "form"
        raise AuthenticationFailed(TEXTS["token_invalid"], code="token_invalid")
    return words[1].decode("latin-1")


def verified(token: str) -> Claims:
    """Returns the claims of a token. Raises AuthenticationFailed or Unavailable. Logs refusals."""
    try:
        return verifier().verify(token)
    except Refused as exc:
        hint = hint_for(exc, token)
        logger.warning("Token refused: %s%s", exc, f"; {hint}" if hint else "")
        current_request().refusal = exc.check
        raise AuthenticationFailed(TEXTS[exc.code], code=exc.code) from exc
    except KeysUnavailable as exc:
        raise Unavailable from exc


def user_of(claims: Claims, *, read_only: bool = False) -> User:
    """Returns the user, built from the claims. Asks no database.

    All later statements of the request run as this user (accounts.identity).
    """
    identify(claims, read_only=read_only)
    current_request().user_id = claims.user_id
    concurrency.acquire(claims.user_id)
    known = {"id": claims.user_id, "email": claims.email, "name": claims.name}
    # The other fields are deferred: Django reads them from the database on access.
    return User.from_db(DEFAULT_DB_ALIAS, list(known), list(known.values()))
