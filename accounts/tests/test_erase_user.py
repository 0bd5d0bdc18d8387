"""`manage.py erase_user` deletes all data of one user, after a confirmation."""

import getpass
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from conftest import ALICE, client_of, make_task

pytestmark = pytest.mark.django_db


def erase(*arguments: str, **options: Any) -> str:
    output = StringIO()
    call_command("erase_user", ALICE, *arguments, stdout=output, **options)
    return output.getvalue()


@pytest.fixture
def tasks(alice: User, bob: User) -> None:
    for user in (alice, bob):
        make_task(user, "Only Alice knows")
    make_task(alice, "Only Alice knows", deleted_at=timezone.now())


@pytest.mark.usefixtures("tasks")
def test_it_deletes_the_data_of_this_user_only(
    alice: User, bob: User, action_log: pytest.LogCaptureFixture
) -> None:
    printed = erase("--confirm", "--reason", "Asked for it")

    assert printed == "Erased; deleted 1 tasks.SyncState, 2 tasks.Task\n"
    assert (alice.tasks.count(), bob.tasks.count()) == (0, 1)
    assert client_of(ALICE).get("/api/tasks").status_code == 403
    row = User.objects.get(pk=ALICE)
    assert (row.email, row.name, bool(row.erased_at)) == ("", "", True)
    assert action_log.messages == [f"Erasing '{ALICE}' by {getpass.getuser()}: 'Asked for it'"]
    assert "todo.test" not in action_log.text
    assert "Only Alice knows" not in action_log.text


@pytest.mark.usefixtures("tasks")
def test_a_second_erasure_deletes_nothing() -> None:
    erase("--confirm")

    assert erase("--confirm") == "Erased; deleted nothing\n"
    assert erase("--confirm", verbosity=0) == ""


@pytest.mark.usefixtures("tasks")
def test_a_dry_run_only_counts(action_log: pytest.LogCaptureFixture) -> None:
    printed = erase("--dry-run", "--confirm")

    assert printed == "Would delete 1 tasks.SyncState, 2 tasks.Task, and clear the user's row\n"
    assert User.objects.get(pk=ALICE).is_active
    assert action_log.messages == []


@pytest.mark.usefixtures("tasks")
def test_without_confirm_it_only_reports_the_counts() -> None:
    with pytest.raises(
        CommandError, match=r"would delete 1 tasks\.SyncState, 2 tasks\.Task .* add --confirm"
    ):
        erase()

    assert User.objects.get(pk=ALICE).is_active


def test_an_unknown_id_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="No user has the id"):
        erase("--confirm")
