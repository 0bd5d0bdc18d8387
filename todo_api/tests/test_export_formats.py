"""GET /api/me/export?format=csv and ?format=ics: the user's tasks for other programs."""

import csv
import io
from typing import Any

import pytest
from icalendar import Calendar
from rest_framework.test import APIClient

from accounts.models import User
from tasks.models import Task

pytestmark = pytest.mark.django_db


def export(client: APIClient, query: str) -> Any:
    response = client.get(f"/api/me/export?{query}")
    assert response.status_code == 200, response.content
    return response


def test_csv_has_a_header_and_a_row_for_each_task_with_the_trash(
    as_alice: APIClient, alice: User, bob: User
) -> None:
    Task.objects.add(user=bob, title="Of Bob")
    for title in ("Kept", "Deleted"):
        task = as_alice.post("/api/tasks", {"title": title, "tags": ["a,b", "c"]}).json()
    as_alice.delete(f"/api/tasks/{task['id']}")

    response = export(as_alice, "format=csv")

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"].endswith('.csv"')
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode())))
    assert {row["title"]: bool(row["deleted_at"]) for row in rows} == {
        "Kept": False,
        "Deleted": True,
    }
    assert rows[0]["tags"] == '"a,b",c'


def test_csv_begins_with_a_byte_order_mark_on_request_only(as_alice: APIClient) -> None:
    assert export(as_alice, "format=csv&bom=true").getvalue().startswith(b"\xef\xbb\xbfid,")
    assert export(as_alice, "format=csv").getvalue().startswith(b"id,")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1"])
def test_no_cell_runs_as_a_formula(as_alice: APIClient, text: str) -> None:
    as_alice.post("/api/tasks", {"title": "x", "description": text, "tags": [text]})

    (row,) = csv.DictReader(io.StringIO(export(as_alice, "format=csv").getvalue().decode()))

    assert row["description"] == f"'{text}"
    assert row["tags"][0] not in "=+-@\t\r"


def test_a_calendar_has_a_to_do_for_each_task(as_alice: APIClient) -> None:
    as_alice.post(
        "/api/tasks",
        {
            "title": "Pay the rent", "due_at": "2026-10-30T17:00:00Z",
            "time_zone": "Europe/Lisbon", "repeat": {"rule": "FREQ=MONTHLY;BYDAY=-1FR"},
        },
    )  # fmt: skip

    response = export(as_alice, "format=ics")

    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    calendar: Any = Calendar.from_ical(response.getvalue())
    (todo,) = calendar.walk("VTODO")
    assert str(todo["SUMMARY"]) == "Pay the rent"
    assert todo["DUE"].dt.isoformat() == "2026-10-30T17:00:00+00:00"
    assert todo["DUE"].params["TZID"] == "Europe/Lisbon"
    assert todo["RRULE"].to_ical() == b"FREQ=MONTHLY;BYDAY=-1FR"


def test_column_names_are_the_same_in_every_contract(as_alice: APIClient, settings: Any) -> None:
    settings.API_FIELD_CASE = "camel"

    assert b"due_date" in export(as_alice, "format=csv").getvalue()


def test_an_unknown_format_is_an_error(as_alice: APIClient) -> None:
    response = as_alice.get("/api/me/export?format=xlsx")

    assert response.status_code == 400
    assert response.json()["detail"] == "format: expected one of: json, csv, ics"


@pytest.mark.parametrize("accept", ["text/csv", "text/calendar", "application/xml"])
def test_any_accept_header_gets_the_file(as_alice: APIClient, accept: str) -> None:
    assert as_alice.get("/api/me/export?format=csv", HTTP_ACCEPT=accept).status_code == 200
