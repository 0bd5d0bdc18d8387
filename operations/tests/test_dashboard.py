"""The dashboard on the admin's index page: its values, permissions, queries and time limits."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import psycopg
import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import keys
from accounts.models import Attempts, User
from accounts.tests.key_server import KeyServer
from accounts.tests.token_helpers import Clock
from accounts.tokens import verifier
from conftest import database_url, make_task
from operations.dashboard import NOT_AVAILABLE, dashboard
from operations.models import Traffic
from operations.panel import Panel
from tasks.models import Task
from todo_api.maintenance.expired import expired

NOW = datetime(2026, 3, 10, 12, 0, 59, tzinfo=UTC)
MINUTE = NOW.replace(second=0)
IN_TRASH = "with those in the trash"
DAY, WEEK, SECOND = timedelta(days=1), timedelta(days=7), timedelta(seconds=1)


@pytest.fixture
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def superuser(db: None) -> User:
    long_ago = NOW - timedelta(days=300)
    superuser = User.objects.create_superuser("operator@todo.test", "pass-word-1")
    User.objects.filter(pk=superuser.pk).update(date_joined=long_ago)
    return superuser


@pytest.fixture
def operator(superuser: User) -> Client:
    client = Client()
    client.force_login(superuser)
    return client


def add_user(name: str, **fields: Any) -> User:
    return User.objects.create(id=name, password="!", **fields)


def add_traffic(minute: datetime = MINUTE, **fields: Any) -> None:
    kind = {"route": "/api/tasks", "method": "GET", "status": 200}
    numbers = {"count": 1, "total_ms": 10.0, "slowest_ms": 10.0}
    Traffic.objects.create(minute=minute, **{**kind, **numbers, **fields})


def panels_of(user: User) -> dict[str, Panel]:
    panels = {title: panel for panels in dashboard(user).values() for title, panel in panels}
    with connection.cursor() as cursor:  # else the limit lasts until the test's transaction ends
        cursor.execute("SET LOCAL statement_timeout = 0")
    return panels


def texts(panel: Panel) -> list[tuple[str, str]]:
    return [(value.text, value.label) for value in panel.values]


def cells(panel: Panel) -> list[list[str]]:
    return [[cell.text for cell in row] for row in panel.rows]


def dashboard_html(client: Client) -> str:
    """Returns the HTML of the dashboard, without the rest of the page."""
    response = client.get("/admin/")
    assert response.status_code == 200
    return response.content.decode().partition('<div id="dashboard">')[2].partition("</main>")[0]


class Links(HTMLParser):
    """The text of each link of a page, by URL."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: dict[str, str] = {}
        self._href: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._href = dict(attributes).get("href") if tag == "a" else None

    def handle_data(self, data: str) -> None:
        if self._href:
            self.texts.setdefault(self._href, data.strip())


@pytest.mark.usefixtures("_now")
def test_users_are_counted_from_the_exact_start_of_each_period(superuser: User) -> None:
    add_user("day", date_joined=MINUTE - DAY, last_seen_at=MINUTE - DAY)
    add_user("more", date_joined=MINUTE - DAY - SECOND, last_seen_at=MINUTE - DAY - SECOND)
    add_user("week", date_joined=MINUTE - WEEK, last_seen_at=MINUTE - WEEK)
    add_user("past", date_joined=MINUTE - WEEK - SECOND, last_seen_at=MINUTE - WEEK - SECOND)
    add_user("never seen", date_joined=MINUTE - WEEK - SECOND)

    panels = panels_of(superuser)

    assert texts(panels["Users"]) == [("6", "")]
    assert texts(panels["New users"]) == [("1", "last 24 hours"), ("3", "last 7 days")]
    assert texts(panels["Active users"]) == [("1", "last 24 hours"), ("3", "last 7 days")]


@pytest.mark.usefixtures("_now")
def test_tasks_are_counted_in_total_and_per_day(superuser: User, alice: User) -> None:
    make_task(alice)
    make_task(alice, completed=True)
    Task.objects.update(created_at=NOW - DAY)

    panels = panels_of(superuser)

    days = panels["Tasks per day"]
    assert texts(panels["Tasks"]) == [("2", IN_TRASH)]
    assert texts(days) == [("2", "created, last 30 days"), ("1", "completed")]
    assert cells(days)[:3] == [
        ["Tue 10 Mar", "0", "1"],
        ["Mon 9 Mar", "2", "0"],
        ["Sun 8 Mar", "0", "0"],
    ]
    assert len(days.rows) == 30
    assert "2 created and 1 completed in 30 days; most were created on 9 March: 2." in days.chart


@pytest.mark.usefixtures("_now")
def test_traffic_of_the_last_hour_is_summed(superuser: User) -> None:
    add_traffic(count=3, total_ms=30, slowest_ms=20, queue_ms=300, longest_queue_ms=249.6)
    add_traffic(MINUTE - timedelta(minutes=59), count=2, total_ms=70, slowest_ms=60)
    add_traffic(status=401, refusal="expired", count=4, total_ms=4, slowest_ms=2)
    add_traffic(status=401, refusal="signature", count=5, total_ms=5, slowest_ms=2)
    add_traffic(route="/api/tasks/{id}", method="PUT", status=503, total_ms=1500, slowest_ms=1500)
    add_traffic(
        MINUTE - timedelta(minutes=60), status=500, refusal="expired", count=99,
        queue_ms=9_999, longest_queue_ms=9_999,
    )  # fmt: skip

    panels = panels_of(superuser)

    assert texts(panels["Server errors (5xx)"]) == [("1", "of 15 responses")]
    assert panels["Server errors (5xx)"].values[0].series == "bad"
    assert texts(panels["Queue time"]) == [("20.0 ms", "average"), ("250 ms", "longest")]
    assert cells(panels["Responses, last hour"]) == [["2xx", "5"], ["4xx", "9"], ["5xx", "1"]]
    assert cells(panels["Refused requests, last hour"]) == [["signature", "5"], ["expired", "4"]]
    assert cells(panels["Slowest routes, last hour"]) == [
        ["PUT /api/tasks/{id}", "1,500 ms", "1,500 ms", "1"],
        ["GET /api/tasks", "8 ms", "60 ms", "14"],
    ]


@pytest.mark.usefixtures("_now")
def test_each_number_links_to_a_list_of_that_many_rows(operator: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(date_joined=NOW - 2 * DAY, last_seen_at=NOW)
    for completed in (True, False, True):
        make_task(alice, completed=completed)
    add_traffic(status=404, queue_ms=30, longest_queue_ms=29.7)
    add_traffic(status=401, refusal="expired")
    add_traffic(status=503)

    links = Links(dashboard_html(operator)).texts

    counts = {}
    for href, text in links.items():
        response = operator.get(href)
        assert response.status_code == 200, href
        if "/help/" not in href:
            counts[href] = (text, str(len(response.context["cl"].result_list)))
    numbers = {href: pair for href, pair in counts.items() if "/traffic/" not in href}
    assert len(numbers) == 6 + 62
    assert all(number == listed for number, listed in numbers.values()), numbers
    not_zero = sorted(number for number, _ in numbers.values() if number != "0")
    assert not_zero == ["1", "1", "1", "2", "2", "2", "3", "3", "3"]
    traffic = sorted(pair for href, pair in counts.items() if "/traffic/" in href)
    # 5xx, refused, 4xx, the longest wait, the average wait of all rows, and their route.
    assert traffic == [
        ("1", "1"), ("1", "1"), ("10 ms", "3"), ("10.0 ms", "3"), ("2", "2"), ("30 ms", "1"),
    ]  # fmt: skip


@pytest.mark.usefixtures("_now")
def test_each_number_is_a_link(operator: Client, alice: User) -> None:
    make_task(alice)
    add_traffic(status=503, queue_ms=30, longest_queue_ms=29.7)
    add_traffic(status=401, refusal="expired")

    page = dashboard_html(operator)

    shown = re.findall(r'<p class="figure[^>]*>(.*?)</p>|<td>(.*?)</td>', page)
    numbers = [figure or cell for figure, cell in shown if re.search(r"\d", figure + cell)]
    assert len(numbers) > 60
    assert [number for number in numbers if not number.startswith("<a href=")] == []


def test_the_help_explains_every_number_without_a_list(operator: Client) -> None:
    topics = set(re.findall(r'href="/admin/help/#(\w+)"', dashboard_html(operator)))

    page = operator.get("/admin/help/")

    assert topics == {"database", "keys", "migrations", "purge"}
    assert topics <= set(re.findall(r'<h2 id="(\w+)">', page.content.decode()))
    assert "30 days" in page.content.decode()
    assert Client().get("/admin/help/").status_code == 302


def test_the_dashboard_works_with_an_empty_database(operator: Client) -> None:
    page = dashboard_html(operator)

    assert NOT_AVAILABLE not in page
    assert page.count("No responses were recorded.") == 2
    assert "No requests were refused." in page
    assert "None pending" in page


def test_the_number_of_queries_does_not_grow_with_users_and_tasks(
    operator: Client, alice: User
) -> None:
    dashboard_html(operator)
    with CaptureQueriesContext(connection) as few:
        dashboard_html(operator)
    for number in range(20):
        make_task(add_user(f"user-{number}"))
        add_traffic(route=f"/api/{number}", count=number + 1)
    with CaptureQueriesContext(connection) as many:
        dashboard_html(operator)

    assert len(few) == len(many)
    statements = [query["sql"] for query in many if "statement_timeout" in query["sql"]]
    # 4 for users, new and active users, and tasks; 2 for errors and the queue; 1 for the database's
    # size; 2 for migrations; 1 for each kind of expired rows; 3 for the tasks per day; 3 for
    # responses, refusals and routes.
    assert len(statements) == 15 + len(expired())


def test_all_statements_on_large_tables_use_an_index(superuser: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_user (id, password, email, name, is_active, is_staff,"
            " is_superuser, date_joined, last_seen_at) SELECT 'p' || n, '!', '', '', true, false,"
            " false, now() - n * interval '1 hour', now() - n * interval '1 hour'"
            " FROM generate_series(1, 12000) n"
        )
        cursor.execute(
            "INSERT INTO tasks_task (id, user_id, title, completed, completed_at, priority,"
            " created_at, updated_at) SELECT gen_random_uuid(), 'p1', 'x', true, at, 1, at, at"
            " FROM (SELECT now() - n * interval '1 hour' AS at FROM generate_series(1, 12000) n) h"
        )
        cursor.execute("ANALYZE accounts_user, tasks_task")
    panels_of(superuser)  # stores the finished days

    with CaptureQueriesContext(connection) as queries:
        panels = panels_of(superuser)

    plans = {}
    for query in queries:
        sql = query["sql"].rpartition("; ")[2]
        if re.search(r'FROM "(accounts_user|tasks_task)"', sql) and "LIMIT" not in sql:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql}")
                plans[sql] = "\n".join(line for (line,) in cursor.fetchall())
    assert texts(panels["Users"]) == [("about 12,000", "")]
    assert texts(panels["Tasks"]) == [("about 12,000", IN_TRASH)]
    assert len(plans) == 4
    assert all("Index" in plan and "Seq Scan" not in plan for plan in plans.values()), plans


def test_a_large_table_without_an_estimate_is_shown_as_over_the_limit(superuser: User) -> None:
    with connection.cursor() as cursor:
        # Removes the estimate that another test may have left.
        cursor.execute("TRUNCATE tasks_task")
        cursor.execute(
            "INSERT INTO tasks_task (id, user_id, title, completed, priority, created_at,"
            " updated_at) SELECT gen_random_uuid(), %s, 'x', false, 1, now(), now()"
            " FROM generate_series(1, 10001)",
            [superuser.pk],
        )

    panels = panels_of(superuser)

    assert texts(panels["Tasks"]) == [("more than 10,000", IN_TRASH)]


@pytest.mark.parametrize(
    ("permissions", "titles"),
    [
        ([], []),
        (["view_user"], ["Users", "New users", "Active users"]),
        (["view_task"], ["Tasks", "Tasks per day"]),
        (
            ["view_traffic"],
            [
                "Server errors (5xx)",
                "Queue time",
                "Responses, last hour",
                "Refused requests, last hour",
                "Slowest routes, last hour",
            ],
        ),
    ],
    ids=["no permissions", "users", "tasks", "traffic"],
)
def test_operators_see_only_the_panels_they_have_permission_for(
    alice: User, permissions: list[str], titles: list[str]
) -> None:
    alice.is_staff = True
    alice.save()
    alice.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(alice)

    page = dashboard_html(client)

    seen = re.findall("<h2>(.*?)</h2>", page)
    service = ["Token verification keys", "Database", "Migrations", "Expired rows to purge"]
    assert sorted(seen) == sorted(service + titles)
    assert all(client.get(href).status_code == 200 for href in Links(page).texts)


@pytest.mark.usefixtures("_now")
def test_the_dashboard_has_no_scripts_or_inline_styles_and_escapes_data(
    operator: Client, alice: User
) -> None:
    make_task(alice)
    add_traffic(route="/<script>alert(1)</script>&\"'", refusal="<b>", status=401)

    page = dashboard_html(operator)

    charts = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(charts) == 1 + 3  # tasks per day; one meter each for status class, cause and route
    for chart in charts:
        ElementTree.fromstring(chart)
    assert not re.findall(r"<script|<b>|<style|\bstyle=|\bon\w+=", page)
    assert "/&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_pending_migrations_are_listed(superuser: User) -> None:
    MigrationRecorder(connection).record_unapplied("operations", "0004_traffic_rows")

    panel = panels_of(superuser)["Migrations"]

    assert texts(panel) == [("1 pending", "")]
    assert cells(panel) == [["operations.0004_traffic_rows"]]


def test_the_database_panel_lists_the_largest_tables(superuser: User) -> None:
    panel = panels_of(superuser)["Database"]

    assert re.fullmatch(r"[\d.]+\xa0MB", panel.values[0].text)
    assert len(panel.rows) == 6


def test_expired_rows_are_counted_by_kind(superuser: User, alice: User) -> None:
    for days in (31, 29):
        make_task(alice, deleted_at=timezone.now() - days * DAY)
    Attempts.objects.create(key="over", count=3, expires_at=timezone.now() - DAY)
    Attempts.objects.create(key="not yet", count=3, expires_at=timezone.now() + DAY)

    panel = panels_of(superuser)["Expired rows to purge"]

    assert texts(panel) == [("2", "")]
    found = [row for row in cells(panel) if row[1] != "0"]
    assert sorted(found) == [["Attempts", "1"], ["Tasks", "1"]]
    assert len(panel.rows) == len(expired())


def test_with_a_shared_secret_there_is_no_key_set(superuser: User) -> None:
    panel = panels_of(superuser)["Token verification keys"]

    assert texts(panel) == [("Shared secret", "")]


def test_the_keys_panel_shows_the_age_and_links_to_the_source(
    superuser: User, better_auth: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "time", clock := Clock())
    (key_set,) = verifier().key_sets

    before = panels_of(superuser)["Token verification keys"]
    assert key_set.refresh()
    after = panels_of(superuser)["Token verification keys"]
    clock.ahead = 230
    later = panels_of(superuser)["Token verification keys"]

    issuer = better_auth.origin
    assert (texts(before), before.note) == (
        [("0 known", issuer)], "Not fetched yet by this process.",
    )  # fmt: skip
    assert (texts(after), after.note) == ([("1 known", issuer)], "Fetched less than a minute ago.")
    assert later.note == "Fetched 3\xa0minutes ago."
    assert after.values[0].href == "/admin/help/#keys"
    assert after.rows[0][3].href == better_auth.url


def test_the_keys_panel_has_a_line_for_each_source(
    superuser: User, better_auth: KeyServer, other_source: KeyServer
) -> None:
    first, _ = verifier().key_sets
    assert first.refresh()

    panel = panels_of(superuser)["Token verification keys"]

    assert texts(panel) == [("1 of 2 known", "")]
    assert cells(panel) == [
        [better_auth.origin, "1 known", "Fetched less than a minute ago.", better_auth.url],
        [other_source.origin, "0 known", "Not fetched yet by this process.", other_source.url],
    ]
    assert [row[3].href for row in panel.rows] == [better_auth.url, other_source.url]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_panels_whose_query_times_out_are_not_available_and_the_others_are() -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("operator@todo.test", "pass-word-1"))

    with psycopg.connect(database_url()) as other:
        other.execute("LOCK TABLE tasks_task IN ACCESS EXCLUSIVE MODE")
        page = dashboard_html(client)
        other.rollback()

    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        timeout_after = cursor.fetchone()
    # The tasks, the tasks per day, the tasks to purge, and the size of the database.
    assert page.count(NOT_AVAILABLE) == 4
    assert "last 7 days" in page
    assert "None pending" in page
    assert timeout_after == ("0",)
    assert NOT_AVAILABLE not in dashboard_html(client)
