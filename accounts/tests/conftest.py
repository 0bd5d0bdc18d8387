"""Fixtures of the accounts tests."""

import logging
from collections.abc import Iterator

import pytest

from accounts.models import User

EMAIL, PASSWORD = "alice@todo.test", "correct horse battery"


@pytest.fixture
def account(db: None) -> User:
    """Returns the own account of Alice. Creating it takes one Argon2 hash."""
    return User.objects.sign_up(EMAIL, PASSWORD, name="Alice")


@pytest.fixture
def action_log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Captures the log lines of commands that act on users."""
    caplog.set_level(logging.INFO)
    commands = logging.Filter("accounts.management")  # no request log lines
    caplog.handler.addFilter(commands)
    yield caplog
    caplog.handler.removeFilter(commands)
