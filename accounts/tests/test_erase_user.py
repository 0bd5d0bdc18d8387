"""`manage.py erase_user` deletes everything of one person, when it is really meant."""

import getpass
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from conftest import ALICE, client_of, make_task

pytestmark = pytest.mark.django_db


def erase(*arguments: str, **options: Any) -> str:
    output = StringIO()
    call_command("erase_user", ALICE, *arguments, stdout=output, **options)
    return output.getvalue()


@pytest.fixture
def tasks(alice: User, bob: User) -> None:
    for user in (alice, alice, bob):
        make_task(user, "Only Alice knows")


@pytest.mark.usefixtures("tasks")
def test_it_deletes_everything_of_this_person_alone(
    alice: User, bob: User, acts: pytest.LogCaptureFixture
) -> None:
    printed = erase("--confirm", "--reason", "Asked for it")

    assert printed == "Erased; deleted 2 tasks.Task\n"
    assert (alice.tasks.count(), bob.tasks.count()) == (0, 1)
    assert client_of(ALICE).get("/api/tasks").status_code == 403
    row = User.objects.get(pk=ALICE)
    assert (row.email, row.name, bool(row.erased_at)) == ("", "", True)
    assert acts.messages == [f"Erasing '{ALICE}' by {getpass.getuser()}: 'Asked for it'"]
    assert "todo.test" not in acts.text
    assert "Only Alice knows" not in acts.text


@pytest.mark.usefixtures("tasks")
def test_run_again_it_has_nothing_to_do() -> None:
    erase("--confirm")

    assert erase("--confirm") == "Erased; deleted nothing\n"
    assert erase("--confirm", verbosity=0) == ""


@pytest.mark.usefixtures("tasks")
def test_a_dry_run_only_counts(acts: pytest.LogCaptureFixture) -> None:
    printed = erase("--dry-run", "--confirm")

    assert printed == "Would delete 2 tasks.Task, and empty the person's row\n"
    assert User.objects.get(pk=ALICE).is_active
    assert acts.messages == []


@pytest.mark.usefixtures("tasks")
def test_without_confirmation_it_says_what_it_would_do_and_does_nothing() -> None:
    with pytest.raises(CommandError, match=r"would delete 2 tasks\.Task .* add --confirm"):
        erase()

    assert User.objects.get(pk=ALICE).is_active


def test_an_unknown_id_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="Nobody has the id"):
        erase("--confirm")
