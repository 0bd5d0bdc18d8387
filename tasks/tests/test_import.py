"""POST /api/import: files of this service and of others become tasks, once."""

import json
import threading
import time
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from rest_framework.test import APIClient

from accounts.models import User
from conftest import client_of
from tasks.idempotency import lock
from tasks.models import Task

pytestmark = pytest.mark.django_db

TODOIST = """TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE
section,Errands,,,,,,,,
task,Buy milk @home @shop,Two litres,1,1,,,2026-12-24,en,Europe/Berlin
note,Not the blue one,,,,,,,,
task,Water the plants,,4,1,,,every monday,en,Europe/Berlin
task,Dance,,4,1,,,each full moon,en,Europe/Berlin
"""
TAKEOUT = {
    "kind": "tasks#taskLists",
    "items": [
        {
            "kind": "tasks#tasks",
            "title": "Garden",
            "items": [
                {"kind": "tasks#task", "id": "a1", "title": "Sow", "status": "needsAction",
                 "due": "2026-12-24T00:00:00.000Z", "notes": "Beans"},
                {"kind": "tasks#task", "id": "a2", "title": "Reap", "status": "completed",
                 "completed": "2026-11-02T10:00:00.000Z"},
            ],
        }
    ],
}  # fmt: skip
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VTODO
UID:rent@calendar.test
SUMMARY:Pay the rent
DUE;TZID=Europe/Lisbon:20261225T170000
RRULE:FREQ=MONTHLY;BYDAY=-1FR
CATEGORIES:home,money
END:VTODO
END:VCALENDAR
"""


def send(client: APIClient, content: Any, media_type: str, query: str = "", **headers: Any) -> Any:
    text: Any = content if isinstance(content, str | bytes) else json.dumps(content)
    return client.generic("POST", f"/api/import{query}", text, content_type=media_type, **headers)


def tasks() -> dict[str, Task]:
    return {task.title: task for task in Task.objects.all()}


def test_a_todoist_file_becomes_tasks_with_tags_notes_and_rules(as_alice: APIClient) -> None:
    response = send(as_alice, TODOIST, "text/csv")

    assert response.status_code == 200
    result = response.json()
    assert (result["created"], result["existing"]) == (2, 0)
    assert [each["line"] for each in result["failed"]] == [6]
    assert "full moon" in result["failed"][0]["message"]
    milk, plants = tasks()["Buy milk"], tasks()["Water the plants"]
    assert (milk.tags, milk.priority, str(milk.due_date)) == (["home", "shop"], 4, "2026-12-24")
    assert milk.description == "Two litres\n\nNot the blue one"
    assert plants.repeat == {"rule": "FREQ=WEEKLY;BYDAY=MO", "from": "due"}


def test_google_takeout_becomes_tasks_with_their_list_as_a_tag(as_alice: APIClient) -> None:
    assert send(as_alice, TAKEOUT, "application/json").json()["created"] == 2

    sow, reap = tasks()["Sow"], tasks()["Reap"]
    assert (sow.tags, sow.description, str(sow.due_date)) == (["Garden"], "Beans", "2026-12-24")
    assert (reap.completed, str(reap.completed_at)) == (True, "2026-11-02 10:00:00+00:00")


def test_to_dos_of_a_calendar_keep_their_zone_and_rule(as_alice: APIClient) -> None:
    assert send(as_alice, CALENDAR, "text/calendar").json()["created"] == 1

    (task,) = as_alice.get("/api/tasks").json()
    assert (task["due_at"], task["time_zone"]) == ("2026-12-25T17:00:00Z", "Europe/Lisbon")
    assert task["repeat"] == {"rule": "FREQ=MONTHLY;BYDAY=-1FR", "from": "due"}
    assert task["tags"] == ["home", "money"]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(TODOIST, "text/csv"), (TAKEOUT, "application/json"), (CALENDAR, "text/calendar")],
)
def test_the_same_file_again_creates_nothing(
    as_alice: APIClient, as_bob: APIClient, content: Any, media_type: str
) -> None:
    first = send(as_alice, content, media_type).json()
    Task.objects.update(title="Changed")

    again = send(as_alice, content, media_type).json()

    assert (again["created"], again["existing"], again["ids"]) == (0, first["created"], [])
    assert send(as_bob, content, media_type).json()["created"] == first["created"]


def test_a_deleted_task_is_not_created_again(as_alice: APIClient) -> None:
    (pk,) = send(as_alice, CALENDAR, "text/calendar").json()["ids"]
    as_alice.delete(f"/api/tasks/{pk}")

    assert send(as_alice, CALENDAR, "text/calendar").json()["created"] == 0


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("json", "application/json"), ("csv", "text/csv"), ("ics", "text/calendar")],
)
def test_an_export_is_known_to_its_user_and_new_to_another(
    as_alice: APIClient, as_bob: APIClient, alice: User, bob: User, name: str, media_type: str
) -> None:
    sent = {
        "title": "=1+1", "description": "a\nb", "priority": "urgent", "tags": ["x, y", "@z"],
        "due_at": "2026-10-30T17:00:00Z", "time_zone": "Europe/Lisbon",
        "repeat": {"rule": "FREQ=DAILY", "from": "completion"}, "remind_at": "2026-10-30T09:00:00Z",
    }  # fmt: skip
    as_alice.post("/api/tasks", sent)
    as_alice.post("/api/tasks", {"title": "Done", "completed": True, "due_date": "2026-01-31"})
    exported = as_alice.get(f"/api/me/export?format={name}").getvalue()

    assert send(as_alice, exported, media_type).json()["existing"] == 2
    assert send(as_bob, exported, media_type).json()["created"] == 2

    ignored = {"id", "user_id", "updated_at"}
    mine, theirs = (
        [
            {n: v for n, v in task.items() if n not in ignored}
            for task in client.get("/api/tasks").json()
        ]
        for client in (as_alice, as_bob)
    )
    if name == "ics":  # RFC 5545 has times in whole seconds
        for task in (*mine, *theirs):
            task["created_at"] = task["completed_at"] = None
    assert theirs == mine


def test_a_preview_counts_and_creates_nothing(as_alice: APIClient) -> None:
    preview = send(as_alice, TODOIST, "text/csv", "?dry_run=true").json()

    assert (preview["created"], preview["ids"]) == (2, [])
    assert [each["line"] for each in preview["failed"]] == [6]
    assert not Task.objects.exists()
    assert send(as_alice, TODOIST, "text/csv", "?dry_run=false").json()["created"] == 2


def test_an_unknown_word_in_dry_run_creates_nothing(as_alice: APIClient) -> None:
    assert send(as_alice, TODOIST, "text/csv", "?dry_run=yes").status_code == 400
    assert not Task.objects.exists()


def test_sync_shows_the_tasks_and_a_batch_undoes_their_creation(as_alice: APIClient) -> None:
    checkpoint = as_alice.get("/api/sync").json()["checkpoint"]
    ids = send(as_alice, TODOIST, "text/csv").json()["ids"]

    changed = as_alice.get(f"/api/sync?since={checkpoint}").json()
    assert {task["id"] for task in changed["tasks"]} == {*ids}

    as_alice.post("/api/batch", {"operations": [{"op": "delete", "id": pk} for pk in ids]})
    assert as_alice.get("/api/tasks").json() == []


def test_the_first_task_of_a_file_is_the_first_of_the_list(as_alice: APIClient) -> None:
    send(as_alice, "title\nFirst\nSecond\nThird\n", "text/csv")

    assert [task["title"] for task in as_alice.get("/api/tasks").json()] == [
        "First", "Second", "Third",
    ]  # fmt: skip


def test_each_invalid_task_is_listed_with_its_line_and_the_others_are_created(
    as_alice: APIClient,
) -> None:
    text = "title,priority,due_at,tags\nGood,high,,\n,low,,\nBad,soon,,\nBad,,2026-01-01 9:00,\n"

    result = send(as_alice, text, "text/csv").json()

    assert result["created"] == 1
    assert [each["line"] for each in result["failed"]] == [3, 4, 5]
    assert all(each["message"] for each in result["failed"])


@pytest.mark.parametrize(
    ("content", "media_type", "status", "says"),
    [
        (b"title\n\xff", "text/csv", 400, "byte 7"),
        (b"", "text/csv", 400, "title"),
        (b"name\nx\n", "text/csv", 400, "title"),
        (b"{", "application/json", 400, "JSON"),
        (b"[" * 100_000, "application/json", 400, "JSON"),
        (b"no calendar", "text/calendar", 400, "calendar"),
        (b"title\nx\n", "text/html", 415, "text/csv"),
        (b"title\nx\n", "", 415, "text/csv"),
        (b"title\n" + b"x\n" * 5_001, "text/csv", 400, "5,000"),
        (b"title\n" + b"x" * 1_100_000, "text/csv", 413, "1048576 bytes"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(
    as_alice: APIClient, content: bytes, media_type: str, status: int, says: str
) -> None:
    response = send(as_alice, content, media_type)

    assert (response.status_code, says in response.json()["detail"]) == (status, True), (
        response.content
    )
    assert not Task.objects.exists()


def test_beyond_the_quota_nothing_is_created(as_alice: APIClient, settings: Any) -> None:
    settings.TASKS_PER_USER = 1

    response = send(as_alice, TODOIST, "text/csv")

    assert (response.status_code, response.json()["code"]) == (409, "quota_exceeded")
    assert not Task.objects.exists()


def test_times_without_a_zone_are_in_that_of_the_request(as_alice: APIClient) -> None:
    floating = CALENDAR.replace(";TZID=Europe/Lisbon", "")

    send(as_alice, floating, "text/calendar", HTTP_TIME_ZONE="Asia/Tokyo")

    (task,) = Task.objects.all()
    assert (str(task.due_at), task.time_zone) == ("2026-12-25 08:00:00+00:00", "Asia/Tokyo")


@pytest.mark.django_db(transaction=True)
def test_the_same_file_at_the_same_time_creates_its_tasks_once(alice: User) -> None:
    created, barrier = [], threading.Barrier(4)

    def run() -> None:
        client = client_of(alice.pk)
        barrier.wait()
        while (response := send(client, TODOIST, "text/csv")).status_code == 409:
            time.sleep(0.05)
        created.append(response.json()["created"])
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(created) == [0, 0, 0, 2]
    assert Task.objects.count() == 2


def test_a_thousand_tasks_need_few_statements(
    as_alice: APIClient, django_assert_max_num_queries: Any
) -> None:
    text = "title,tags\n" + "".join(f"Task {number},home\n" for number in range(1_000))

    with django_assert_max_num_queries(12):
        assert send(as_alice, text, "text/csv").json()["created"] == 1_000


RULES = [f"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;INTERVAL={number}" for number in range(1, 201)]


def test_rules_that_are_not_accepted_are_listed_and_cost_little(as_alice: APIClient) -> None:
    rows = [f"Task {number},FREQ=HOURLY" for number in range(4_000)]
    started = time.process_time()

    result = send(as_alice, "title,repeat_rule\n" + "\n".join(rows), "text/csv").json()

    assert time.process_time() - started < 10
    assert (result["created"], len(result["failed"])) == (0, 4_000)
    assert "FREQ" in result["failed"][0]["message"]


def test_a_file_has_at_most_a_hundred_different_rules(as_alice: APIClient) -> None:
    rows = [f"Task {number},{rule}" for number, rule in enumerate(RULES)]

    result = send(as_alice, "title,repeat_rule\n" + "\n".join(rows), "text/csv").json()

    messages = [each["message"] for each in result["failed"]]
    assert len([each for each in messages if "No day matches" in each]) == 100
    assert len([each for each in messages if "More than 100" in each]) == 100


def test_tasks_of_one_second_keep_their_order(as_alice: APIClient) -> None:
    titles = [f"Task {number}" for number in range(30)]
    rows = [f"{title},2026-11-20T13:35:04Z" for title in titles]

    send(as_alice, "title,created_at\n" + "\n".join(rows), "text/csv")

    assert [task["title"] for task in as_alice.get("/api/tasks").json()] == titles


def test_ids_of_imported_tasks_cannot_be_computed_by_others(as_alice: APIClient) -> None:
    (pk,) = send(as_alice, CALENDAR, "text/calendar").json()["ids"]

    assert UUID(pk).version == 4


@pytest.mark.django_db(transaction=True)
def test_one_import_of_a_user_runs_at_a_time(as_alice: APIClient, alice: User) -> None:
    with transaction.atomic():
        lock(f"import {alice.pk}")
        statuses: list[tuple[int, str | None]] = []

        def run() -> None:
            response = send(client_of(alice.pk), TODOIST, "text/csv", "?dry_run=true")
            statuses.append((response.status_code, response.headers.get("Retry-After")))
            connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()

    assert statuses == [(409, "1")]
