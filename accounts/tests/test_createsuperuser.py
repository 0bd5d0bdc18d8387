"""`manage.py createsuperuser`: Django's command, with errors in plain text."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from conftest import ALICE

EMAIL, PASSWORD = "alice@todo.test", "correct horse battery"


@pytest.fixture(autouse=True)
def password(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)


def create(email: str) -> None:
    call_command("createsuperuser", "--noinput", email=email, verbosity=0)


def test_it_creates_an_operator_beside_a_token_user_with_the_same_email(alice: User) -> None:
    create(EMAIL)

    operator = User.objects.exclude(pk=ALICE).get()
    rights = (operator.is_active, operator.is_staff, operator.is_superuser)
    assert (operator.email, rights) == (EMAIL, (True, True, True))
    assert operator.check_password(PASSWORD)


def test_an_email_with_an_account_is_refused() -> None:
    before = User.objects.sign_up(EMAIL, PASSWORD)

    with pytest.raises(CommandError, match=r"^Email already registered$"):
        create(EMAIL.upper())

    assert list(User.objects.values_list("pk", "is_staff")) == [(before.pk, False)]


@pytest.mark.parametrize("variables", [{}, {"DJANGO_SUPERUSER_PASSWORD": ""}])
def test_a_missing_password_is_refused(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    monkeypatch.delenv("DJANGO_SUPERUSER_PASSWORD")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(CommandError, match=r"^A password is needed: set DJANGO_SUPERUSER_PASSWORD"):
        create(EMAIL)

    assert not User.objects.exists()


@pytest.mark.parametrize("weak", ["short", "password", "12345678901234"])
def test_a_weak_password_is_refused(monkeypatch: pytest.MonkeyPatch, weak: str) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", weak)

    with pytest.raises(CommandError, match="This password is"):
        create(EMAIL)

    assert not User.objects.exists()
