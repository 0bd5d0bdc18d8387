"""The calendar feed: its secret address, and the tasks that it shows."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from icalendar import Calendar
from rest_framework.test import APIClient

from accounts import identity, personal_data
from accounts.models import User
from accounts.tests.libpq_trace import sent_messages
from accounts.tests.parallel import at_once
from accounts.tokens import Claims
from conftest import ALICE, BOB, Serve, client_of, make_task, token_for
from tasks.models import CalendarFeed, Task
from todo_api.calendar_feed import open_tasks
from todo_api.limits.rate_limits import counter
from todo_api.tests.http import Response, request, send

ME = ["/api/me", "/api/auth/me", "/api/users/me", "/api/v1/me"]
TODAY = date(2026, 12, 24)
ABSENT = "A" * 43
METRICS_TOKEN = secrets.token_urlsafe(32)


def address_for(client: APIClient) -> str:
    """Makes a feed for the client's user. Returns the path with the secret."""
    url: str = client.post("/api/me/calendar").json()["url"]
    return url.removeprefix("http://testserver")


def secret_in(path: str) -> str:
    return path.removeprefix("/api/calendar/").removesuffix(".ics")


def get(path: str, **headers: str) -> Any:
    return APIClient().get(path, headers=headers)


def titles(response: Any) -> list[str]:
    assert response.status_code == 200
    events = Calendar.from_ical(response.getvalue().decode()).walk("VEVENT")
    return [str(event["SUMMARY"]) for event in events]


# --- The address ----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("me", ME)
def test_an_address_is_made_shown_once_and_revoked(
    as_alice: APIClient, me: str, slash: str
) -> None:
    target = f"{me}/calendar{slash}"

    made = as_alice.post(target)
    shown = as_alice.get(target)
    head = as_alice.head(target)
    feed = CalendarFeed.objects.get()
    revoked = as_alice.delete(target)

    assert (made.status_code, set(made.json())) == (201, {"url", "created_at"})
    secret = secret_in(made.json()["url"].removeprefix("http://testserver"))
    assert made["Cache-Control"] == "no-store"
    assert len(secret) == 43
    assert (shown.status_code, shown.json()) == (200, {"created_at": made.json()["created_at"]})
    assert (head.status_code, head.content) == (200, b"")
    assert (feed.user_id, feed.secret_hash) == (ALICE, hashlib.sha256(secret.encode()).hexdigest())
    assert (revoked.status_code, revoked.content) == (204, b"")
    assert not CalendarFeed.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("policy", ["", "CREATE POLICY open ON tasks_calendarfeed USING (true)"])
@pytest.mark.parametrize("method", ["get", "delete"])
def test_without_an_own_address_the_response_is_a_404(
    as_alice: APIClient, method: str, policy: str
) -> None:
    client_of(BOB).post("/api/me/calendar")
    with connection.cursor() as cursor:
        cursor.execute(policy or "SELECT")

    response = getattr(as_alice, method)("/api/me/calendar")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert CalendarFeed.objects.get().user_id == BOB


@pytest.mark.django_db(transaction=True)
def test_the_first_request_of_a_user_can_make_an_address() -> None:
    path = address_for(client_of("new-user"))

    assert titles(get(path)) == []


@pytest.mark.django_db
def test_a_new_address_replaces_the_old_one(alice: User, as_alice: APIClient) -> None:
    make_task(alice, due_date=TODAY)
    old = address_for(as_alice)

    new = address_for(as_alice)

    assert old != new
    assert get(old).status_code == 404
    assert titles(get(new)) == ["Water the plants"]


@pytest.mark.django_db(transaction=True)
def test_of_addresses_made_at_once_one_opens_the_feed(alice: User) -> None:
    paths = at_once(*[lambda: address_for(client_of(ALICE))] * 4)

    assert sorted(get(path).status_code for path in paths) == [200, 404, 404, 404]
    assert CalendarFeed.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_suspended_user_makes_no_address(alice: User, as_alice: APIClient) -> None:
    User.objects.all().suspend()

    response = as_alice.post("/api/me/calendar")

    assert (response.status_code, response.json()["code"]) == (403, "account_suspended")
    assert not CalendarFeed.objects.exists()


# --- The feed -------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("prefix", ["/api/", "/api/v1/"])
def test_a_feed_has_the_open_tasks_with_a_due_date(
    alice: User, as_alice: APIClient, prefix: str, slash: str
) -> None:
    make_task(alice, "Later", due_date=TODAY + timedelta(days=1), tags=["home"])
    make_task(alice, "First", due_date=TODAY, description="private")
    make_task(alice, "Someday")
    make_task(alice, "Done", due_date=TODAY, completed=True)
    make_task(alice, "In the trash", due_date=TODAY, deleted_at=timezone.now())
    path = address_for(as_alice)

    response = get(path.replace("/api/", prefix) + slash, Accept="text/calendar")

    assert titles(response) == ["First", "Later"]
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'inline; filename="todo.ics"'
    assert response["Cache-Control"] == "private, no-cache"


@pytest.mark.django_db
def test_a_feed_has_the_tasks_of_its_user_only(alice: User, bob: User) -> None:
    make_task(alice, "Hers", due_date=TODAY)
    make_task(bob, "His", due_date=TODAY)
    hers, his = (address_for(client_of(user)) for user in (ALICE, BOB))

    for token in (token_for(ALICE), "nonsense"):  # a token makes no difference
        responses = [get(path, Authorization=f"Bearer {token}") for path in (hers, his)]

        assert [titles(response) for response in responses] == [["Hers"], ["His"]]


def test_the_query_is_for_the_users_open_tasks_with_a_due_date(alice: User, bob: User) -> None:
    """Without the row policies, and without the filter of the calendar's writer."""
    wanted = make_task(alice, due_date=TODAY)
    make_task(alice)
    make_task(alice, due_date=TODAY, completed=True)
    make_task(alice, due_date=TODAY, deleted_at=timezone.now())
    make_task(bob, due_date=TODAY)

    assert [task["id"] for task in open_tasks(ALICE)] == [str(wanted.pk)]


@pytest.mark.django_db(transaction=True)
def test_everything_but_the_look_up_is_read_as_the_user_who_cannot_write(alice: User) -> None:
    make_task(alice, due_date=TODAY)
    path = address_for(client_of(ALICE))

    with sent_messages() as messages:
        assert titles(get(path)) == ["Water the plants"]

    (look_up, *others) = messages
    assert "tasks_calendarfeed" in look_up
    assert "todo_become" not in look_up
    assert [
        table for each in others for table in ("syncstate", "task") if f'"tasks_{table}"' in each
    ]
    reader = f"SELECT set_config('transaction_read_only', 'on', true), todo_become('{ALICE}'); "
    assert all(reader in each for each in others)


@pytest.mark.django_db(transaction=True)
def test_a_reader_cannot_write(alice: User) -> None:
    task = make_task(alice)

    def write() -> Iterator[int]:
        yield Task.objects.filter(pk=task.pk).update(title="Changed")

    with pytest.raises(DatabaseError, match="read-only transaction"):
        list(
            identity.each_as(
                Claims(ALICE, "", "", 0, 0, 0), write(), read_only=True, known_only=True
            )
        )

    assert Task.objects.get().title == "Water the plants"
    assert client_of(ALICE).post("/api/tasks", {"title": "Still writes"}).status_code == 201


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("last_seen", [None, datetime(2026, 1, 31, tzinfo=UTC)])
def test_a_feed_changes_nothing_about_its_user(alice: User, last_seen: datetime | None) -> None:
    make_task(alice, due_date=TODAY)
    path = address_for(client_of(ALICE))
    User.objects.update(last_seen_at=last_seen, name="Alice", email="alice@todo.test")
    before = User.objects.values().get()

    assert titles(get(path)) == ["Water the plants"]

    assert User.objects.values().get() == before


@pytest.mark.django_db(transaction=True)
def test_a_reader_without_a_row_is_not_created() -> None:
    steps = (count for count in [Task.objects.count])

    with pytest.raises(identity.Suspended):
        list(
            identity.each_as(
                Claims("nobody", "", "", 0, 0, 0),
                (step() for step in steps),
                read_only=True,
                known_only=True,
            )
        )

    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_long_feed_is_read_in_parts_and_has_every_task_once(
    alice: User, as_alice: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personal_data, "EXPORTED_AT_ONCE", 2)
    for number in range(5):
        make_task(alice, str(number), due_date=TODAY + timedelta(days=number))

    assert titles(get(address_for(as_alice))) == ["0", "1", "2", "3", "4"]


@pytest.mark.django_db
def test_a_feed_is_a_304_until_a_task_changes(alice: User, as_alice: APIClient) -> None:
    task = make_task(alice, due_date=TODAY)
    path = address_for(as_alice)
    etag = get(path)["ETag"]

    same = get(path, **{"If-None-Match": f'W/{etag}, "other"'})
    as_alice.patch(f"/api/tasks/{task.pk}", {"title": "Changed"})
    changed = get(path, **{"If-None-Match": etag})

    assert (same.status_code, same.content, same["ETag"]) == (304, b"", etag)
    assert titles(changed) == ["Changed"]
    assert changed["ETag"] != etag


@pytest.mark.django_db
def test_head_of_a_feed_returns_only_headers(alice: User, as_alice: APIClient) -> None:
    make_task(alice, due_date=TODAY)
    path = address_for(as_alice)

    response: Any = APIClient().head(path)

    assert (response.status_code, response.getvalue()) == (200, b"")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["ETag"] == get(path)["ETag"]


@pytest.mark.django_db
def test_the_camel_case_contract_changes_the_address_but_not_the_feed(
    alice: User, as_alice: APIClient, settings: Any
) -> None:
    make_task(alice, "a snake_case title", due_date=TODAY)
    path = address_for(as_alice)
    before = get(path).getvalue()

    settings.API_FIELD_CASE = "camel"

    assert get(path).getvalue() == before
    assert set(as_alice.get("/api/me/calendar").json()) == {"createdAt"}


# --- Addresses that open nothing ------------------------------------------------------------------


def without_id(response: Any) -> dict[str, Any]:
    return {name: value for name, value in response.json().items() if name != "request_id"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["get", "head"])
def test_addresses_that_open_nothing_are_the_same_404_after_the_same_work(method: str) -> None:
    paths = {}
    for user in ("revoked", "suspended", "erased"):
        paths[user] = address_for(client_of(user))
        make_task(User.objects.get(pk=user), due_date=TODAY)
    client_of("revoked").delete("/api/me/calendar")
    User.objects.filter(pk="suspended").suspend()
    personal_data.erase(User.objects.get(pk="erased"))
    suspended_hash = CalendarFeed.objects.get(pk="suspended").secret_hash
    for text in (ABSENT, "A" * 42, "A" * 4000, "x", "%FF", "%00", "%0A", "🌱", suspended_hash):
        paths[text] = f"/api/calendar/{text}.ics"

    responses, statements = [], []
    for path in paths.values():
        with sent_messages() as messages:
            responses.append(getattr(APIClient(), method)(path))
        statements.append([message.split("WHERE")[0] for message in messages])

    assert {response.status_code for response in responses} == {404}
    assert all(each == statements[0] and len(each) == 1 for each in statements)
    if method == "get":
        assert all(without_id(each) == without_id(responses[0]) for each in responses)
        assert responses[0].json()["code"] == "not_found"


@pytest.mark.django_db
def test_a_suspension_applies_to_the_feed_until_it_ends(alice: User, as_alice: APIClient) -> None:
    make_task(alice, due_date=TODAY)
    path = address_for(as_alice)

    User.objects.all().suspend()
    suspended = get(path)
    User.objects.all().reactivate()

    assert suspended.status_code == 404
    assert titles(get(path)) == ["Water the plants"]


@pytest.mark.django_db
def test_a_feed_cannot_be_written_to(as_alice: APIClient) -> None:
    path = address_for(as_alice)

    for method in ("post", "put", "patch", "delete"):
        response = getattr(as_alice, method)(path, {})

        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
        assert secret_in(path) not in response.content.decode()


@pytest.mark.django_db
def test_the_secret_opens_nothing_else(as_alice: APIClient) -> None:
    secret = secret_in(address_for(as_alice))

    responses = [
        get("/api/tasks", Authorization=f"Bearer {secret}"),
        get("/api/me/calendar", Authorization=f"Bearer {secret}"),
        get(f"/api/tasks?secret={secret}"),
        get(f"/api/{secret}/tasks"),
    ]

    assert {response.status_code for response in responses} == {401}


@pytest.mark.django_db
def test_feeds_are_limited_like_requests_without_a_token(
    as_alice: APIClient, settings: Any
) -> None:
    path = address_for(as_alice)
    settings.RATE_LIMIT_ANONYMOUS_PER_MINUTE = 3
    counter.cache_clear()

    statuses = [get(each).status_code for each in (path, f"/api/calendar/{ABSENT}.ics", path, path)]
    counter.cache_clear()

    assert statuses == [200, 404, 200, 429]


@pytest.mark.django_db
def test_an_export_contains_the_feed_without_its_secret(as_alice: APIClient) -> None:
    made = as_alice.post("/api/me/calendar").json()

    response: Any = as_alice.get("/api/me/export")
    text = response.getvalue().decode()

    assert f'"calendar_feeds":[{{"created_at":"{made["created_at"]}"}}]' in text
    feed = CalendarFeed.objects.get()
    assert feed.secret_hash not in text
    assert secret_in(made["url"].removeprefix("http://testserver")) not in text


# --- The log --------------------------------------------------------------------------------------


@contextmanager
def renamed(table: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO missing")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE missing RENAME TO {table}")


def test_logs_metrics_and_errors_contain_no_secret(serve: Serve, tmp_path: Path) -> None:
    url = serve(
        "--workers", "1", RATE_LIMIT_ANONYMOUS_PER_MINUTE="20", METRICS_TOKEN=METRICS_TOKEN,
        DJANGO_SETTINGS_MODULE="operations.tests.buggy",
    )  # fmt: skip
    made = send(
        url, request("POST", "/api/me/calendar", authorization=f"Bearer {token_for(ALICE)}")
    )
    path = made.json["url"].removeprefix("http://localhost")
    secret = secret_in(path)
    make_task(User.objects.get(), due_date=TODAY)

    def attempt(method: str, target: str, **headers: Any) -> Response:
        return send(url, request(method, target, referer=url + path, **headers))

    seen = [
        attempt(*each)
        for each in (
            ("GET", path), ("HEAD", path), ("POST", path), ("BREW", path), ("OPTIONS", path),
            ("GET", f"{path}?secret={secret}"), ("GET", f"{path}/%"),
            ("GET", path.replace(secret, f"{secret}x")), ("GET", path.replace(".ics", "")),
            ("GET", f"/api/tasks?x={secret}"), ("POST", f"/api/buggy?{secret}"),
        )
    ]  # fmt: skip
    for table in ("tasks_calendarfeed", "tasks_syncstate"):
        with renamed(table):
            seen.append(attempt("GET", path))
    with renamed("tasks_task"), pytest.raises(IndexError):  # it ends without a response
        attempt("GET", path)
    # Requests that gunicorn itself refuses.
    seen += [
        send(url, f"GET {path} HTTP/1.1\r\nHost: x\r\n{each}\r\n\r\n".encode())
        for each in ("Bad header", "X-Y: \0", "X-Z: " + "z" * 99_999)
    ]
    seen += [send(url, f"GET {path}{'x' * 9_999} HTTP/1.1\r\nHost: x\r\n\r\n".encode())]
    seen += [attempt("GET", path, host="unknown.example")]
    # More than the limit, also if a new minute begins meanwhile.
    seen += [attempt("GET", path) for _ in range(45)]
    metrics = attempt("GET", "/metrics", authorization=f"Bearer {METRICS_TOKEN}")

    assert (made.status, metrics.status, len(secret)) == (201, 200, 43)
    assert {200, 400, 404, 405, 429, 500} <= {response.status for response in seen}
    log = (tmp_path / "gunicorn.log").read_text()
    assert '"route":"/api/calendar/{secret}.ics","status":200' in log
    assert '"route":"/api/calendar/{secret}.ics","status":500' in log
    assert f'"user_id":"{ALICE}"' in log
    assert b'route="/api/calendar/{secret}.ics"' in metrics.body
    texts = log + "".join(f"{each.headers}{each.body!r}" for each in (*seen, metrics))
    for text in (secret, hashlib.sha256(secret.encode()).hexdigest()):
        assert text not in texts


# --- The table ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_database_stores_no_secret(as_alice: APIClient) -> None:
    secret = secret_in(address_for(as_alice))

    with connection.cursor() as cursor:
        cursor.execute("SELECT tasks_calendarfeed::text FROM tasks_calendarfeed")
        ((row,),) = cursor.fetchall()

    assert secret not in row


@pytest.mark.django_db
def test_dates_that_calendar_programs_cannot_read_are_left_out(
    alice: User, as_alice: APIClient
) -> None:
    for day in (date(1, 1, 1), date(1900, 1, 1), date(2199, 12, 31), date(9999, 12, 31)):
        make_task(alice, str(day.year), due_date=day)

    assert titles(get(address_for(as_alice))) == ["1900", "2199"]
