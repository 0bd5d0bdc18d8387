"""DRF's side of a sign-in: header, raw token, verified claims, user. No cryptography."""

import logging

from django.db import DEFAULT_DB_ALIAS
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.request import Request

from accounts.identity import identify
from accounts.keys import KeysUnavailable
from accounts.models import User
from accounts.tokens import Claims, Refused, verifier
from todo_api.limits import at_work
from todo_api.limits.rate_limits import count_anonymous, count_user
from todo_api.request.context import current_request
from todo_api.web.exceptions import Unavailable

logger = logging.getLogger(__name__)

TEXTS = {"token_expired": "The token has expired", "token_invalid": "The token is not valid"}


def refusal_of(header: str) -> APIException | None:
    """Returns why the bearer token in an Authorization header is refused; None where it is not, or
    there is none. Asks no database.
    """
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        verifier().verify(token.strip())
    except Refused as exc:
        refusal = AuthenticationFailed(TEXTS[exc.code], code=exc.code)
        refusal.auth_header = "Bearer"  # type: ignore[attr-defined]  # as DRF's view has it
        return refusal
    except KeysUnavailable:
        return Unavailable()
    return None


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`: a token of Better Auth, or one that we minted."""

    def authenticate(self, request: Request) -> tuple[User, Claims] | None:
        """Returns the user and the claims, or None without a bearer token. Counts the request
        against the user of a good token, else against the address.

        Raises AuthenticationFailed, or Unavailable when no key was ever seen.
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
        user = user_of(claims)
        count_user(request, user.pk)
        return user, claims

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def bearer_token(header: str) -> str | None:
    """Returns the token in an Authorization header; None without one, or with another scheme.
    Raises AuthenticationFailed for more than one word. The scheme's name has no case (RFC 9110
    section 11.1).
    """
    words = header.encode("latin-1").split()  # as bytes: only blanks of ASCII separate words
    if not words or words[0].lower() != b"bearer":
        return None
    if len(words) != 2:
        current_request().refusal = "form"
        raise AuthenticationFailed(TEXTS["token_invalid"], code="token_invalid")
    return words[1].decode("latin-1")


def verified(token: str) -> Claims:
    try:
        return verifier().verify(token)
    except Refused as exc:
        logger.warning("Token refused: %s", exc)
        current_request().refusal = exc.check
        raise AuthenticationFailed(TEXTS[exc.code], code=exc.code) from exc
    except KeysUnavailable as exc:
        raise Unavailable from exc


def user_of(claims: Claims) -> User:
    """Returns the user from the claims alone: no database is asked before a statement needs one.

    From here on the statements of the request run as this user (accounts.identity).
    """
    identify(claims)
    current_request().user_id = claims.user_id
    at_work.begin(claims.user_id)
    known = {"id": claims.user_id, "email": claims.email, "name": claims.name}
    # Other fields are read from the database when they are asked for.
    return User.from_db(DEFAULT_DB_ALIAS, list(known), list(known.values()))
