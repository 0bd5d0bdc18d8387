"""`manage.py reactivate_user` ends a suspension. It refuses erased users."""

import getpass
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from accounts import personal_data
from accounts.models import User
from conftest import ALICE, BOB

pytestmark = pytest.mark.django_db


def reactivate(user_id: str) -> str:
    output = StringIO()
    call_command("reactivate_user", user_id, "--reason", "A mistake", stdout=output)
    return output.getvalue()


def test_it_serves_requests_of_this_user_only(
    alice: User,
    bob: User,
    as_alice: APIClient,
    as_bob: APIClient,
    action_log: pytest.LogCaptureFixture,
) -> None:
    User.objects.all().suspend()

    printed = reactivate(ALICE)

    after = [client.get("/api/tasks").status_code for client in (as_alice, as_bob)]
    assert after == [200, 403]
    assert printed == "Reactivated\n"
    assert action_log.messages == [f"Reactivated '{ALICE}' by {getpass.getuser()}: 'A mistake'"]


def test_it_does_nothing_for_an_active_user(
    alice: User, action_log: pytest.LogCaptureFixture
) -> None:
    printed = reactivate(ALICE)

    assert printed == "Was not suspended; nothing changed\n"
    assert action_log.messages == []


def test_an_erased_user_is_refused(alice: User) -> None:
    personal_data.erase(alice)

    with pytest.raises(CommandError, match="was erased"):
        reactivate(ALICE)

    assert not User.objects.get().is_active


def test_an_unknown_id_is_refused(alice: User) -> None:
    with pytest.raises(CommandError, match=f"No user has the id '{BOB}'"):
        reactivate(BOB)
