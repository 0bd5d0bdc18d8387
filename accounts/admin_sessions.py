"""Django's database sessions for operators, with a stricter check of session keys."""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: Any) -> bool:
        """Returns whether this service could have made the key.

        A cookie may contain any character. A NUL, for example, is an error in PostgreSQL text.
        """
        long_enough: Any = super()._validate_session_key(key)  # type: ignore[misc]  # no stub
        return bool(long_enough) and set(key) <= set(VALID_KEY_CHARS)
