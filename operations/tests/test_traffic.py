"""The traffic statistics of a worker process, and when they are written to the database."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.signals import request_finished
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from conftest import ALICE, client_of, make_task
from operations import traffic
from operations.models import Traffic
from operations.traffic import TrafficStatistics, traffic_statistics

pytestmark = pytest.mark.django_db

START = "2026-03-01T12:00:30Z"
Clock = time_machine.Traveller


@pytest.fixture
def clock() -> Iterator[Clock]:
    with time_machine.travel(START, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def _recording(settings: Any, clock: Clock) -> Iterator[None]:
    settings.RECORD_TRAFFIC = True
    reset()
    yield
    reset()


def reset() -> None:
    """Removes what other tests left in this process."""
    traffic_statistics._sums.clear()
    traffic_statistics._started_at = time.time()
    request_finished.disconnect(traffic_statistics.write_once)


def rows() -> list[tuple[Any, ...]]:
    fields = ("minute", "route", "method", "status", "refusal", "count")
    return [
        (minute.strftime("%H:%M"), *kind)
        for minute, *kind in Traffic.objects.order_by(*fields).values_list(*fields)
    ]


def test_a_minute_is_written_after_the_next_request_that_uses_the_database(
    as_alice: APIClient, alice: User, anonymous: APIClient, clock: Clock
) -> None:
    task = make_task(alice)
    as_alice.get("/api/tasks")
    as_alice.get("/api/tasks/", {"search": "plants"})
    as_alice.get(f"/api/{ALICE}/tasks/{task.pk}")
    anonymous.get("/api/tasks")
    anonymous.get("/healthz")
    anonymous.get("/nowhere")
    before = rows()

    clock.shift(60)
    as_alice.get("/api/me")

    assert before == []
    assert rows() == [
        ("12:00", "/api/tasks", "GET", 200, "", 2),
        ("12:00", "/api/tasks", "GET", 401, "not_authenticated", 1),
        ("12:00", "/api/{user_id}/tasks/{id}", "GET", 200, "", 1),
        ("12:00", "/healthz", "GET", 200, "", 1),
        ("12:00", "other", "GET", 404, "", 1),
        ("12:01", "/api/me", "GET", 200, "", 1),
    ]


# In the transaction of a usual test every request ends with a statement (accounts.identity).
@pytest.mark.django_db(transaction=True)
def test_requests_without_database_use_write_nothing(
    as_alice: APIClient, anonymous: APIClient, clock: Clock
) -> None:
    as_alice.get("/api/tasks")
    clock.shift(3600)

    with CaptureQueriesContext(connection) as queries:
        client_of(ALICE, exp=1).get("/api/tasks")
        anonymous.get("/healthz")
        anonymous.get("/nowhere")

    assert (len(queries), rows()) == (0, [])


def test_statistics_are_written_once_a_minute_with_one_insert(
    as_alice: APIClient, clock: Clock
) -> None:
    clock.shift(60)

    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            as_alice.get("/api/tasks")
        counts.append(sum("operations_traffic" in query["sql"] for query in queries))

    assert counts == [1, 0, 0]


def test_a_refused_token_is_counted_under_the_failed_check(
    as_alice: APIClient, anonymous: APIClient, clock: Clock
) -> None:
    client_of(ALICE, exp=1).get("/api/tasks")
    for header in ("Bearer nonsense", "Bearer a b"):
        anonymous.get("/api/tasks", HTTP_AUTHORIZATION=header)
    as_alice.get("/api/another-user/tasks")

    clock.shift(60)
    as_alice.get("/api/tasks")

    assert Traffic.objects.refusals_by_cause() == {"form": 2, "expiry": 1, "user_mismatch": 1}


def test_unknown_paths_and_methods_make_few_rows(
    as_alice: APIClient, anonymous: APIClient, clock: Clock
) -> None:
    for number in range(50):
        anonymous.generic(f"BREW{number}", f"/api/nowhere/{number}")
        anonymous.get(f"/static/{number}.js")
        anonymous.options(f"/api/tasks/{number}", HTTP_ACCESS_CONTROL_REQUEST_METHOD="GET")

    clock.shift(60)
    as_alice.get("/api/tasks")

    assert [(*row[1:4], row[5]) for row in rows()] == [
        ("/api/tasks/{id}", "OPTIONS", 200, 50),
        ("other", "GET", 404, 50),
        ("other", "other", 404, 50),
        ("/api/tasks", "GET", 200, 1),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_failed_write_is_repeated_without_loss(as_alice: APIClient, clock: Clock) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE operations_traffic RENAME TO gone")
    try:
        clock.shift(60)
        responses = [as_alice.get("/api/tasks").status_code for _ in range(2)]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE gone RENAME TO operations_traffic")
    clock.shift(60)
    responses.append(as_alice.get("/api/tasks").status_code)

    assert responses == [200, 200, 200]
    assert [(row[0], row[-1]) for row in rows()] == [("12:01", 2), ("12:02", 1)]


def test_the_wait_for_a_thread_is_summed(clock: Clock) -> None:
    statistics = TrafficStatistics()
    for queue_ms in (10.0, 2.5, 0.0):
        statistics.add("/api/tasks", "GET", 200, "", 50.0, queue_ms, used_database=True)
    statistics.write()

    row = Traffic.objects.get()

    assert (row.count, row.total_ms, row.queue_ms, row.longest_queue_ms) == (3, 150.0, 12.5, 10.0)
    assert Traffic.objects.queue_times() == {"average_ms": 12.5 / 3, "longest_ms": 10.0}


def test_a_process_of_the_release_before_writes_no_waits(clock: Clock) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO operations_traffic (minute, route, method, status, refusal, count,"
            " total_ms, slowest_ms) VALUES (now(), '/api/tasks', 'GET', 200, '', 1, 5, 5)"
        )

    assert Traffic.objects.queue_times() == {"average_ms": 0.0, "longest_ms": 0.0}


def test_the_number_of_unwritten_sums_is_bounded(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(traffic, "MAX_SUMS", 3)
    statistics = TrafficStatistics()

    for _ in range(5):
        clock.shift(60)
        statistics.add("/api/tasks", "GET", 200, "", 1.0, 0.5, used_database=True)
    statistics.write()

    assert [row[0] for row in rows()] == ["12:03", "12:04", "12:05"]


def test_the_statistics_of_an_hour_have_statuses_and_slow_routes(clock: Clock) -> None:
    def record(minutes_ago: int, route: str, status: int, count: int, ms: float) -> None:
        Traffic.objects.create(
            minute=timezone.now() - timedelta(minutes=minutes_ago), route=route, method="GET",
            status=status, count=count, total_ms=count * ms, slowest_ms=ms,
        )  # fmt: skip

    record(1, "/fast", 200, 9, 2.0)
    record(2, "/fast", 304, 1, 12.0)
    record(3, "/slow", 200, 1, 50.0)
    record(59, "/slow", 503, 1, 150.0)
    record(60, "/slow", 500, 1, 9_999.0)
    record(7 * 24 * 60 + 1, "/old", 200, 1, 1.0)

    hour = Traffic.objects.last_hour()

    assert hour.by_status_class() == {"2xx": 10, "3xx": 1, "5xx": 1}
    assert hour.slowest_routes(2) == [
        {"route": "/slow", "method": "GET", "count": 2, "average_ms": 100.0, "slowest_ms": 150.0},
        {"route": "/fast", "method": "GET", "count": 10, "average_ms": 3.0, "slowest_ms": 12.0},
    ]
    assert hour.slowest_routes(1) == hour.slowest_routes(2)[:1]
    assert [row.route for row in Traffic.objects.expired()] == ["/old"]


def test_an_empty_hour_has_empty_statistics() -> None:
    hour = Traffic.objects.last_hour()

    statistics = (hour.by_status_class(), hour.slowest_routes(3), hour.refusals_by_cause())

    assert statistics == ({}, [], {})
    assert hour.queue_times() == {"average_ms": 0.0, "longest_ms": 0.0}


def test_recording_can_be_turned_off(settings: Any, as_alice: APIClient, clock: Clock) -> None:
    settings.RECORD_TRAFFIC = False
    clock.shift(60)
    as_alice.get("/api/tasks")
    clock.shift(60)

    traffic_statistics.write()

    assert rows() == []
