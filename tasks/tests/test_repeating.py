"""The task that follows a completed one that repeats, and POST /api/repeat/preview."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.parallel import at_once
from conftest import ALICE, client_of, make_task
from tasks.models import Task
from tasks.repeating import following_id

DAILY = {"rule": "FREQ=DAILY", "from": "due"}
LISBON, BERLIN = "Europe/Lisbon", "Europe/Berlin"

# Each way to complete a task, as the body of the response.
WAYS: dict[str, Callable[[APIClient, Any], Any]] = {
    "toggle": lambda client, pk: client.post(f"/api/tasks/{pk}/toggle").json(),
    "complete": lambda client, pk: client.post(
        f"/api/tasks/{pk}/complete", {"completed": True}
    ).json(),
    "patch": lambda client, pk: client.patch(f"/api/tasks/{pk}", {"completed": True}).json(),
    "put": lambda client, pk: client.put(f"/api/tasks/{pk}", {"completed": True}).json(),
    "batch complete": lambda client, pk: batch(client, {"op": "complete", "id": str(pk)})[0],
    "batch update": lambda client, pk: batch(
        client, {"op": "update", "id": str(pk), "fields": {"completed": True}}
    )[0],
}
EVERY_WAY = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())


def batch(client: APIClient, *operations: Any) -> Any:
    response = client.post("/api/batch", {"operations": operations})
    assert response.status_code == 200, response.content
    return response.json()["results"]


def repeating(user: User, rule: str = "FREQ=DAILY", basis: str = "due", **fields: Any) -> Task:
    return make_task(user, repeat={"rule": rule, "from": basis}, **fields)


def complete(client: APIClient, task: Any, **headers: str) -> Any:
    """Completes the task, and returns the next one. None without one."""
    response = client.post(f"/api/tasks/{task}/complete", {"completed": True}, headers=headers)
    assert response.status_code == 200, response.content
    assert response.json()["completed"]
    return response.json().get("next")


def completed_at(moment: str, task: Task, **headers: str) -> Any:
    """Completes the task at this moment, and returns the next one."""
    with time_machine.travel(datetime.fromisoformat(moment).astimezone(UTC), tick=False):
        return complete(client_of(task.user_id), task.pk, **headers)


def test_completing_a_repeating_task_creates_the_next_one(as_alice: APIClient, alice: User) -> None:
    task = repeating(
        alice, title="Water", description="All of them", priority=3, tags=["home", "Garden"],
        due_date=date(2026, 3, 27), due_at=datetime(2026, 3, 27, 17, tzinfo=UTC),
        time_zone=LISBON, remind_at=datetime(2026, 3, 26, 9, tzinfo=UTC),
    )  # fmt: skip

    with CaptureQueriesContext(connection) as sent:
        response = as_alice.post(f"/api/tasks/{task.pk}/complete")

    following = response.json()["next"]
    stored = Task.objects.get(pk=following_id(task.pk))
    # The UPDATE of tasks that do not repeat; a savepoint; the locks, the quota, the INSERT, the
    # UPDATE, whether the new row is this one, the quota again; the savepoint's release.
    assert len(sent) == 9
    assert response.status_code == 200
    assert as_alice.get(f"/api/tasks/{task.pk}").json() | {"next": following} == response.json()
    assert as_alice.get(f"/api/tasks/{stored.pk}").json() == following
    assert response.headers["ETag"] == as_alice.get(f"/api/tasks/{task.pk}").headers["ETag"]
    kept = ("user_id", "title", "description", "priority", "time_zone", "repeat", "tags")
    assert {name: following[name] for name in kept} == {
        name: response.json()[name] for name in kept
    }
    assert following["tags"] == ["home", "Garden"]
    assert (following["completed"], following["completed_at"]) == (False, None)
    assert following["deleted_at"] is None
    assert following["created_at"] == following["updated_at"]
    assert (stored.due_at, stored.remind_at) > (task.due_at, task.remind_at)


@pytest.mark.parametrize(
    ("due", "now", "following"),
    [
        ("2026-02-27T17:00+00:00", "2026-02-20T12:00Z", "2026-03-27T17:00+00:00"),  # early
        ("2026-02-27T17:00+00:00", "2026-02-27T17:00Z", "2026-03-27T17:00+00:00"),
        ("2026-02-27T17:00+00:00", "2026-03-27T16:59Z", "2026-03-27T17:00+00:00"),  # late
        ("2026-02-27T17:00+00:00", "2026-03-27T17:00Z", "2026-04-24T17:00+01:00"),
        ("2026-03-27T17:00+00:00", "2026-03-30T12:00Z", "2026-04-24T17:00+01:00"),  # to summer
        ("2026-03-27T17:00+00:00", "2026-05-29T15:59Z", "2026-05-29T17:00+01:00"),
        ("2026-03-27T17:00+00:00", "2026-05-29T16:00Z", "2026-06-26T17:00+01:00"),
        ("2026-09-25T17:00+01:00", "2026-09-25T18:00Z", "2026-10-30T17:00+00:00"),  # to winter
        ("2026-09-25T17:00+01:00", "2026-11-01T12:00Z", "2026-11-27T17:00+00:00"),
    ],
)
def test_every_last_friday_at_five_in_lisbon(
    alice: User, due: str, now: str, following: str
) -> None:
    due_at = datetime.fromisoformat(due)
    rule = "FREQ=MONTHLY;BYDAY=-1FR"
    task = repeating(alice, rule, due_date=due_at.date(), due_at=due_at, time_zone=LISBON)

    # The zone of the task, not that of the request.
    new = completed_at(now, task, **{"Time-Zone": "Pacific/Kiritimati"})

    expected = datetime.fromisoformat(following)
    assert datetime.fromisoformat(new["due_at"]) == expected
    assert (new["due_date"], new["time_zone"]) == (expected.date().isoformat(), LISBON)


@pytest.mark.parametrize(
    ("rule", "due", "now", "following"),
    [
        ("FREQ=DAILY", "2026-01-31", "2026-01-31T12:00Z", "2026-02-01"),
        ("FREQ=DAILY", "2026-01-31", "2026-01-29T12:00Z", "2026-02-01"),
        ("FREQ=DAILY", "2026-01-31", "2026-02-10T12:00Z", "2026-02-11"),
        ("FREQ=DAILY;INTERVAL=3", "2026-01-01", "2026-01-09T12:00Z", "2026-01-10"),
        ("FREQ=WEEKLY", "2026-01-07", "2026-01-07T12:00Z", "2026-01-14"),
        ("FREQ=WEEKLY", "2026-01-07", "2026-01-14T12:00Z", "2026-01-21"),
        ("FREQ=WEEKLY;BYDAY=MO,FR", "2026-01-07", "2026-01-07T12:00Z", "2026-01-09"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-31", "2026-01-31T12:00Z", "2026-03-31"),
        ("FREQ=MONTHLY", "2026-01-31", "2026-01-31T12:00Z", "2026-03-31"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31", "2026-01-31T12:00Z", "2026-02-28"),
        ("FREQ=YEARLY", "2024-02-29", "2024-02-29T12:00Z", "2028-02-29"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2024-02-29", "2025-03-01T12:00Z", "2028-02-29"),
    ],
)
def test_the_next_day_of_a_task_without_a_time(
    alice: User, rule: str, due: str, now: str, following: str
) -> None:
    task = repeating(alice, rule, due_date=date.fromisoformat(due))

    new = completed_at(now, task)

    assert (new["due_date"], new["due_at"], new["time_zone"]) == (following, None, None)
    assert new["repeat"] == {"rule": rule, "from": "due"}


@pytest.mark.parametrize(
    ("zone", "following"),
    [("UTC", "2026-02-01"), ("Pacific/Kiritimati", "2026-02-02"), ("Pacific/Niue", "2026-02-01")],
)
def test_today_is_that_of_the_request(alice: User, zone: str, following: str) -> None:
    task = repeating(alice, due_date=date(2026, 1, 31))

    new = completed_at("2026-01-31T23:30Z", task, **{"Time-Zone": zone})

    assert new["due_date"] == following


@pytest.mark.parametrize(
    ("rule", "due", "now", "following"),
    [
        ("FREQ=WEEKLY", "2026-01-01", "2026-01-10T12:00Z", "2026-01-17"),
        ("FREQ=WEEKLY", "2026-01-10", "2026-01-05T12:00Z", "2026-01-12"),
        ("FREQ=DAILY;INTERVAL=2", None, "2026-01-10T12:00Z", "2026-01-12"),
        ("FREQ=MONTHLY", "2026-01-31", "2026-02-10T12:00Z", "2026-03-10"),
    ],
)
def test_a_rule_from_completion_counts_from_today(
    alice: User, rule: str, due: str | None, now: str, following: str
) -> None:
    task = repeating(alice, rule, "completion", due_date=due and date.fromisoformat(due))

    assert completed_at(now, task)["due_date"] == following


def test_a_rule_from_completion_keeps_the_local_time(alice: User) -> None:
    due_at = datetime(2026, 3, 20, 8, tzinfo=UTC)
    task = repeating(
        alice, "FREQ=WEEKLY", "completion", due_date=due_at, due_at=due_at, time_zone=BERLIN
    )

    new = completed_at("2026-03-27T23:30Z", task)  # the 28th in Berlin; summer begins on the 29th

    assert (new["due_at"], new["due_date"]) == ("2026-04-04T07:00:00Z", "2026-04-04")


def test_a_task_without_a_due_date_repeats_from_today(alice: User) -> None:
    assert completed_at("2026-01-31T12:00Z", repeating(alice))["due_date"] == "2026-02-01"


@pytest.mark.parametrize(
    ("rule", "dates"),
    [
        ("FREQ=DAILY;COUNT=1", []),
        ("FREQ=DAILY;COUNT=3", ["2026-01-02", "2026-01-03"]),
        ("FREQ=DAILY;UNTIL=20260103", ["2026-01-02", "2026-01-03"]),
        ("FREQ=DAILY;UNTIL=20251231", []),
        ("FREQ=WEEKLY;COUNT=2", ["2026-01-08"]),
    ],
)
def test_a_series_ends(alice: User, rule: str, dates: list[str]) -> None:
    task: Any = repeating(alice, rule, due_date=date(2026, 1, 1))
    found = []

    while new := completed_at("2025-12-01T12:00Z", task):
        found.append(new["due_date"])
        task = Task.objects.get(pk=new["id"])

    assert found == dates
    assert Task.objects.filter(completed=True).count() == len(dates) + 1


def test_occurrences_before_today_count_too(alice: User) -> None:
    task = repeating(alice, "FREQ=DAILY;COUNT=9", due_date=date(2026, 1, 1))

    new = completed_at("2026-01-05T12:00Z", task)

    assert (new["due_date"], new["repeat"]["rule"]) == ("2026-01-06", "FREQ=DAILY;COUNT=4")


def test_the_reminder_is_shifted_in_local_time(alice: User) -> None:
    due_at = datetime(2026, 3, 28, 8, tzinfo=UTC)  # nine in Berlin, the day before summer time
    task = repeating(
        alice, due_date=due_at, due_at=due_at, time_zone=BERLIN,
        remind_at=datetime(2026, 3, 27, 19, tzinfo=UTC),
    )  # fmt: skip

    new = completed_at("2026-03-28T08:00Z", task)

    assert (new["due_at"], new["remind_at"]) == ("2026-03-29T07:00:00Z", "2026-03-28T19:00:00Z")
    later = completed_at("2026-03-29T08:00Z", Task.objects.get(pk=new["id"]))
    assert later["remind_at"] == "2026-03-29T18:00:00Z"


@EVERY_WAY
def test_every_way_to_complete_creates_the_next_task(
    as_alice: APIClient, alice: User, way: Any
) -> None:
    task = repeating(alice, due_date=date(2026, 1, 1))

    found = way(as_alice, task.pk)

    assert found["next"]["id"] == str(following_id(task.pk))
    assert as_alice.get(f"/api/tasks/{found['next']['id']}").json() == found["next"]
    assert Task.objects.filter(completed=True).get().pk == task.pk
    assert Task.objects.count() == 2


@EVERY_WAY
def test_a_completed_task_creates_no_other_one(as_alice: APIClient, alice: User, way: Any) -> None:
    task = repeating(alice, completed=True)

    assert "next" not in way(as_alice, task.pk)
    assert Task.objects.count() == 1


@EVERY_WAY
def test_a_task_that_does_not_repeat_has_no_next(
    as_alice: APIClient, alice: User, way: Any
) -> None:
    assert "next" not in way(as_alice, make_task(alice).pk)
    assert Task.objects.count() == 1


@EVERY_WAY
def test_a_reopened_task_creates_no_second_one(as_alice: APIClient, alice: User, way: Any) -> None:
    task = repeating(alice)
    way(as_alice, task.pk)

    reopened = as_alice.post(f"/api/tasks/{task.pk}/complete", {"completed": False})
    again = way(as_alice, task.pk)

    assert "next" not in reopened.json()
    assert "next" not in again
    assert Task.objects.count() == 2


def test_a_change_with_other_fields_is_that_of_the_next_task_too(
    as_alice: APIClient, alice: User
) -> None:
    task = repeating(alice, due_date=date(2020, 1, 1))
    fields = {"completed": True, "title": "New", "tags": ["new"], "due_date": "9000-01-01"}

    new = as_alice.patch(f"/api/tasks/{task.pk}", fields).json()["next"]

    assert (new["title"], new["tags"], new["due_date"]) == ("New", ["new"], "9000-01-02")


@pytest.mark.parametrize("repeats", [True, False])
def test_the_rule_in_the_same_request_counts(
    as_alice: APIClient, alice: User, repeats: bool
) -> None:
    task = repeating(alice) if repeats else make_task(alice)
    url = f"/api/tasks/{task.pk}"
    weekly = {"rule": "FREQ=WEEKLY", "from": "completion"}

    cleared = as_alice.patch(url, {"completed": True, "repeat": None}).json()
    as_alice.patch(url, {"completed": False})
    given = as_alice.patch(url, {"completed": True, "repeat": weekly}).json()

    assert ("next" in cleared, cleared["repeat"]) == (False, None)
    assert given["next"]["repeat"] == given["repeat"] == weekly
    assert Task.objects.count() == 2


def test_a_retry_returns_the_same_next_task(as_alice: APIClient, alice: User) -> None:
    url = f"/api/tasks/{repeating(alice).pk}/toggle"
    headers = {"Idempotency-Key": "once"}

    first, second = (as_alice.post(url, headers=headers) for _ in range(2))

    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert Task.objects.count() == 2


def test_the_next_task_is_taken_out_of_the_trash(as_alice: APIClient, alice: User) -> None:
    task = repeating(alice, due_date=date(2026, 1, 1))
    pk = complete(as_alice, task.pk)["id"]
    as_alice.patch(f"/api/tasks/{pk}", {"title": "Changed", "completed": True, "repeat": None})
    as_alice.delete(f"/api/tasks/{pk}")
    as_alice.patch(f"/api/tasks/{task.pk}", {"completed": False, "tags": ["new"]})

    new = complete(as_alice, task.pk)

    assert new == as_alice.get(f"/api/tasks/{pk}").json()
    assert (new["completed"], new["completed_at"], new["deleted_at"]) == (False, None, None)
    assert (new["title"], new["tags"], new["repeat"]) == ("Water the plants", ["new"], DAILY)
    assert Task.objects.count() == 2


def test_the_next_task_that_was_deleted_forever_is_created_again(
    as_alice: APIClient, alice: User
) -> None:
    task = repeating(alice)
    pk = complete(as_alice, task.pk)["id"]
    as_alice.delete(f"/api/tasks/{pk}?forever=true")
    as_alice.post(f"/api/tasks/{task.pk}/toggle")

    assert complete(as_alice, task.pk)["id"] == pk


def test_a_repeating_task_in_the_trash_is_a_404(as_alice: APIClient, alice: User) -> None:
    task = repeating(alice)
    as_alice.delete(f"/api/tasks/{task.pk}")
    url = f"/api/tasks/{task.pk}"

    responses = (
        as_alice.post(f"{url}/complete"), as_alice.post(f"{url}/toggle", {"completed": True}),
        as_alice.patch(url, {"completed": True}), as_alice.put(url, {"title": "x"}),
        as_alice.patch(url, {}), as_alice.patch(url, {"time_zone": "UTC"}),
    )  # fmt: skip

    assert [response.status_code for response in responses] == [404] * 6
    assert Task.objects.get().completed is False


def test_both_tasks_are_in_sync(as_alice: APIClient, alice: User) -> None:
    task = repeating(alice)
    checkpoint = as_alice.get("/api/sync").json()["checkpoint"]

    new = complete(as_alice, task.pk)

    changed = as_alice.get("/api/sync", {"since": checkpoint}).json()["tasks"]
    assert {each["id"]: each["completed"] for each in changed} == {
        str(task.pk): True, new["id"]: False,
    }  # fmt: skip


def test_a_full_quota_is_a_409_and_nothing_changes(
    as_alice: APIClient, alice: User, settings: Any
) -> None:
    settings.TASKS_PER_USER = 1
    task = repeating(alice)
    url = f"/api/tasks/{task.pk}"

    responses = (
        as_alice.post(f"{url}/toggle"),
        as_alice.patch(url, {"completed": True, "title": "New"}),
        as_alice.post("/api/batch", {"operations": [{"op": "complete", "id": str(task.pk)}]}),
    )

    codes = [response.json()["code"] for response in responses]
    assert [response.status_code for response in responses] == [409] * 3
    assert codes == ["quota_exceeded", "quota_exceeded", "batch_failed"]
    stored = Task.objects.get()
    assert (stored.completed, stored.title) == (False, "Water the plants")
    assert stored.updated_at == task.updated_at


def test_the_last_of_a_series_is_completed_with_a_full_quota(
    as_alice: APIClient, alice: User, settings: Any
) -> None:
    settings.TASKS_PER_USER = 1

    assert complete(as_alice, repeating(alice, "FREQ=DAILY;COUNT=1").pk) is None


def test_the_id_of_another_users_task_is_not_used(
    as_alice: APIClient, as_bob: APIClient, alice: User, bob: User
) -> None:
    task = repeating(alice)
    his = make_task(bob, "Of Bob", pk=following_id(task.pk))

    new = complete(as_alice, task.pk)

    assert UUID(new["id"]).version == 4
    assert (new["title"], new["user_id"]) == ("Water the plants", alice.pk)
    assert as_alice.get(f"/api/tasks/{new['id']}").json() == new
    stored = Task.objects.get(pk=his.pk)
    assert (stored.title, stored.user_id, stored.updated_at) == ("Of Bob", bob.pk, his.updated_at)


def test_another_version_is_a_412_and_nothing_is_created(as_alice: APIClient, alice: User) -> None:
    task = repeating(alice)
    url = f"/api/tasks/{task.pk}"
    headers = {"If-Match": '"1"'}

    responses = (
        as_alice.post(f"{url}/toggle", headers=headers),
        as_alice.post(f"{url}/complete", {"completed": True}, headers=headers),
        as_alice.patch(url, {"completed": True}, headers=headers),
        as_alice.patch(url, {"completed": True, "repeat": DAILY}, headers=headers),
    )

    for response in responses:
        assert response.status_code == 412
        assert response.json()["current"] == as_alice.get(url).json()
    assert Task.objects.get().completed is False
    etag = as_alice.get(url).headers["ETag"]
    assert "next" in as_alice.post(f"{url}/toggle", headers={"If-Match": etag}).json()


@EVERY_WAY
def test_another_users_repeating_task_is_a_404(
    as_alice: APIClient, alice: User, bob: User, way: Any
) -> None:
    task = repeating(bob)
    if "batch" in str(way.__code__.co_names):
        operation = {"op": "complete", "id": str(task.pk)}
        response = as_alice.post("/api/batch", {"atomic": False, "operations": [operation]})
        assert response.json()["results"][0]["status"] == 404
    else:
        assert way(as_alice, task.pk)["status"] == 404
    assert Task.objects.get().completed is False


def test_many_tasks_are_completed_in_one_batch(as_alice: APIClient, alice: User) -> None:
    def statements(number: int) -> int:
        tasks = [repeating(alice) for _ in range(number)]
        with CaptureQueriesContext(connection) as sent:
            results = batch(as_alice, *({"op": "complete", "id": str(t.pk)} for t in tasks))
        assert {result["next"]["id"] for result in results} == {
            str(following_id(task.pk)) for task in tasks
        }
        return len(sent)

    assert statements(1) == statements(50)


def test_a_batch_can_change_the_next_task(as_alice: APIClient, alice: User) -> None:
    task = repeating(alice)
    following = str(following_id(task.pk))

    results = batch(
        as_alice,
        {"op": "complete", "id": str(task.pk)},
        {"op": "update", "id": following, "fields": {"title": "Changed"}},
        {"op": "complete", "id": following},
        {"op": "complete", "id": str(task.pk)},
        {"op": "complete", "id": str(task.pk)},
    )

    assert results[2]["next"]["id"] == str(following_id(following))
    assert ["next" in result for result in results] == [True, False, True, False, False]
    titles = dict(Task.objects.values_list("pk", "title"))
    assert titles[UUID(following)] == titles[following_id(following)] == "Changed"
    assert len(titles) == 3


@pytest.mark.parametrize("body", [{"completed": True}, None], ids=["complete", "toggle"])
@pytest.mark.parametrize("attempt", range(3))
def test_concurrent_completions_create_one_task(
    transactional_db: None, alice: User, body: Any, attempt: int
) -> None:
    url = f"/api/tasks/{repeating(alice).pk}/complete"

    responses = at_once(*[lambda: client_of(alice.pk).post(url, body)] * 5)

    assert [response.status_code for response in responses] == [200] * 5
    assert ["next" in response.json() for response in responses].count(True) == 1
    assert Task.objects.count() == 2
    assert Task.objects.filter(completed=True).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lost", [False, True], ids=["an error", "a lost connection"])
def test_a_failure_between_both_writes_undoes_both(
    as_alice: APIClient, alice: User, lost: bool
) -> None:
    task = repeating(alice)

    def fail(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE"):
            if lost:
                connection.connection.close()
            raise OperationalError("the server closed the connection")
        return execute(sql, *rest)

    with connection.execute_wrapper(fail):
        response = as_alice.post(f"/api/tasks/{task.pk}/toggle")

    assert response.status_code == 503
    stored = Task.objects.get()
    assert (stored.completed, stored.updated_at) == (False, task.updated_at)
    assert complete(as_alice, task.pk)["id"] == str(following_id(task.pk))


def preview(moment: str, user: User, body: Any, **headers: str) -> Any:
    """Returns the response to a preview at this moment."""
    with time_machine.travel(datetime.fromisoformat(moment).astimezone(UTC), tick=False):
        return client_of(user.pk).post("/api/repeat/preview", body, headers=headers)


def test_the_preview_shows_the_next_five_dates(alice: User) -> None:
    body = {"repeat": {"rule": "freq=monthly;byday=-1fr"}, "due_date": "2026-01-30"}

    response = preview("2026-01-01T12:00Z", alice, body)

    assert response.status_code == 200
    assert response.json() == {
        "dates": ["2026-02-27", "2026-03-27", "2026-04-24", "2026-05-29", "2026-06-26"],
        "times": None,
    }
    assert not Task.objects.exists()


def test_the_preview_keeps_the_local_time_across_clock_changes(alice: User) -> None:
    body = {
        "repeat": {"rule": "FREQ=WEEKLY;COUNT=4"},
        "due_at": "2026-10-18T09:00:00+02:00", "time_zone": BERLIN,
    }  # fmt: skip

    assert preview("2026-01-01T12:00Z", alice, body).json() == {
        "dates": ["2026-10-25", "2026-11-01", "2026-11-08"],
        "times": ["2026-10-25T08:00:00Z", "2026-11-01T08:00:00Z", "2026-11-08T08:00:00Z"],
    }


def test_the_preview_is_that_of_completing_the_task_again_and_again(alice: User) -> None:
    fields = {
        "repeat": {"rule": "FREQ=DAILY;INTERVAL=10", "from": "due"},
        "due_at": "2026-03-01T07:30:00Z", "time_zone": BERLIN,
    }  # fmt: skip
    shown = preview("2026-02-01T12:00Z", alice, fields).json()
    due_at = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
    task = repeating(
        alice, "FREQ=DAILY;INTERVAL=10", due_date=due_at, due_at=due_at, time_zone=BERLIN
    )

    found = []
    for _ in range(5):
        new = completed_at("2026-02-01T12:00Z", task)
        found.append((new["due_date"], new["due_at"]))
        task = Task.objects.get(pk=new["id"])

    assert found == [*zip(shown["dates"], shown["times"], strict=True)]


def test_the_preview_without_a_due_date_starts_today(alice: User) -> None:
    body = {"repeat": DAILY}
    headers = {"Time-Zone": "Pacific/Kiritimati"}

    assert preview("2026-01-31T23:30Z", alice, body).json()["dates"][0] == "2026-02-01"
    shown = preview("2026-01-31T23:30Z", alice, body, **headers).json()
    assert shown["dates"][0] == "2026-02-02"


REPEAT = 'Repeat must be null or such as {"rule": "FREQ=WEEKLY", "from": "due"}'


@pytest.mark.parametrize(
    ("repeat", "message"),
    [
        ("FREQ=DAILY", REPEAT),
        ([], REPEAT),
        ({}, REPEAT),
        ({"rule": 7}, REPEAT),
        ({"rule": "FREQ=DAILY", "from": "today"}, 'Repeat: from must be "due" or "completion"'),
        (
            {"rule": "x" * 10_240},
            "Repeat: A repeat rule must have 1 to 255 characters, all of them ASCII",
        ),
        ({"rule": ""}, "Repeat: A repeat rule must have 1 to 255 characters, all of them ASCII"),
        (
            {"rule": "FREQ=HOURLY"},
            "Repeat: FREQ of a repeat rule must be DAILY, WEEKLY, MONTHLY or YEARLY",
        ),
        (
            {"rule": "FREQ=DAILY;COUNT=2;UNTIL=20260101"},
            "Repeat: A repeat rule must not have COUNT and UNTIL both",
        ),
    ],
)
def test_a_wrong_rule_is_a_400_that_says_what_is_accepted(
    as_alice: APIClient, repeat: Any, message: str
) -> None:
    for url in ("/api/repeat/preview", "/api/tasks"):
        response = as_alice.post(url, {"title": "x", "repeat": repeat})

        assert response.status_code == 400
        assert response.json()["errors"] == {"repeat": [message]}
    assert not Task.objects.exists()


def test_the_preview_needs_a_rule_and_a_known_zone(as_alice: APIClient) -> None:
    url = "/api/repeat/preview"

    assert list(as_alice.post(url, {}).json()["errors"]) == ["repeat"]
    assert list(as_alice.post(url, {"repeat": None}).json()["errors"]) == ["repeat"]
    assert as_alice.post(url, {"repeat": DAILY, "time_zone": "Mars"}).status_code == 400
    headers = {"Time-Zone": "Mars"}
    assert as_alice.post(url, {"repeat": DAILY}, headers=headers).status_code == 400
    assert as_alice.get(url).status_code == 405


def test_the_preview_in_camel_case(alice: User, settings: Any) -> None:
    settings.API_FIELD_CASE = "camel"
    body = {"repeat": {"rule": "FREQ=DAILY"}, "dueAt": "2026-03-01T23:30Z", "timeZone": BERLIN}

    shown = preview("2026-01-01T12:00Z", alice, body).json()

    assert shown["dates"][0] == "2026-03-03"
    assert shown["times"][0] == "2026-03-02T23:30:00Z"
    wrong = preview("2026-01-01T12:00Z", alice, body | {"dueAt": "noon"})
    assert list(wrong.json()["errors"]) == ["dueAt"]


def test_the_preview_is_for_users_only(anonymous: APIClient, db: None) -> None:
    assert anonymous.post("/api/repeat/preview", {"repeat": DAILY}).status_code == 401


@pytest.mark.parametrize(
    ("remind_at", "shifted"),
    [(datetime(9999, 12, 31, tzinfo=UTC), None), (datetime(1, 1, 1, tzinfo=UTC), "0001-01-02")],
)
def test_a_reminder_stays_within_the_calendar(
    alice: User, remind_at: datetime, shifted: str | None
) -> None:
    task = repeating(alice, due_date=date(2026, 1, 1), remind_at=remind_at)

    new = completed_at("2026-01-01T12:00Z", task)

    assert (new["remind_at"] or "")[:10] == (shifted or "")


@pytest.mark.parametrize("due", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue", "UTC"])
@pytest.mark.parametrize("basis", ["due", "completion"])
def test_the_ends_of_the_calendar_are_no_failure(
    as_alice: APIClient, due: str, zone: str, basis: str
) -> None:
    fields = {
        "title": "x", "due_at": due, "time_zone": zone, "remind_at": due,
        "repeat": {"rule": "FREQ=DAILY", "from": basis},
    }  # fmt: skip

    created = as_alice.post("/api/tasks", fields)

    assert created.status_code == 201
    assert (complete(as_alice, created.json()["id"]) is None) == due.startswith("9999")


def test_a_time_that_a_clock_change_moves_to_the_next_day_has_that_date(alice: User) -> None:
    zone = "America/Scoresbysund"  # 2027-03-27 has no 23:30: the clock goes on to the 28th
    due_at = datetime.fromisoformat("2027-03-26T23:30-02:00")
    task = repeating(alice, due_date=date(2027, 3, 26), due_at=due_at, time_zone=zone)

    new = completed_at("2027-03-26T12:00Z", task)

    assert (new["due_at"], new["due_date"]) == ("2027-03-28T01:30:00Z", "2027-03-28")
    sent = {"due_at": "2027-03-26T23:30-02:00", "time_zone": zone, "repeat": DAILY}
    with time_machine.travel("2027-03-26T12:00Z", tick=False):
        shown = client_of(alice.pk).post("/api/repeat/preview", sent).json()
    assert (shown["times"][0], shown["dates"][0]) == ("2027-03-28T01:30:00Z", "2027-03-28")


# --- Clock changes --------------------------------------------------------------------------------


def next_after(moment: str, pk: str) -> Any:
    """Completes the task at this time, and returns the next one."""
    with time_machine.travel(moment, tick=False):
        return client_of(ALICE).post(f"/api/tasks/{pk}/complete").json()["next"]


def test_a_time_that_the_clock_skips_is_due_at_its_own_time_again(as_alice: APIClient) -> None:
    sent = {"title": "x", "due_at": "2027-03-27T01:30:00Z", "time_zone": "Europe/Berlin"}
    task = as_alice.post("/api/tasks", {**sent, "repeat": {"rule": "FREQ=DAILY"}}).json()

    skipped = next_after("2027-03-27T06:00Z", task["id"])
    after = next_after("2027-03-28T06:00Z", skipped["id"])

    assert skipped["due_at"] == "2027-03-28T01:30:00Z"  # 03:30, for 02:30
    assert after["due_at"] == "2027-03-29T00:30:00Z"  # 02:30
    assert skipped["repeat"] == after["repeat"] == {"rule": "FREQ=DAILY", "from": "due"}
    assert as_alice.get(f"/api/tasks/{skipped['id']}").json()["repeat"] == after["repeat"]


def test_the_next_time_is_later_also_in_an_hour_that_the_clock_repeats(
    as_alice: APIClient,
) -> None:
    sent = {"title": "x", "due_at": "2027-10-30T00:30:00Z", "time_zone": "Europe/Berlin"}
    task = as_alice.post("/api/tasks", {**sent, "repeat": {"rule": "FREQ=DAILY"}}).json()

    # 02:15 for the second time: 02:30 of this day has passed, for the first time.
    assert next_after("2027-10-31T01:15Z", task["id"])["due_at"] == "2027-11-01T01:30:00Z"
