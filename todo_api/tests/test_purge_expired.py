"""`manage.py purge_expired` deletes expired rows and no others."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Attempts, User
from conftest import make_task
from tasks.models import IdempotencyRecord, Task

pytestmark = pytest.mark.django_db
TRAFFIC: Any = apps.get_model("operations", "Traffic")


def purge(*arguments: str, **options: Any) -> str:
    output = StringIO()
    call_command("purge_expired", *arguments, stdout=output, **options)
    return output.getvalue()


@pytest.fixture(autouse=True)
def _rows(alice: User) -> None:
    """Creates one expired row and one current row of each kind."""
    now = timezone.now()
    make_task(alice)
    for name, left in (("expired", timedelta(minutes=-1)), ("current", timedelta(minutes=1))):
        IdempotencyRecord.objects.create(
            user=alice, key=name, status=201, headers={}, body={},
            created_at=now + left - timedelta(days=1),
        )  # fmt: skip
        Attempts.objects.create(key=name, count=1, expires_at=now + left)
        Session.objects.create(session_key=name, expire_date=now + left)
        TRAFFIC.objects.create(
            minute=now + left - timedelta(days=7), route=name, method="GET", status=200,
            count=1, total_ms=1, slowest_ms=1,
        )  # fmt: skip


def left() -> tuple[list[str], ...]:
    return (
        [record.key for record in IdempotencyRecord.objects.all()],
        [attempts.key for attempts in Attempts.objects.all()],
        [session.session_key for session in Session.objects.all()],
        [traffic.route for traffic in TRAFFIC.objects.all()],
    )


def test_it_deletes_expired_rows() -> None:
    printed = purge()

    assert printed == (
        "Deleted 1 accounts.Attempts, 1 operations.Traffic, 1 sessions.Session, "
        "1 tasks.IdempotencyRecord\n"
    )
    assert left() == (["current"], ["current"], ["current"], ["current"])
    assert (Task.objects.count(), User.objects.count()) == (1, 1)
    assert purge() == "Deleted nothing\n"


def test_a_dry_run_only_counts() -> None:
    before = left()

    printed = purge("--dry-run")

    assert printed == (
        "Would delete 1 accounts.Attempts, 1 operations.Traffic, 1 sessions.Session, "
        "1 tasks.IdempotencyRecord\n"
    )
    assert left() == before


def test_it_prints_nothing_at_verbosity_0() -> None:
    assert purge(verbosity=0) == ""
