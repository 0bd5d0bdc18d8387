"""Our own tokens, for own accounts, `dev` and `mint_token`: HS256 under BETTER_AUTH_SECRET."""

from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import Token

from accounts.models import User


class SessionToken(Token):
    """Carries what frontends read from a payload in the browser: sub, user_id, email, name."""

    token_type = "access"  # noqa: S105  (a kind, not a secret)
    lifetime = api_settings.ACCESS_TOKEN_LIFETIME


def mint(user: User) -> str:
    """A signed token for this person, good for JWT_EXPIRATION_HOURS."""
    token = SessionToken()
    token["sub"] = token["user_id"] = user.id
    token["email"], token["name"] = user.email, user.name
    return str(token)
