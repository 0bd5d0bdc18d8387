"""`manage.py maintain`, the command for cron: its steps run even if others fail."""

import threading
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Attempts, User
from conftest import make_task
from tasks.models import Task
from todo_api.management.commands.maintain import exclusive


def maintain(*arguments: str, **options: Any) -> str:
    output = StringIO()
    call_command("maintain", *arguments, stdout=output, **options)
    return output.getvalue()


@pytest.fixture
def expired(db: None) -> Attempts:
    return Attempts.objects.create(key="expired", count=1, expires_at=timezone.now())


@pytest.fixture
def done(alice: User) -> Task:
    task = make_task(alice, completed=True)
    Task.objects.update(completed_at=timezone.now() - timedelta(days=100))
    return task


def test_it_purges_expired_rows_and_keeps_tasks(expired: Attempts, done: Task) -> None:
    printed = maintain()

    assert "purge_expired:\nDeleted 1 accounts.Attempts\n" in printed
    assert "purge_completed" not in printed
    assert not Attempts.objects.exists()
    assert Task.objects.get() == done


def test_it_purges_the_trash(alice: User) -> None:
    make_task(alice, "Long ago", deleted_at=timezone.now() - timedelta(days=31))
    kept = [make_task(alice, deleted_at=timezone.now()), make_task(alice)]

    printed = maintain()

    assert "purge_expired:\nDeleted 1 tasks.Task\n" in printed
    assert list(Task.objects.order_by("created_at")) == kept


def test_purge_completed_deletes_completed_tasks(done: Task) -> None:
    printed = maintain("--purge-completed", "90d")

    assert "purge_completed:\nDeleted 1 tasks.Task\n" in printed
    assert not Task.objects.exists()


def test_it_completes_an_interrupted_erasure(alice: User, bob: User) -> None:
    make_task(alice)
    kept = make_task(bob)
    User.objects.filter(pk=alice.pk).bury()

    printed = maintain()

    assert "unfinished erasures:\nDeleted 1 tasks.SyncState, 1 tasks.Task\n" in printed
    assert Task.objects.get() == kept


def test_it_prints_nothing_at_verbosity_0(expired: Attempts) -> None:
    assert maintain(verbosity=0) == ""
    assert not Attempts.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_failing_step_does_not_stop_the_others(
    alice: User, expired: Attempts, done: Task
) -> None:
    refuse = (
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no'; END $$;"
        " CREATE TRIGGER refuse BEFORE DELETE ON accounts_attempts"
        " FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    with connection.cursor() as cursor:
        cursor.execute(refuse)
    try:
        with pytest.raises(CommandError, match="Failed: purge_expired"):
            maintain("--purge-completed", "90d")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION refuse() CASCADE")

    assert Attempts.objects.exists()
    assert not Task.objects.exists()


def test_a_second_process_at_the_same_time_is_refused(expired: Attempts) -> None:
    has_lock, release = threading.Event(), threading.Event()

    def first() -> None:
        with exclusive():
            has_lock.set()
            release.wait(20)

    thread = threading.Thread(target=first)
    thread.start()
    has_lock.wait(20)
    try:
        with pytest.raises(CommandError, match="Another maintain is running"):
            maintain()
        untouched = Attempts.objects.count()
    finally:
        release.set()
        thread.join()

    assert untouched == 1
    assert maintain()
    assert not Attempts.objects.exists()


def test_an_invalid_period_is_refused_before_any_step_runs(expired: Attempts) -> None:
    with pytest.raises(CommandError, match="such as 90d or 12h"):
        maintain("--purge-completed", "soon")

    assert Attempts.objects.exists()
