"""`manage.py suspend_user` ends the access of one user, and logs the operator and the reason."""

import getpass
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from accounts.models import User
from conftest import ALICE

pytestmark = pytest.mark.django_db


def suspend(user_id: str, reason: str = "Sends spam", verbosity: int = 1) -> str:
    output = StringIO()
    call_command("suspend_user", user_id, "--reason", reason, verbosity=verbosity, stdout=output)
    return output.getvalue()


def test_it_refuses_the_next_request_of_this_user_only(
    alice: User, as_alice: APIClient, as_bob: APIClient, action_log: pytest.LogCaptureFixture
) -> None:
    before = as_alice.get("/api/tasks").status_code

    printed = suspend(ALICE)

    after = [client.get("/api/tasks").status_code for client in (as_alice, as_bob)]
    assert (before, after) == (200, [403, 200])
    assert printed == "Suspended\n"
    assert action_log.messages == [f"Suspended '{ALICE}' by {getpass.getuser()}: 'Sends spam'"]


def test_a_second_suspension_changes_and_logs_nothing(
    alice: User, action_log: pytest.LogCaptureFixture
) -> None:
    suspend(ALICE)

    printed = suspend(ALICE)

    assert printed == "Already suspended; nothing changed\n"
    assert len(action_log.messages) == 1


def test_verbosity_0_prints_nothing(alice: User) -> None:
    assert suspend(ALICE, verbosity=0) == ""


def test_a_reason_stays_on_one_line_of_the_log(
    alice: User, action_log: pytest.LogCaptureFixture
) -> None:
    suspend(ALICE, "Spam\nReactivated 'bob'")

    assert "\n" not in action_log.messages[0]


def test_an_e_mail_or_a_missing_reason_is_refused(alice: User) -> None:
    with pytest.raises(CommandError, match="an e-mail is not an id"):
        suspend(alice.email)
    with pytest.raises(CommandError, match="--reason"):
        call_command("suspend_user", ALICE)

    assert User.objects.get().is_active


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_blank_reason_is_refused(alice: User, reason: str) -> None:
    with pytest.raises(CommandError, match="a reason is required"):
        call_command("suspend_user", alice.pk, "--reason", reason)

    alice.refresh_from_db()
    assert alice.is_active
