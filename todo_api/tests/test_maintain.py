"""`manage.py maintain`, the one line for cron: every step, whatever becomes of the others."""

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
from todo_api.management.commands.maintain import alone


def maintain(*arguments: str, **options: Any) -> str:
    output = StringIO()
    call_command("maintain", *arguments, stdout=output, **options)
    return output.getvalue()


@pytest.fixture
def expired(db: None) -> Attempts:
    return Attempts.objects.create(key="over", count=1, expires_at=timezone.now())


@pytest.fixture
def done(alice: User) -> Task:
    task = make_task(alice, completed=True)
    Task.objects.update(completed_at=timezone.now() - timedelta(days=100))
    return task


def test_it_purges_what_has_expired_and_leaves_tasks_alone(expired: Attempts, done: Task) -> None:
    printed = maintain()

    assert "purge_expired:\nDeleted 1 accounts.Attempts\n" in printed
    assert "purge_completed" not in printed
    assert not Attempts.objects.exists()
    assert Task.objects.get() == done


def test_it_purges_completed_tasks_when_told_so(done: Task) -> None:
    printed = maintain("--purge-completed", "90d")

    assert "purge_completed:\nDeleted 1 tasks.Task\n" in printed
    assert not Task.objects.exists()


def test_it_finishes_an_erasure_that_was_stopped(alice: User, bob: User) -> None:
    make_task(alice)
    kept = make_task(bob)
    User.objects.filter(pk=alice.pk).bury()

    printed = maintain()

    assert "unfinished erasures:\nDeleted 1 tasks.Task\n" in printed
    assert Task.objects.get() == kept


def test_it_is_silent_when_told_so(expired: Attempts) -> None:
    assert maintain(verbosity=0) == ""
    assert not Attempts.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_step_that_fails_stops_no_other(alice: User, expired: Attempts, done: Task) -> None:
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


def test_two_at_once_are_one(expired: Attempts) -> None:
    inside, leave = threading.Event(), threading.Event()

    def first() -> None:
        with alone():
            inside.set()
            leave.wait(20)

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(20)
    try:
        with pytest.raises(CommandError, match="Another one is running"):
            maintain()
        untouched = Attempts.objects.count()
    finally:
        leave.set()
        thread.join()

    assert untouched == 1
    assert maintain()
    assert not Attempts.objects.exists()


def test_a_span_that_makes_no_sense_is_refused_before_anything_runs(expired: Attempts) -> None:
    with pytest.raises(CommandError, match="such as 90d or 12h"):
        maintain("--purge-completed", "soon")

    assert Attempts.objects.exists()
