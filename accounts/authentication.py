"""DRF's side of a sign-in: header, raw token, verified claims, user. No cryptography."""

import logging
from typing import Any

from django.db.models.base import ModelState
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed as MalformedHeader

from accounts.identity import become
from accounts.keys import KeysUnavailable
from accounts.models import User
from accounts.tokens import Claims, Refused, verifier
from todo_api.errors import Unavailable
from todo_api.limits import at_work
from todo_api.notes import note_refusal, note_user
from todo_api.rate_limits import count_anonymous, count_person

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


class BearerAuthentication(JWTAuthentication):
    """`Authorization: Bearer <token>`: a token of Better Auth, or one that we minted.

    simplejwt reads the header; which key, algorithm and claims are accepted is our own business
    (accounts.tokens), because its backend knows one algorithm and one issuer at a time.
    """

    def authenticate(self, request: Request) -> Any:
        """The person and the claims, or None without a token. Counts the call: with a good token
        against its person, whom no neighbour's bad ones lock out, else against the address.
        """
        try:
            found = super().authenticate(request)
        except AuthenticationFailed:
            count_anonymous(request)
            raise
        if found is None:
            count_anonymous(request)
        else:
            count_person(request, found[0].pk)
        return found

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

    def get_header(self, request: Request) -> Any:
        """The bytes of the header, or None."""
        header = request._request.META.get("HTTP_AUTHORIZATION")
        return header.encode("latin-1") if isinstance(header, str) else header

    def get_raw_token(self, header: bytes) -> bytes | None:
        """None without a bearer token. The scheme's name has no case (RFC 9110 section 11.1)."""
        scheme, separator, rest = header.partition(b" ")
        if scheme.lower() == b"bearer":
            header = b"Bearer" + separator + rest
        try:
            return super().get_raw_token(header)
        except MalformedHeader as exc:
            note_refusal("form")
            raise AuthenticationFailed(TEXTS["token_invalid"], code="token_invalid") from exc

    def get_validated_token(self, raw_token: bytes) -> Any:
        """Raises AuthenticationFailed, or Unavailable when no key was ever seen."""
        try:
            return verifier().verify(raw_token.decode("latin-1"))
        except Refused as exc:
            logger.warning("Token refused: %s", exc)
            note_refusal(exc.check)
            raise AuthenticationFailed(TEXTS[exc.code], code=exc.code) from exc
        except KeysUnavailable as exc:
            raise Unavailable from exc

    def get_user(self, validated_token: Any) -> Any:
        """The person, from the claims alone: no database is asked before a statement needs one.

        From here on the request's statements run as this person (accounts.identity).
        """
        claims: Claims = validated_token
        become(claims)
        note_user(claims.user_id)
        at_work.begin(claims.user_id)
        # What Django's from_db makes: all else is asked for when it is read. It takes ten times as
        # long, to go through the fields that are not known.
        person = User.__new__(User)
        person._state = ModelState()
        person._state.adding = False
        vars(person).update(id=claims.user_id, email=claims.email, name=claims.name)
        return person
