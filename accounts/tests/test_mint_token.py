"""`manage.py mint_token` prints a token that the API accepts, or an error."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from accounts.models import User
from accounts.sources import Source

pytestmark = pytest.mark.django_db


def mint_token(user: str) -> str:
    out = io.StringIO()
    call_command("mint_token", user, stdout=out)
    return out.getvalue()


def test_it_prints_nothing_but_a_token_that_the_api_accepts(alice: User) -> None:
    printed = mint_token(alice.pk)

    response = APIClient().get("/api/me", HTTP_AUTHORIZATION=f"Bearer {printed.strip()}")
    assert response.status_code == 200
    assert response.json()["id"] == alice.pk
    assert printed.count("\n") == 1


@pytest.mark.parametrize("user", ["nobody", "ALICE-ZK3XQ9", "alice@todo.test", ""])
def test_it_refuses_everything_but_an_exact_id(alice: User, user: str) -> None:
    with pytest.raises(CommandError, match=f"No user has the id '{user}'"):
        mint_token(user)

    assert list(User.objects.all()) == [alice]


def test_it_refuses_a_suspended_user(alice: User) -> None:
    User.objects.update(is_active=False)

    with pytest.raises(CommandError, match="is suspended"):
        mint_token(alice.pk)


def test_without_hs256_it_explains_how_to_get_a_token(alice: User, settings: Any) -> None:
    settings.BETTER_AUTH_TOKENS = ["jwks"]
    settings.BETTER_AUTH_URL = "https://app.todo.test"

    with pytest.raises(CommandError) as refused:
        mint_token(alice.pk)

    assert "Sign in at https://app.todo.test" in str(refused.value)
    assert "BETTER_AUTH_TOKENS=jwks,hs256" in str(refused.value)


def test_without_hs256_it_names_the_sources_of_tokens(alice: User, settings: Any) -> None:
    issuers = "https://a.todo.test", "https://b.todo.test"
    settings.BETTER_AUTH_TOKENS, settings.BETTER_AUTH_URL = ["jwks"], ""
    settings.AUTH_SOURCES = [Source(issuer, f"{issuer}/jwks", ("tasks",)) for issuer in issuers]

    with pytest.raises(CommandError) as refused:
        mint_token(alice.pk)

    assert f"Sign in at {', '.join(issuers)} and call" in str(refused.value)
