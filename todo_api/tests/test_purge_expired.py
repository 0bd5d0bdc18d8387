"""`manage.py purge_expired` deletes expired rows and no others."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Attempts, User
from conftest import database_url, make_task
from tasks.models import IdempotencyRecord, Task
from todo_api.maintenance.expired import expired
from todo_api.postgresql import batches
from todo_api.request.metrics import ROWS_PURGED

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
    make_task(alice, "live")
    for name, left in (("expired", timedelta(minutes=-1)), ("current", timedelta(minutes=1))):
        make_task(alice, name, deleted_at=now + left - timedelta(days=30))
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
        [task.title for task in Task.objects.order_by("title")],
        [record.key for record in IdempotencyRecord.objects.all()],
        [attempts.key for attempts in Attempts.objects.all()],
        [session.session_key for session in Session.objects.all()],
        [traffic.route for traffic in TRAFFIC.objects.all()],
    )


def test_it_deletes_expired_rows() -> None:
    printed = purge()

    assert printed == (
        "Deleted 1 accounts.Attempts, 1 operations.Traffic, 1 sessions.Session, "
        "1 tasks.IdempotencyRecord, 1 tasks.Task\n"
    )
    assert left() == (["current", "live"], ["current"], ["current"], ["current"], ["current"])
    assert User.objects.count() == 1
    assert purge() == "Deleted nothing\n"


def test_a_dry_run_only_counts() -> None:
    before = left()

    printed = purge("--dry-run")

    assert printed == (
        "Would delete 1 accounts.Attempts, 1 operations.Traffic, 1 sessions.Session, "
        "1 tasks.IdempotencyRecord, 1 tasks.Task\n"
    )
    assert left() == before


def test_it_prints_nothing_at_verbosity_0() -> None:
    assert purge(verbosity=0) == ""


def test_deleted_tasks_are_counted_in_a_metric() -> None:
    before = ROWS_PURGED.labels("tasks.Task")._value.get()

    purge()

    assert ROWS_PURGED.labels("tasks.Task")._value.get() == before + 1


def test_trash_days_is_the_time_in_the_trash(settings: Any) -> None:
    settings.TRASH_DAYS = 31
    assert purge("--dry-run").count("tasks.Task") == 0

    settings.TRASH_DAYS = 29
    purge()

    assert [task.title for task in Task.objects.all()] == ["live"]


def test_the_trash_is_found_by_its_index(alice: User) -> None:
    Task.objects.bulk_create(Task(user=alice, title="x") for _ in range(2_000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_task")
    (trash,) = [rows for rows in expired() if rows.model is Task]

    with CaptureQueriesContext(connection) as queries:
        counted, deleted = trash.count(), list(batches.delete(trash))

    assert (counted, deleted) == (1, [{"tasks.Task": 1}])
    for query in queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "tasks_task_purgeable" in plan, query
        assert "Seq Scan on tasks_task" not in plan, query


@pytest.mark.django_db(transaction=True)
def test_a_task_that_is_restored_during_the_purge_stays() -> None:
    (trash,) = [rows for rows in expired() if rows.model is Task]
    restored = Task.objects.get(title="expired")

    def run() -> None:
        try:
            purge()
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool, psycopg.connect(database_url()) as other:
        change = "UPDATE tasks_task SET deleted_at = null WHERE id = %s"
        other.execute(change, [restored.pk])
        purging = pool.submit(run)
        wait_until_one_waits(other)
        other.commit()
        purging.result(20)

    assert not trash.exists()
    assert Task.objects.get(pk=restored.pk).deleted_at is None


def wait_until_one_waits(other: psycopg.Connection[Any]) -> None:
    """Waits until a statement waits for a lock of this connection."""
    waiting = "SELECT 1 FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    deadline = time.monotonic() + 10
    while not other.execute(waiting).fetchone():
        assert time.monotonic() < deadline
        time.sleep(0.02)
