"""Fixtures shared by the tests of people."""

import logging
from collections.abc import Iterator

import pytest

from accounts.models import User

EMAIL, PASSWORD = "alice@todo.test", "correct horse battery"


@pytest.fixture
def account(db: None) -> User:
    """Alice, signed up here. Making her costs one Argon2 hash."""
    return User.objects.sign_up(EMAIL, PASSWORD, name="Alice")


@pytest.fixture
def acts(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What commands log of their acts on people: not on standard output, which is for results."""
    caplog.set_level(logging.INFO)
    commands = logging.Filter("accounts.management")  # not the lines of requests
    caplog.handler.addFilter(commands)
    yield caplog
    caplog.handler.removeFilter(commands)
