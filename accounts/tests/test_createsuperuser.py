"""`manage.py createsuperuser`: Django's, and what stands in the way is said in words."""

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


def test_it_makes_an_operator_beside_a_person_with_the_same_email(alice: User) -> None:
    create(EMAIL)

    operator = User.objects.exclude(pk=ALICE).get()
    rights = (operator.is_active, operator.is_staff, operator.is_superuser)
    assert (operator.email, rights) == (EMAIL, (True, True, True))
    assert operator.check_password(PASSWORD)


def test_an_email_that_has_an_account_is_refused_in_words() -> None:
    before = User.objects.sign_up(EMAIL, PASSWORD)

    with pytest.raises(CommandError, match=r"^Email already registered$"):
        create(EMAIL.upper())

    assert list(User.objects.values_list("pk", "is_staff")) == [(before.pk, False)]


@pytest.mark.parametrize("variables", [{}, {"DJANGO_SUPERUSER_PASSWORD": ""}])
def test_nobody_is_made_who_could_never_sign_in(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    monkeypatch.delenv("DJANGO_SUPERUSER_PASSWORD")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(CommandError, match=r"^A password is needed: set DJANGO_SUPERUSER_PASSWORD"):
        create(EMAIL)

    assert not User.objects.exists()
