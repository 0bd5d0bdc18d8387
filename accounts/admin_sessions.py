"""Django's database sessions for operators, with a stricter check of session keys."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS


class SessionStore(db.SessionStore):
    def __init__(self, session_key: str | None = None) -> None:
        """Ignores a key with characters that no key of Django has. A cookie may contain any
        character, and a NUL, for example, is an error in PostgreSQL text.
        """
        is_valid = session_key is not None and set(session_key) <= set(VALID_KEY_CHARS)
        super().__init__(session_key if is_valid else None)
