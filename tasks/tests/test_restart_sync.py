"""manage.py restart_sync, after a backup was restored."""

from io import StringIO

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from accounts.models import User
from conftest import make_task
from tasks.models import SyncState, Task
from tasks.tests.test_sync import checkpoint_of, sync, titles

pytestmark = pytest.mark.django_db


def restart() -> str:
    output = StringIO()
    call_command("restart_sync", stdout=output)
    return output.getvalue()


def test_clients_start_again(
    as_alice: APIClient, as_bob: APIClient, alice: User, bob: User
) -> None:
    make_task(alice, "Hers")
    make_task(bob)
    hers, his = checkpoint_of(as_alice), checkpoint_of(as_bob)

    assert restart() == "The clients of 2 users start again\n"

    assert [sync(as_alice, hers).status_code, sync(as_bob, his).status_code] == [410, 410]
    again = sync(as_alice)
    assert titles(again) == ["Hers"]
    assert sync(as_alice, again.json()["checkpoint"]).status_code == 200


def test_it_ends_checkpoints_of_changes_that_the_backup_does_not_have(
    as_alice: APIClient, alice: User
) -> None:
    task = make_task(alice, "In the backup")
    backup = SyncState.objects.get(user=alice)
    lost = make_task(alice, "Lost")
    checkpoint = checkpoint_of(as_alice)
    # What the restored database has. Then its owner is served again, before the client polls.
    Task.objects.filter(pk=lost.pk)._raw_delete("default")
    backup.save()

    at_once = sync(as_alice, checkpoint).status_code
    as_alice.patch(f"/api/tasks/{task.pk}", {"title": "Changed"})
    later = sync(as_alice, checkpoint)
    restart()

    assert at_once == 410
    assert titles(later) == ["Changed"]  # no change is missed, but the client keeps the lost task
    assert sync(as_alice, checkpoint).status_code == 410
