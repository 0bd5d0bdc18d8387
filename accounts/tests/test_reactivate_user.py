"""`manage.py reactivate_user` undoes a suspension, and no erasure."""

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


def test_it_answers_this_person_alone_again(
    alice: User, bob: User, as_alice: APIClient, as_bob: APIClient, acts: pytest.LogCaptureFixture
) -> None:
    User.objects.all().suspend()

    printed = reactivate(ALICE)

    after = [client.get("/api/tasks").status_code for client in (as_alice, as_bob)]
    assert after == [200, 403]
    assert printed == "Reactivated\n"
    assert acts.messages == [f"Reactivated '{ALICE}' by {getpass.getuser()}: 'A mistake'"]


def test_whoever_is_active_stays_so(alice: User, acts: pytest.LogCaptureFixture) -> None:
    printed = reactivate(ALICE)

    assert printed == "Was not suspended; nothing changed\n"
    assert acts.messages == []


def test_nobody_comes_back_from_an_erasure(alice: User) -> None:
    personal_data.erase(alice)

    with pytest.raises(CommandError, match="was erased"):
        reactivate(ALICE)

    assert not User.objects.get().is_active


def test_an_unknown_id_is_refused(alice: User) -> None:
    with pytest.raises(CommandError, match=f"Nobody has the id '{BOB}'"):
        reactivate(BOB)
