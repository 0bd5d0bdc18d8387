"""Due dates and due times, and their time zones: in bodies, and as filters of lists."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from conftest import client_of, make_task
from tasks.models import Priority, Task
from tasks.time_zones import NAMES, zone_named

BERLIN, TOKYO, NEW_YORK = "Europe/Berlin", "Asia/Tokyo", "America/New_York"
FIRST_ISLAND, LAST_ISLAND = "Pacific/Kiritimati", "Pacific/Niue"
LATE = "2026-03-01T23:30:00Z"  # the 2nd in Berlin, the 1st in New York
JUNE = "2026-06-01T22:30:00Z"  # the 2nd in Berlin
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
RANDOM: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture],
}


def sent_in(zone: str | None) -> Any:
    return {"Time-Zone": zone} if zone else {}


def post(client: APIClient, fields: Any, zone: str | None) -> Any:
    return client.post("/api/tasks", fields, headers=sent_in(zone))


def put_new(client: APIClient, fields: Any, zone: str | None) -> Any:
    headers = {"If-None-Match": "*", **sent_in(zone)}
    return client.put(f"/api/tasks/{uuid4()}", fields, headers=headers)


def post_twice(client: APIClient, fields: Any, zone: str | None) -> Any:
    headers = {"Idempotency-Key": "once", **sent_in(zone)}
    first, second = (client.post("/api/tasks", fields, headers=headers) for _ in range(2))
    assert first.status_code >= 400 or first.json() == second.json()
    return second


class Result:
    """The result of an operation of a batch, with the names of a response."""

    def __init__(self, response: Any) -> None:
        assert response.status_code == 200, response.content
        (self.result,) = response.json()["results"]
        self.status_code = self.result["status"]

    def json(self) -> Any:
        return self.result.get("task") or self.result["problem"]


def batch(client: APIClient, operation: Any, zone: str | None) -> Any:
    body = {"atomic": False, "operations": [operation]}
    return Result(client.post("/api/batch", body, headers=sent_in(zone)))


def batch_create(client: APIClient, fields: Any, zone: str | None) -> Any:
    return batch(client, {"op": "create", "fields": fields}, zone)


def patch(client: APIClient, pk: Any, fields: Any, zone: str | None) -> Any:
    return client.patch(f"/api/tasks/{pk}", fields, headers=sent_in(zone))


def put(client: APIClient, pk: Any, fields: Any, zone: str | None) -> Any:
    return client.put(f"/api/tasks/{pk}", fields, headers=sent_in(zone))


def batch_update(client: APIClient, pk: Any, fields: Any, zone: str | None) -> Any:
    return batch(client, {"op": "update", "id": str(pk), "fields": fields}, zone)


EVERY_CREATION = pytest.mark.parametrize("create", [post, put_new, post_twice, batch_create])
EVERY_CHANGE = pytest.mark.parametrize("change", [patch, put, batch_update])
Create = Callable[[APIClient, Any, str | None], Any]
Change = Callable[[APIClient, Any, Any, str | None], Any]


def due_of(task: Any) -> tuple[str | None, ...]:
    return task["due_date"], task["due_at"], task["time_zone"]


@contextmanager
def at(moment: datetime | str, user: User) -> Iterator[APIClient]:
    """Stops the clock at this moment. The client's token is valid then."""
    moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    with time_machine.travel(moment.astimezone(UTC), tick=False):
        yield client_of(user.pk)


def timed(user: User, title: str, due_at: datetime | str, zone: str = "UTC", **fields: Any) -> Task:
    due_at = datetime.fromisoformat(due_at) if isinstance(due_at, str) else due_at
    day = due_at.astimezone(zone_named(zone)).date()
    return make_task(user, title, due_at=due_at, due_date=day, time_zone=zone, **fields)


def titles(client: APIClient, zone: str | None = None, **query: Any) -> set[str]:
    response = client.get("/api/tasks", query, headers=sent_in(zone))
    assert response.status_code == 200, response.content
    return {task["title"] for task in response.json()}


@EVERY_CREATION
@pytest.mark.parametrize(
    ("fields", "zone", "due"),
    [
        ({"due_at": LATE, "time_zone": BERLIN}, None, ("2026-03-02", LATE, BERLIN)),
        ({"due_at": LATE, "time_zone": NEW_YORK}, BERLIN, ("2026-03-01", LATE, NEW_YORK)),
        ({"due_at": LATE}, None, ("2026-03-01", LATE, "UTC")),
        ({"due_at": LATE}, BERLIN, ("2026-03-02", LATE, BERLIN)),
        ({"due_at": LATE, "time_zone": None}, TOKYO, ("2026-03-02", LATE, TOKYO)),
        ({"due_at": LATE, "time_zone": ""}, TOKYO, ("2026-03-02", LATE, TOKYO)),
        ({"due_at": "2026-03-02T08:30+09:00"}, None, ("2026-03-01", LATE, "UTC")),
        ({"due_at": LATE, "due_date": "2026-03-02"}, BERLIN, ("2026-03-02", LATE, BERLIN)),
        ({"due_at": LATE, "due_date": None}, BERLIN, ("2026-03-02", LATE, BERLIN)),
        ({"due_at": LATE, "due_date": ""}, BERLIN, ("2026-03-02", LATE, BERLIN)),
        ({"due_date": "2026-03-01"}, BERLIN, ("2026-03-01", None, None)),
        ({"due_date": "2026-03-01", "due_at": None}, BERLIN, ("2026-03-01", None, None)),
        ({"due_date": "2026-03-01", "time_zone": TOKYO}, None, ("2026-03-01", None, TOKYO)),
        ({"time_zone": TOKYO}, None, (None, None, TOKYO)),
        ({}, BERLIN, (None, None, None)),
        ({"due_at": "", "due_date": "", "time_zone": "", "remind_at": ""}, None, (None,) * 3),
        ({"due_at": None, "due_date": None, "time_zone": None}, BERLIN, (None, None, None)),
    ],
)
def test_the_due_date_of_a_new_task_is_the_local_day(
    as_alice: APIClient, create: Create, fields: Any, zone: str | None, due: Any
) -> None:
    response = create(as_alice, {"title": "x", **fields}, zone)

    assert response.status_code == 201
    assert due_of(response.json()) == due
    assert due_of(as_alice.get(f"/api/tasks/{response.json()['id']}").json()) == due
    assert Task.objects.count() == 1


@EVERY_CHANGE
@pytest.mark.parametrize(
    ("fields", "zone", "due"),
    [
        ({"title": "x"}, TOKYO, ("2026-03-02", LATE, BERLIN)),
        ({"due_date": "2026-05-01"}, TOKYO, ("2026-05-01", None, None)),
        ({"due_date": "2026-03-02"}, TOKYO, ("2026-03-02", None, None)),
        ({"due_date": "2026-05-01", "time_zone": TOKYO}, None, ("2026-05-01", None, TOKYO)),
        ({"due_date": None}, None, (None, None, None)),
        ({"due_date": ""}, None, (None, None, None)),
        ({"due_at": None}, None, ("2026-03-02", None, None)),
        ({"due_at": ""}, None, ("2026-03-02", None, None)),
        ({"due_at": None, "due_date": None}, None, (None, None, None)),
        ({"due_at": JUNE}, TOKYO, ("2026-06-02", JUNE, BERLIN)),
        ({"due_at": JUNE, "time_zone": NEW_YORK}, TOKYO, ("2026-06-01", JUNE, NEW_YORK)),
        ({"due_at": JUNE, "time_zone": None}, TOKYO, ("2026-06-02", JUNE, TOKYO)),
        ({"due_at": JUNE, "time_zone": ""}, None, ("2026-06-01", JUNE, "UTC")),
        ({"due_at": JUNE, "due_date": "2026-06-02"}, TOKYO, ("2026-06-02", JUNE, BERLIN)),
        ({"due_at": JUNE, "due_date": None}, None, ("2026-06-02", JUNE, BERLIN)),
        ({"time_zone": NEW_YORK}, None, ("2026-03-01", LATE, NEW_YORK)),
        ({"time_zone": None}, None, ("2026-03-01", LATE, "UTC")),
        ({"time_zone": ""}, TOKYO, ("2026-03-02", LATE, TOKYO)),
    ],
)
def test_a_change_keeps_date_and_time_together(
    as_alice: APIClient, alice: User, change: Change, fields: Any, zone: str | None, due: Any
) -> None:
    task = timed(alice, "x", LATE, BERLIN)

    response = change(as_alice, task.pk, fields, zone)

    assert response.status_code == 200
    assert due_of(response.json()) == due
    assert due_of(as_alice.get(f"/api/tasks/{task.pk}").json()) == due


@EVERY_CHANGE
def test_a_zone_alone_is_kept_for_a_task_without_a_time(
    as_alice: APIClient, alice: User, change: Change
) -> None:
    task = make_task(alice, due_date=date(2026, 3, 1))

    zoned = change(as_alice, task.pk, {"time_zone": TOKYO}, None).json()
    given_time = change(as_alice, task.pk, {"due_at": LATE}, NEW_YORK).json()

    assert due_of(zoned) == ("2026-03-01", None, TOKYO)
    assert due_of(given_time) == ("2026-03-02", LATE, TOKYO)


@EVERY_CHANGE
def test_a_date_that_is_not_the_day_of_the_time_returns_400(
    as_alice: APIClient, alice: User, change: Change
) -> None:
    task = timed(alice, "x", LATE, BERLIN)
    fields = {"title": "y", "due_at": JUNE, "due_date": "2026-06-01"}

    response = change(as_alice, task.pk, fields, None)

    assert response.status_code == 400
    message = "Due date and due time are different days: the time is on 2026-06-02 in Europe/Berlin"
    assert response.json()["errors"] == {"due_date": [message]}
    stored = Task.objects.get()
    assert (stored.title, stored.due_at, stored.updated_at) == ("x", task.due_at, task.updated_at)


@EVERY_CREATION
def test_a_new_task_with_different_days_returns_400(as_alice: APIClient, create: Create) -> None:
    fields = {"title": "x", "due_at": LATE, "due_date": "2026-03-01"}

    assert create(as_alice, fields, BERLIN).status_code == 400
    assert not Task.objects.exists()


@EVERY_CHANGE
def test_a_stranger_changes_no_due_time(as_bob: APIClient, alice: User, change: Change) -> None:
    task = timed(alice, "x", LATE, BERLIN)

    assert change(as_bob, task.pk, {"due_at": JUNE}, None).status_code == 404
    assert change(as_bob, task.pk, {"time_zone": TOKYO}, None).status_code == 404
    assert Task.objects.get().updated_at == task.updated_at


def test_a_time_without_a_zone_is_a_change_of_one_version(as_alice: APIClient, alice: User) -> None:
    url = f"/api/tasks/{timed(alice, 'x', LATE, BERLIN).pk}"
    etag = as_alice.get(url).headers["ETag"]

    first, second = (
        as_alice.patch(url, {"due_at": JUNE}, headers={"If-Match": etag}) for _ in range(2)
    )

    assert (first.status_code, second.status_code) == (200, 412)
    assert second.json()["current"] == first.json()
    assert first.headers["ETag"] == second.headers["ETag"] != etag


WRONG_INSTANTS = [
    "2026-03-01", "2026-03-01T10:00", "2026-03-01T10:00:00", "10:00Z", "noon", 7, 1.5, True, [], {},
    "2026-02-30T10:00Z", "2026-03-01T24:00Z", "2026-03-01T10:60Z", "2026-03-01T10:00:60Z",
    "2026-03-01T10:00+25:00", "2026-03-01T10:00+1", "2026-03-01T10:00Z\0", " ", "\0",
    "10000-01-01T00:00Z", "0000-01-01T00:00Z", "-001-01-01T00:00Z", "0001-01-01T00:00+14:00",
    "9999-12-31T23:59:59-14:00", "\u0662026-03-01T10:00Z", "2026-03-01T10:00Z ", "infinity", "now",
    "2026-W01-1T10:00Z", "9" * 5_000,
]  # fmt: skip


@pytest.mark.parametrize(("name", "label"), [("due_at", "Due time"), ("remind_at", "Reminder")])
@pytest.mark.parametrize("value", WRONG_INSTANTS)
def test_a_time_needs_its_offset(as_alice: APIClient, name: str, label: str, value: Any) -> None:
    response = as_alice.post("/api/tasks", {"title": "x", name: value})

    assert response.status_code == 400
    message = f"{label} must be a time with its offset, such as 2026-01-31T09:00:00Z"
    assert response.json()["errors"] == {name: [message]}


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-03-01T10:00Z", "2026-03-01T10:00:00Z"),
        ("2026-03-01 10:00:00z", "2026-03-01T10:00:00Z"),
        ("2026-03-01t10:00:00.5+0530", "2026-03-01T04:30:00.500000Z"),
        ("2026-03-01T10:00:00.1234567Z", "2026-03-01T10:00:00.123456Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("0001-01-01T14:00:00+14:00", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ("9999-12-31T09:59:59-14:00", "9999-12-31T23:59:59Z"),
    ],
)
@pytest.mark.parametrize("zone", [FIRST_ISLAND, LAST_ISLAND, BERLIN])
def test_times_are_shown_in_utc(as_alice: APIClient, sent: str, shown: str, zone: str) -> None:
    fields = {"title": "x", "due_at": sent, "remind_at": sent, "time_zone": zone}

    task = as_alice.post("/api/tasks", fields).json()

    assert (task["due_at"], task["remind_at"]) == (shown, shown)
    assert as_alice.get("/api/tasks").json() == [task]


@hypothesis_settings(max_examples=60, **RANDOM)
@given(
    moment=st.sampled_from([datetime.min, datetime.max]) | st.datetimes(),  # noqa: DTZ901
    offset=st.sampled_from(["Z", "+14:00", "-12:00", "+23:59", "-23:59"]),
    zone=st.sampled_from(sorted(NAMES)),
    repeats=st.booleans(),
)
def test_no_instant_is_a_failure(
    as_alice: APIClient, moment: datetime, offset: str, zone: str, repeats: bool
) -> None:
    text = f"{moment.isoformat()}{offset}"
    fields: Any = {"title": "x", "due_at": text, "remind_at": text, "time_zone": zone}
    fields |= {"repeat": {"rule": "FREQ=DAILY"}} if repeats else {}

    created = as_alice.post("/api/tasks", fields)

    assert created.status_code in {201, 400}
    if created.status_code == 201:
        url = f"/api/tasks/{created.json()['id']}"
        assert as_alice.patch(url, {"time_zone": FIRST_ISLAND}).status_code == 200
        assert as_alice.post(f"{url}/complete").status_code == 200


@pytest.mark.parametrize(
    "zone",
    ["Mars/Base", "europe/berlin", "Factory", "localtime", "../UTC", "/etc/localtime", "UTC\0",
     "GMT+25", "+02:00", " UTC", " ", 7, True, [], ["UTC"], {}, "x" * 10_000],
)  # fmt: skip
def test_an_unknown_zone_returns_400(as_alice: APIClient, zone: Any) -> None:
    response = as_alice.post("/api/tasks", {"title": "x", "time_zone": zone})

    assert response.status_code == 400
    message = "Time zone must be an IANA name such as Europe/Berlin"
    assert response.json()["errors"] == {"time_zone": [message]}


@pytest.mark.parametrize("zone", ["Mars/Base", "europe/berlin", "+02:00", "\xff", "UTC, UTC"])
def test_an_unknown_zone_in_the_header_returns_400_everywhere(
    as_alice: APIClient, alice: User, zone: str
) -> None:
    task = make_task(alice, tags=["home"])
    one, headers = f"/api/tasks/{task.pk}", {"Time-Zone": zone}
    requests: list[tuple[str, str, Any]] = [
        ("get", "/api/tasks", None), ("post", "/api/tasks", {"title": "y"}), ("get", one, None),
        ("patch", one, {"title": "y"}), ("put", one, {"title": "y"}), ("delete", one, None),
        ("post", f"{one}/complete", {}), ("post", f"{one}/toggle", {}), ("get", "/api/sync", None),
        ("post", "/api/batch", {"operations": [{"op": "delete", "id": str(task.pk)}]}),
        ("get", "/api/tags", None), ("patch", "/api/tags/home", {"name": "y"}),
        ("delete", "/api/tags/home", None),
        ("post", "/api/repeat/preview", {"repeat": {"rule": "FREQ=DAILY"}}),
    ]  # fmt: skip

    for method, url, body in requests:
        response = getattr(as_alice, method)(url, body, headers=headers)
        assert response.status_code == 400, (method, url)
        assert response.json()["detail"] == (
            "The header Time-Zone must be an IANA name such as Europe/Berlin"
        )
    stored = Task.objects.get()
    assert (stored.title, stored.updated_at) == (task.title, task.updated_at)


@pytest.fixture
def week(alice: User) -> None:
    """Tasks around 2026-03-02 in Berlin, where a day begins at 23:00 UTC."""
    for day in (27, 28):
        make_task(alice, f"day {day}", due_date=date(2026, 2, day))
    for day in (1, 2, 3, 4, 8, 9):
        make_task(alice, f"day {day}", due_date=date(2026, 3, day))
    timed(alice, "before", "2026-03-01T22:59:59.999999Z", TOKYO)
    timed(alice, "first", "2026-03-01T23:00:00Z", NEW_YORK)
    timed(alice, "last", "2026-03-02T22:59:59.999999Z", TOKYO)
    timed(alice, "after", "2026-03-02T23:00:00Z", NEW_YORK)
    timed(alice, "done", "2026-03-01T12:00:00Z", completed=True)
    make_task(alice, "done 1", due_date=date(2026, 3, 1), completed=True)
    make_task(alice, "never")


@pytest.mark.usefixtures("week")
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"due": "today"}, "day 2, first, last"),
        ({"due": "Tomorrow"}, "day 3, after"),
        ({"due": "overdue"}, "day 27, day 28, day 1, before"),
        ({"due": "week"}, "day 2, day 3, day 4, day 8, first, last, after"),
        ({"due": "none"}, "never"),
        ({"due": "none", "due_from": "2026-01-01"}, ""),
        ({"due": "overdue", "status": "completed"}, ""),
        ({"due": "overdue", "due_from": "2026-02-28"}, "day 28, day 1, before"),
        ({"due": "overdue", "due_until": "2026-02-28"}, "day 27, day 28"),
        ({"due": "week", "due_after": "2026-03-03"}, "day 4, day 8"),
        ({"due": "today", "search": "first"}, "first"),
        ({"due_from": "2026-03-02", "due_until": "2026-03-02"}, "day 2, first, last"),
        ({"due_after": "2026-03-01", "due_before": "2026-03-03"}, "day 2, first, last"),
        ({"due_from": "2026-03-09"}, "day 9"),
        ({"due_after": "2026-03-09"}, ""),
        ({"due_until": "2026-02-27"}, "day 27"),
        ({"due_before": "2026-02-27"}, ""),
        ({"due_until": "2026-03-01", "status": "completed"}, "done, done 1"),
        ({"due_from": "2026-03-03", "due_until": "2026-03-02"}, ""),
        ({"due_from": "2026-03-01", "due_after": "2026-03-03"}, "day 4, day 8, day 9"),
        ({"due_until": "2026-02-28", "due_before": "2026-03-09"}, "day 27, day 28"),
    ],
)
def test_a_day_is_that_of_the_request(
    alice: User, query: Any, shown: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    User.objects.update(last_seen_at=datetime(2026, 3, 2, tzinfo=UTC))
    with at("2026-03-02T09:00Z", alice) as client, django_assert_num_queries(1):
        found = titles(client, BERLIN, **query)

    assert found == {*filter(None, shown.split(", "))}


@pytest.mark.parametrize(
    ("zone", "today"),
    [(FIRST_ISLAND, {"2026-03-02"}), (LAST_ISLAND, {"2026-03-01"}), (None, {"2026-03-01", "time"})],
)
def test_today_differs_between_zones(alice: User, zone: str | None, today: set[str]) -> None:
    for day in (1, 2):
        make_task(alice, f"2026-03-0{day}", due_date=date(2026, 3, day))
    timed(alice, "time", "2026-03-01T03:00Z", BERLIN)

    with at("2026-03-01T22:00Z", alice) as client:
        assert titles(client, zone, due="today") == today


def test_a_completed_task_is_not_overdue(as_alice: APIClient, alice: User) -> None:
    timed(alice, "time", "2020-01-01T12:00Z")
    make_task(alice, "date", due_date=date(2020, 1, 1))
    assert titles(as_alice, due="overdue") == {"time", "date"}

    for task in Task.objects.all():
        as_alice.post(f"/api/tasks/{task.pk}/complete")

    assert titles(as_alice, due="overdue") == set()


@cache
def clock_changes(zone: ZoneInfo) -> list[datetime]:
    """Returns the instants, from 2012 to 2036, at which the offset of a zone changes."""
    days = [datetime(2012, 1, 1, tzinfo=UTC) + number * DAY for number in range(365 * 25)]
    found = []
    for day, following in pairwise(days):
        before = day.astimezone(zone).utcoffset()
        if before != following.astimezone(zone).utcoffset():
            passed = bisect_left(
                range(86_400),
                True,
                key=lambda n: (day + timedelta(seconds=n)).astimezone(zone).utcoffset() != before,
            )
            found.append(day + timedelta(seconds=passed))
    return found


@st.composite
def moments(draw: Any) -> tuple[str, datetime]:
    """A zone, and a moment near one of its clock changes."""
    name = draw(st.sampled_from(sorted(NAMES)))
    base = draw(
        st.sampled_from(clock_changes(zone_named(name)) or [datetime(2026, 3, 1, tzinfo=UTC)])
    )
    near = st.sampled_from([-DAY, -HOUR, timedelta(microseconds=-1), timedelta(), HOUR, DAY])
    return name, base + draw(near | st.timedeltas(-2 * DAY, 2 * DAY))


@hypothesis_settings(max_examples=60, **RANDOM)
@given(zoned=moments(), shifts=st.lists(st.timedeltas(-3 * DAY, 3 * DAY), max_size=4))
@example(("America/Scoresbysund", datetime(2027, 3, 28, 0, 30, tzinfo=UTC)), [])
@example(("America/Havana", datetime(2026, 11, 1, 4, 30, tzinfo=UTC)), [HOUR])
@example(("Africa/Cairo", datetime(2026, 4, 23, 22, tzinfo=UTC)), [-HOUR])
@example(("America/Asuncion", datetime(2024, 10, 6, 4, tzinfo=UTC)), [-HOUR])
@example(("Antarctica/Troll", datetime(2026, 3, 29, 1, tzinfo=UTC)), [HOUR])
def test_each_open_task_is_overdue_or_due_today_or_tomorrow_or_later(
    alice: User, zoned: tuple[str, datetime], shifts: list[timedelta]
) -> None:
    name, now = zoned
    zone = zone_named(name)
    today = now.astimezone(zone).date()
    Task.objects.all().delete()
    days = {}
    for number in range(-2, 4):
        day = today + number * DAY
        days[make_task(alice, f"date {number}", due_date=day).title] = day
        # Around the beginning of the day, on both sides.
        midnight = datetime.combine(day, time.min, zone).astimezone(UTC)
        for shift in (timedelta(), timedelta(microseconds=-1), *shifts):
            moment = midnight + shift
            title = timed(alice, f"time {moment}", moment).title
            days[title] = moment.astimezone(zone).date()

    with at(now, alice) as client:
        after = (today + DAY).isoformat()
        found = {
            "overdue": titles(client, name, due="overdue"),
            "today": titles(client, name, due="today"),
            "tomorrow": titles(client, name, due="tomorrow"),
            "later": titles(client, name, due_after=after),
        }

    expected: dict[str, set[str]] = {name: set() for name in found}
    for title, day in days.items():
        number = (day - today).days
        expected["overdue" if number < 0 else ["today", "tomorrow", "later"][min(number, 2)]].add(
            title
        )
    assert found == expected


def test_a_day_that_a_zone_skipped_has_no_instants(alice: User) -> None:
    samoa = "Pacific/Apia"  # went from the 29th to the 31st of December 2011
    make_task(alice, "29", due_date=date(2011, 12, 29))
    make_task(alice, "30", due_date=date(2011, 12, 30))
    make_task(alice, "31", due_date=date(2011, 12, 31))
    timed(alice, "29 at 23:59", "2011-12-30T09:59Z", samoa)
    timed(alice, "31 at 0:00", "2011-12-30T10:00Z", samoa)

    with at("2011-12-30T09:00Z", alice) as client:
        assert titles(client, samoa, due="today") == {"29", "29 at 23:59"}
        assert titles(client, samoa, due="tomorrow") == {"30"}
        assert titles(client, samoa, due_from="2011-12-31") == {"31", "31 at 0:00"}
    with at("2011-12-30T10:00Z", alice) as client:
        assert titles(client, samoa, due="today") == {"31", "31 at 0:00"}
        assert titles(client, samoa, due="overdue") == {"29", "29 at 23:59", "30"}


@pytest.mark.parametrize("zone", [FIRST_ISLAND, LAST_ISLAND, BERLIN, "UTC"])
@pytest.mark.parametrize("name", ["due_from", "due_until", "due_after", "due_before"])
@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-02", "9999-12-30", "9999-12-31"])
def test_the_ends_of_the_calendar_return_200_or_400(
    as_alice: APIClient, alice: User, zone: str, name: str, day: str
) -> None:
    response = as_alice.get("/api/tasks", {name: day}, headers=sent_in(zone))

    ends = {("due_after", "9999-12-31"), ("due_before", "0001-01-01")}
    assert response.status_code == (400 if (name, day) in ends else 200)
    if response.status_code == 400:
        message = f"{name}: expected a date between 0001-01-02 and 9999-12-30"
        assert response.json()["errors"] == {name: [message]}


def test_tasks_of_a_day_are_sorted_by_time_and_those_without_one_are_last(
    as_alice: APIClient, alice: User
) -> None:
    make_task(alice, "date", due_date=date(2026, 3, 2))
    timed(alice, "late", "2026-03-02T20:00Z")
    timed(alice, "early", "2026-03-02T06:00Z")
    make_task(alice, "never")
    make_task(alice, "before", due_date=date(2026, 3, 1))

    def shown(sort: str) -> list[str]:
        return [task["title"] for task in as_alice.get("/api/tasks", {"sort": sort}).json()]

    assert shown("due_date") == ["before", "early", "late", "date", "never"]
    assert shown("-due_date") == ["late", "early", "date", "before", "never"]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("due=today&due=today", "due"), ("due=today&due=week", "due"),
        ("due_from=x&due_from=y", "due_from"), ("cursor=a&cursor=b", "cursor"),
        ("status=pending&status=completed", "status"), ("sort=title&sort=title", "sort"),
        ("order=asc&order=desc", "order"), ("search=a&search=b", "search"),
        ("limit=1&limit=2", "limit"), ("offset=1&offset=1", "offset"),
        ("deleted=true&deleted=false", "deleted"), ("completed=true&completed=true", "completed"),
    ],
)  # fmt: skip
def test_a_repeated_parameter_that_takes_one_value_returns_400(
    as_alice: APIClient, query: str, name: str
) -> None:
    response = as_alice.get(f"/api/tasks?{query}")

    assert response.status_code == 400
    assert response.json()["errors"] == {name: [f"{name}: expected one value, not 2"]}


def test_an_empty_value_is_not_a_second_one(as_alice: APIClient, alice: User) -> None:
    make_task(alice, "never")

    assert as_alice.get("/api/tasks?due=&due=none&limit=5&limit=").status_code == 200


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("priority=high,urgent", "high urgent"),
        ("priority=high&priority=urgent", "high urgent"),
        ("priority=HIGH,%20low&priority=low", "high low"),
        ("priority=high,,", "high"),
        ("priority=high&priority=all", "low medium high urgent"),
        ("priority=,", "low medium high urgent"),
        ("priority=low", "low"),
    ],
)
def test_several_priorities_mean_any_of_them(
    as_alice: APIClient, alice: User, query: str, shown: str
) -> None:
    for priority in Priority:
        make_task(alice, priority.name.lower(), priority=priority)

    found = {task["title"] for task in as_alice.get(f"/api/tasks?{query}").json()}

    assert found == set(shown.split())


@pytest.mark.parametrize("query", ["priority=high,banana", "priority=high&priority=banana"])
def test_an_unknown_priority_among_others_is_named(
    as_alice: APIClient, settings: Any, query: str
) -> None:
    assert as_alice.get(f"/api/tasks?{query}").headers["Ignored-Fields"] == "priority"
    settings.STRICT_INPUT = True
    assert as_alice.get(f"/api/tasks?{query}").status_code == 400
