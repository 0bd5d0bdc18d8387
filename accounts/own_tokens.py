"""HS256 tokens that this service signs with BETTER_AUTH_SECRET: for own accounts, `dev` and
`mint_token`.
"""

from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import Token

from accounts.models import User


class OwnToken(Token):
    """A token with the claims that frontends read in the browser: sub, user_id, email, name."""

    token_type = "access"  # noqa: S105  (a type, not a secret)
    lifetime = api_settings.ACCESS_TOKEN_LIFETIME


def mint(user: User) -> str:
    """Returns a signed token for the user, valid for JWT_EXPIRATION_HOURS."""
    token = OwnToken()
    token["sub"] = token["user_id"] = user.id
    token["email"], token["name"] = user.email, user.name
    return str(token)
