"""What a worker process adds up, and when it writes that."""

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
from operations.traffic import Figures, figures

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
    begin_anew()
    yield
    begin_anew()


def begin_anew() -> None:
    """Forgets what other tests left behind in this process."""
    figures._sums.clear()
    figures._began_at = time.time()
    request_finished.disconnect(figures.write_once)


def rows() -> list[tuple[Any, ...]]:
    fields = ("minute", "route", "method", "status", "refusal", "count")
    return [
        (minute.strftime("%H:%M"), *kind)
        for minute, *kind in Traffic.objects.order_by(*fields).values_list(*fields)
    ]


def test_a_minute_of_answers_is_written_by_the_next_request_that_uses_the_database(
    as_alice: APIClient, alice: User, nobody: APIClient, clock: Clock
) -> None:
    task = make_task(alice)
    as_alice.get("/api/tasks")
    as_alice.get("/api/tasks/", {"search": "plants"})
    as_alice.get(f"/api/{ALICE}/tasks/{task.pk}")
    nobody.get("/api/tasks")
    nobody.get("/healthz")
    nobody.get("/nowhere")
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


# Inside the usual test's transaction every request ends with a statement (accounts.identity).
@pytest.mark.django_db(transaction=True)
def test_requests_that_ask_no_database_write_nothing(
    as_alice: APIClient, nobody: APIClient, clock: Clock
) -> None:
    as_alice.get("/api/tasks")
    clock.shift(3600)

    with CaptureQueriesContext(connection) as queries:
        client_of(ALICE, exp=1).get("/api/tasks")
        nobody.get("/healthz")
        nobody.get("/nowhere")

    assert (len(queries), rows()) == (0, [])


def test_it_is_written_once_a_minute_and_in_one_insert(as_alice: APIClient, clock: Clock) -> None:
    clock.shift(60)

    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            as_alice.get("/api/tasks")
        counts.append(sum("operations_traffic" in query["sql"] for query in queries))

    assert counts == [1, 0, 0]


def test_a_refused_token_is_counted_by_the_check_that_failed(
    as_alice: APIClient, nobody: APIClient, clock: Clock
) -> None:
    client_of(ALICE, exp=1).get("/api/tasks")
    for header in ("Bearer nonsense", "Bearer a b"):
        nobody.get("/api/tasks", HTTP_AUTHORIZATION=header)
    as_alice.get("/api/somebody/tasks")

    clock.shift(60)
    as_alice.get("/api/tasks")

    assert Traffic.objects.refusals_by_cause() == {"form": 2, "expiry": 1, "user_mismatch": 1}


def test_whatever_strangers_send_makes_few_rows(
    as_alice: APIClient, nobody: APIClient, clock: Clock
) -> None:
    for number in range(50):
        nobody.generic(f"BREW{number}", f"/api/nowhere/{number}")
        nobody.get(f"/static/{number}.js")
        nobody.options(f"/api/tasks/{number}", HTTP_ACCESS_CONTROL_REQUEST_METHOD="GET")

    clock.shift(60)
    as_alice.get("/api/tasks")

    assert [(*row[1:4], row[5]) for row in rows()] == [
        ("/api/tasks/{id}", "OPTIONS", 200, 50),
        ("other", "GET", 404, 50),
        ("other", "other", 404, 50),
        ("/api/tasks", "GET", 200, 1),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_fails_loses_nothing(as_alice: APIClient, clock: Clock) -> None:
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


def test_what_waits_for_the_database_is_bounded(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(traffic, "KEPT_SUMS", 3)
    waiting = Figures()

    for _ in range(5):
        clock.shift(60)
        waiting.add("/api/tasks", "GET", 200, "", 1.0, used_database=True)
    waiting.write()

    assert [row[0] for row in rows()] == ["12:03", "12:04", "12:05"]


def test_the_figures_of_an_hour_tell_statuses_and_slow_routes(clock: Clock) -> None:
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


def test_an_empty_hour_has_empty_figures() -> None:
    hour = Traffic.objects.last_hour()

    figures_of_it = (hour.by_status_class(), hour.slowest_routes(3), hour.refusals_by_cause())

    assert figures_of_it == ({}, [], {})


def test_it_can_be_switched_off(settings: Any, as_alice: APIClient, clock: Clock) -> None:
    settings.RECORD_TRAFFIC = False
    clock.shift(60)
    as_alice.get("/api/tasks")
    clock.shift(60)

    figures.write()

    assert rows() == []
