"""Fixtures shared by the tests of people."""

import pytest

from accounts.models import User

EMAIL, PASSWORD = "alice@todo.test", "correct horse battery"


@pytest.fixture
def account(db: None) -> User:
    """Alice, signed up here. Making her costs one Argon2 hash."""
    return User.objects.sign_up(EMAIL, PASSWORD, name="Alice")
