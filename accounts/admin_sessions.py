"""Operators' sessions: Django's, in the database, which is asked only for keys it may have made."""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: Any) -> bool:
        """A cookie may hold anything, also what PostgreSQL takes in no text: a NUL."""
        long_enough: Any = super()._validate_session_key(key)  # type: ignore[misc]  # no stub
        return bool(long_enough) and set(key) <= set(VALID_KEY_CHARS)
