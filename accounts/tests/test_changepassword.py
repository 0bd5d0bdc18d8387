"""`manage.py changepassword EMAIL` changes the password of the account with one, and no other."""

import subprocess

import pytest

from accounts.models import User
from conftest import ALICE, service_environment
from todo_api.tests import forked

EMAIL, OLD, NEW = "alice@todo.test", "correct horse battery", "another horse battery"

pytestmark = pytest.mark.django_db(transaction=True)


def change(email: str, *typed: str) -> subprocess.CompletedProcess[str]:
    """Runs the command without a terminal, so that it reads the passwords from standard input."""
    lines = "".join(f"{line}\n" for line in typed)
    return forked.manage("changepassword", email, environment=service_environment(), typed=lines)


def test_it_changes_the_account_and_gives_no_password_to_a_token_user(
    alice: User,
) -> None:
    account = User.objects.sign_up(EMAIL, OLD)

    result = change(EMAIL.upper(), NEW, NEW)

    account.refresh_from_db()
    assert (result.returncode, result.stdout) == (0, f"Password of {account.pk} changed\n")
    assert account.check_password(NEW)
    assert not User.objects.get(pk=ALICE).has_usable_password()


@pytest.mark.parametrize(
    ("email", "typed", "message"),
    [
        ("nobody@todo.test", (), "No account with a password has this e-mail"),
        (EMAIL, (NEW, OLD), "The passwords do not match; nothing was changed"),
        (EMAIL, ("short", "short"), "This password is too short"),
    ],
)
def test_errors_are_reported_in_plain_text(
    email: str, typed: tuple[str, ...], message: str
) -> None:
    account = User.objects.sign_up(EMAIL, OLD)

    result = change(email, *typed)

    account.refresh_from_db()
    assert result.returncode == 1
    assert f"CommandError: {message}" in result.stderr
    assert account.check_password(OLD)


def test_a_token_user_gets_no_password(alice: User) -> None:
    result = change(EMAIL, NEW, NEW)

    assert "No account with a password has this e-mail" in result.stderr
    assert not User.objects.get(pk=ALICE).has_usable_password()
