"""The admin's front page says what is going on, cheaply, to whoever may know."""

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
from accounts.tests.verdicts import Clock
from accounts.tokens import verifier
from conftest import database_url, make_task
from operations.dashboard import MISSING, dashboard
from operations.models import Traffic
from operations.panel import Panel
from tasks.models import Task
from todo_api.maintenance.expired import expired

NOW = datetime(2026, 3, 10, 12, 0, 59, tzinfo=UTC)
SHOWN = NOW.replace(second=0)
DAY, WEEK, SECOND = timedelta(days=1), timedelta(days=7), timedelta(seconds=1)


@pytest.fixture
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def boss(db: None) -> User:
    long_ago = NOW - timedelta(days=300)
    boss = User.objects.create_superuser("operator@todo.test", "pass-word-1")
    User.objects.filter(pk=boss.pk).update(date_joined=long_ago)
    return boss


@pytest.fixture
def operator(boss: User) -> Client:
    client = Client()
    client.force_login(boss)
    return client


def person(name: str, **fields: Any) -> User:
    return User.objects.create(id=name, password="!", **fields)


def answered(minute: datetime = SHOWN, **fields: Any) -> None:
    usual = {"route": "/api/tasks", "method": "GET", "status": 200, "count": 1}
    figures = {"total_ms": 10.0, "slowest_ms": 10.0}
    Traffic.objects.create(minute=minute, **{**usual, **figures, **fields})


def seen_by(user: User) -> dict[str, Panel]:
    panels = {title: panel for panels in dashboard(user).values() for title, panel in panels}
    with connection.cursor() as cursor:  # in a test's transaction its limit would outlive it
        cursor.execute("SET LOCAL statement_timeout = 0")
    return panels


def texts(panel: Panel) -> list[tuple[str, str]]:
    return [(figure.text, figure.label) for figure in panel.figures]


def cells(panel: Panel) -> list[list[str]]:
    return [[cell.text for cell in row] for row in panel.rows]


def shown(client: Client) -> str:
    """The dashboard's part of the page."""
    response = client.get("/admin/")
    assert response.status_code == 200
    return (
        response.content.decode()
        .partition('<div id="dashboard">')[2]
        .partition('<div id="content-main">')[0]
    )


class Links(HTMLParser):
    """The text of each link, by where it leads."""

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
def test_people_are_counted_from_the_first_moment_of_each_window(boss: User) -> None:
    person("day", date_joined=SHOWN - DAY, last_seen_at=SHOWN - DAY)
    person("more", date_joined=SHOWN - DAY - SECOND, last_seen_at=SHOWN - DAY - SECOND)
    person("week", date_joined=SHOWN - WEEK, last_seen_at=SHOWN - WEEK)
    person("past", date_joined=SHOWN - WEEK - SECOND, last_seen_at=SHOWN - WEEK - SECOND)
    person("never seen", date_joined=SHOWN - WEEK - SECOND)

    panels = seen_by(boss)

    assert texts(panels["People"]) == [("6", "")]
    assert texts(panels["New people"]) == [("1", "in 24 hours"), ("3", "in 7 days")]
    assert texts(panels["Active people"]) == [("1", "in 24 hours"), ("3", "in 7 days")]


@pytest.mark.usefixtures("_now")
def test_tasks_are_shown_in_all_and_day_by_day(boss: User, alice: User) -> None:
    make_task(alice)
    make_task(alice, completed=True)
    Task.objects.update(created_at=NOW - DAY)

    panels = seen_by(boss)

    days = panels["Tasks, day by day"]
    assert texts(panels["Tasks"]) == [("2", "")]
    assert texts(days) == [("2", "created in 30 days"), ("1", "completed")]
    assert cells(days)[:3] == [
        ["Tue 10 Mar", "0", "1"],
        ["Mon 9 Mar", "2", "0"],
        ["Sun 8 Mar", "0", "0"],
    ]
    assert len(days.rows) == 30
    assert "2 created and 1 completed in 30 days; most were created on 9 March: 2." in days.chart


@pytest.mark.usefixtures("_now")
def test_traffic_of_the_last_hour_is_summed_up(boss: User) -> None:
    answered(count=3, total_ms=30, slowest_ms=20)
    answered(SHOWN - timedelta(minutes=59), count=2, total_ms=70, slowest_ms=60)
    answered(status=401, refusal="expired", count=4, total_ms=4, slowest_ms=2)
    answered(status=401, refusal="signature", count=5, total_ms=5, slowest_ms=2)
    answered(route="/api/tasks/{id}", method="PUT", status=503, total_ms=1500, slowest_ms=1500)
    answered(SHOWN - timedelta(minutes=60), status=500, refusal="expired", count=99)

    panels = seen_by(boss)

    assert cells(panels["Answers, last hour"]) == [["2xx", "5"], ["4xx", "9"], ["5xx", "1"]]
    assert cells(panels["Refused, last hour"]) == [["signature", "5"], ["expired", "4"]]
    assert cells(panels["Slowest routes, last hour"]) == [
        ["PUT /api/tasks/{id}", "1,500 ms", "1,500 ms", "1"],
        ["GET /api/tasks", "8 ms", "60 ms", "14"],
    ]


@pytest.mark.usefixtures("_now")
def test_each_figure_leads_to_a_list_of_as_many(operator: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(date_joined=NOW - 2 * DAY, last_seen_at=NOW)
    for completed in (True, False, True):
        make_task(alice, completed=completed)
    answered(status=404)
    answered(status=401, refusal="expired")

    links = Links(shown(operator)).texts

    counts = {}
    for href, text in links.items():
        response = operator.get(href)
        assert response.status_code == 200, href
        counts[href] = (text, str(len(response.context["cl"].result_list)))
    figures = {href: pair for href, pair in counts.items() if "/traffic/" not in href}
    assert len(figures) == 6 + 60
    assert all(figure == listed for figure, listed in figures.values()), figures
    counted = sorted(figure for figure, _ in figures.values() if figure != "0")
    assert counted == ["1", "1", "1", "2", "2", "3", "3"]
    traffic = {text: listed for href, (text, listed) in counts.items() if "/traffic/" in href}
    assert traffic == {"4xx": "2", "expired": "1", "GET /api/tasks": "2"}


def test_an_empty_database_has_a_front_page(operator: Client) -> None:
    page = shown(operator)

    assert MISSING not in page
    assert page.count("No answers were recorded.") == 2
    assert "Nobody was refused." in page
    assert "None pending" in page


def test_it_costs_the_same_with_more_people_and_tasks(operator: Client, alice: User) -> None:
    shown(operator)
    with CaptureQueriesContext(connection) as few:
        shown(operator)
    for number in range(20):
        make_task(person(f"person-{number}"))
        answered(route=f"/api/{number}", count=number + 1)
    with CaptureQueriesContext(connection) as many:
        shown(operator)

    assert len(few) == len(many)
    asked = [query["sql"] for query in many if "statement_timeout" in query["sql"]]
    # People, new, active, tasks; size; migrations (is the table there, and what does it say); each
    # kind of expired rows; days remembered, created, completed; answers, refusals, routes.
    assert len(asked) == 13 + len(expired())


def test_no_statement_reads_a_whole_table(boss: User) -> None:
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
    seen_by(boss)  # counts the days that are over

    with CaptureQueriesContext(connection) as queries:
        panels = seen_by(boss)

    plans = {}
    for query in queries:
        sql = query["sql"].rpartition("; ")[2]
        if re.search(r'FROM "(accounts_user|tasks_task)"', sql) and "LIMIT" not in sql:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql}")
                plans[sql] = "\n".join(line for (line,) in cursor.fetchall())
    assert texts(panels["People"]) == texts(panels["Tasks"]) == [("about 12,000", "")]
    assert len(plans) == 4
    assert all("Index" in plan and "Seq Scan" not in plan for plan in plans.values()), plans


def test_a_table_that_was_never_analyzed_is_not_said_to_be_known(boss: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tasks_task")  # forgets what another test had analyzed
        cursor.execute(
            "INSERT INTO tasks_task (id, user_id, title, completed, priority, created_at,"
            " updated_at) SELECT gen_random_uuid(), %s, 'x', false, 1, now(), now()"
            " FROM generate_series(1, 10001)",
            [boss.pk],
        )

    panels = seen_by(boss)

    assert texts(panels["Tasks"]) == [("over 10,000", "")]


@pytest.mark.parametrize(
    ("permissions", "titles"),
    [
        ([], []),
        (["view_user"], ["People", "New people", "Active people"]),
        (["view_task"], ["Tasks", "Tasks, day by day"]),
        (
            ["view_traffic"],
            ["Answers, last hour", "Refused, last hour", "Slowest routes, last hour"],
        ),
    ],
    ids=["nothing", "people", "tasks", "traffic"],
)
def test_operators_see_the_panels_of_what_they_may_list(
    alice: User, permissions: list[str], titles: list[str]
) -> None:
    alice.is_staff = True
    alice.save()
    alice.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(alice)

    page = shown(client)

    seen = re.findall("<h2>(.*?)</h2>", page)
    service = ["Keys that verify tokens", "Database", "Migrations", "Waiting to be purged"]
    assert sorted(seen) == sorted(service + titles)
    assert all(client.get(href).status_code == 200 for href in Links(page).texts)


@pytest.mark.usefixtures("_now")
def test_the_page_is_drawn_without_scripts_and_styles_of_its_own(
    operator: Client, alice: User
) -> None:
    make_task(alice)
    answered(route="/<script>alert(1)</script>&\"'", refusal="<b>", status=401)

    page = shown(operator)

    pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(pictures) == 1 + 3  # the days; a meter for the class, the cause and the route
    for picture in pictures:
        ElementTree.fromstring(picture)  # noqa: S314  (our own)
    assert not re.findall(r"<script|<b>|<style|\bstyle=|\bon\w+=", page)
    assert "/&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_migration_that_has_not_run_is_named(boss: User) -> None:
    MigrationRecorder(connection).record_unapplied("operations", "0002_task_day")

    panel = seen_by(boss)["Migrations"]

    assert texts(panel) == [("1 pending", "")]
    assert cells(panel) == [["operations.0002_task_day"]]


def test_the_size_of_the_database_has_its_largest_tables_behind_it(boss: User) -> None:
    panel = seen_by(boss)["Database"]

    assert re.fullmatch(r"[\d.]+\xa0MB", panel.figures[0].text)
    assert len(panel.rows) == 6


def test_rows_that_wait_to_be_purged_are_counted_by_kind(boss: User) -> None:
    Attempts.objects.create(key="over", count=3, expires_at=timezone.now() - DAY)
    Attempts.objects.create(key="not yet", count=3, expires_at=timezone.now() + DAY)

    panel = seen_by(boss)["Waiting to be purged"]

    assert texts(panel) == [("1", "")]
    assert [row for row in cells(panel) if row[1] != "0"] == [["Attempts", "1"]]
    assert len(panel.rows) == len(expired())


def test_under_a_shared_secret_there_is_no_key_set(boss: User) -> None:
    panel = seen_by(boss)["Keys that verify tokens"]

    assert texts(panel) == [("Shared secret", "")]


def test_the_key_set_tells_its_age_and_where_it_comes_from(
    boss: User, better_auth: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "time", clock := Clock())
    key_set = verifier().key_set
    assert key_set

    before = seen_by(boss)["Keys that verify tokens"]
    assert key_set.refresh()
    after = seen_by(boss)["Keys that verify tokens"]
    clock.ahead = 230
    later = seen_by(boss)["Keys that verify tokens"]

    assert (texts(before), before.note) == ([("0 known", "")], "Not fetched yet by this process.")
    assert (texts(after), after.note) == ([("1 known", "")], "Fetched less than a minute ago.")
    assert later.note == "Fetched 3\xa0minutes ago."
    assert after.figures[0].href == better_auth.url


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_the_database_cannot_say_in_time_is_missing_and_the_rest_is_there() -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("operator@todo.test", "pass-word-1"))

    with psycopg.connect(database_url()) as other:
        other.execute("LOCK TABLE tasks_task IN ACCESS EXCLUSIVE MODE")
        page = shown(client)
        other.rollback()

    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        left_behind = cursor.fetchone()
    assert page.count(MISSING) == 3  # tasks, their days, and the sizes of tables
    assert "in 7 days" in page
    assert "None pending" in page
    assert left_behind == ("0",)
    assert MISSING not in shown(client)
