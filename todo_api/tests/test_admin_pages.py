"""What all pages of the admin have in common: the menu, times in UTC, and the style sheet."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from conftest import make_task, operator_with
from operations.models import Traffic
from tasks.models import Task
from todo_api.web.admin import MAX_COUNT, row_count

TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d"
WITHOUT_HISTORY = (LogEntry, Traffic)
OTHER_TIME = r"\d [ap]\.m\.|\d\d:\d\d:\d\d|noon|midnight"


@pytest.fixture
def addresses(superuser: User, alice: User) -> list[str]:
    """The addresses of every list, and of the page and the history of one object of each."""
    now = timezone.now()
    User.objects.filter(pk=alice.pk).update(last_seen_at=now)
    task = make_task(
        alice, due_date=now.date(), due_at=now, remind_at=now, time_zone="UTC", deleted_at=now
    )
    LogEntry.objects.log_actions(superuser.pk, [alice, task], 2, "A change")
    Group.objects.create(name="Support")
    Traffic.objects.create(
        minute=now, route="/", method="GET", status=200, count=1, total_ms=1, slowest_ms=1
    )
    return list(pages_of_models())


def pages_of_models() -> Iterator[str]:
    for model in admin.site._registry:
        place = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        yield place
        row = model._default_manager.order_by("pk").exclude(pk="boss" if model is User else None)
        for below in ("change",) if model in WITHOUT_HISTORY else ("change", "history"):
            yield f"{place}{row[:1].get().pk}/{below}/"


def test_all_times_say_utc(operator: Client, addresses: list[str]) -> None:
    pages = {address: operator.get(address).content.decode() for address in addresses}

    shown = {address: len(re.findall(f"{TIME} UTC", page)) for address, page in pages.items()}
    assert sum(count > 0 for count in shown.values()) >= 10, shown
    for address, page in pages.items():
        assert re.findall(f"{TIME}(?! UTC)", page) == [], address
        assert re.findall(OTHER_TIME, page) == [], address


def test_filters_by_days_say_utc(operator: Client) -> None:
    for page in ("/admin/accounts/user/", "/admin/tasks/task/"):
        titles = re.findall(r"By (.*?)\s*</summary>", operator.get(page).content.decode())
        days = [title for title in titles if re.search(" at|date", title)]
        assert days
        assert all(title.endswith("(UTC)") for title in days), titles


def test_every_page_has_the_style_sheet_last(operator: Client, addresses: list[str]) -> None:
    for address in [*addresses, "/admin/", "/admin/help/", "/admin/password_change/"]:
        page = operator.get(address).content.decode()
        sheets = re.findall(r'<link rel="stylesheet" href="/static/([^"]+)"', page)
        assert sheets[-2:] == ["admin/css/responsive.css", "todo_api/admin.css"], address
        assert all(finders.find(sheet) for sheet in sheets), address


def test_the_menu_has_all_lists_on_every_page(operator: Client, addresses: list[str]) -> None:
    names = ["Users", "Tasks", "Traffic rows", "Log entries", "Groups"]
    for address in [*addresses, "/admin/", "/admin/help/"]:
        page = operator.get(address).content.decode()
        menu = page.partition('id="nav-sidebar"')[2].partition("</nav>")[0]
        links = dict(re.findall(r'<th scope="row".*?<a href="([^"]+)".*?>(.*?)</a>', menu, re.S))
        assert list(links.values()) == names, address
    assert all(operator.get(link).status_code == 200 for link in links)


def test_the_menu_has_only_lists_that_the_operator_may_see(db: None) -> None:
    page = operator_with("view_task").get("/admin/").content.decode()

    assert re.findall(r'<tr class="model-(\w+)', page) == ["task"]


def test_lists_are_titled_with_what_they_list(operator: Client, addresses: list[str]) -> None:
    lists = [address for address in addresses if address.count("/") == 4]
    titles = [re.findall("<h1>(.*?)</h1>", operator.get(page).content.decode()) for page in lists]

    assert sorted(title for (title,) in titles) == [
        "Groups", "Log entries", "Tasks", "Traffic rows", "Users",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("q=nobody", "No tasks match. "),
        ("trash=yes", "No tasks match. "),
        ("completed_at__gte=2030-01-01T00:00Z", "No tasks match. "),
        ("o=6", "no tasks yet."),
        ("", "no tasks yet."),
    ],
)
def test_an_empty_list_says_so(operator: Client, query: str, text: str) -> None:
    page = operator.get(f"/admin/tasks/task/?{query}").content.decode()

    assert text in page
    assert ('<a href="?">Show all</a></p>' in page) == ("match" in text)


def test_only_objects_with_a_history_have_a_button_for_it(
    operator: Client, addresses: list[str]
) -> None:
    with_button = {
        address.split("/")[3]
        for address in addresses
        if address.endswith("/change/") and 'class="historylink"' in operator.get(address).text
    }

    assert with_button == {"user", "task", "group"}


def test_the_page_after_a_log_out_says_so(operator: Client) -> None:
    page = operator.post("/admin/logout/").text

    assert "You are logged out of the admin." in page
    assert "quality time" not in page


def test_a_count_stops_and_says_so(alice: User) -> None:
    now = timezone.now()
    tasks = (
        Task(user=alice, title="x", created_at=now - timedelta(seconds=number))
        for number in range(MAX_COUNT)
    )
    Task.objects.bulk_create(tasks, batch_size=1_000)

    exact = row_count(Task.objects.all())
    make_task(alice)
    with CaptureQueriesContext(connection) as queries:
        stopped = row_count(Task.objects.all())

    assert (exact, str(exact), exact.has_more) == (10_000, "10,000", False)
    assert (stopped, str(stopped), stopped.has_more) == (10_000, "more than 10,000", True)
    assert "LIMIT 10001" in queries[0]["sql"]
    assert "ORDER BY" not in queries[0]["sql"]


@pytest.mark.parametrize(
    ("page", "query", "text"),
    [
        ("tasks/task", "completed_at__gte=2030-01-01T00:00Z",
         "completed at ≥ 2030-01-01 00:00 UTC"),
        (
            "tasks/task",
            "trash=no&completed_at__gte=2026-01-01T00:00Z&completed_at__lt=2026-01-02T00:00Z",
            "completed at ≥ 2026-01-01 00:00 UTC and completed at &lt; 2026-01-02 00:00 UTC",
        ),
        ("accounts/user", "date_joined__gte=2001-01-01T00:00Z",
         "date joined ≥ 2001-01-01 00:00 UTC"),
        ("operations/traffic", "status=5xx&route=/api/tasks&method=GET&longest_queue_ms__gte=3",
         "longest queue ms ≥ 3 and method = GET and route = /api/tasks"),
    ],
)  # fmt: skip
def test_a_list_shows_the_lookups_of_its_address_and_clears_them(
    operator: Client, page: str, query: str, text: str
) -> None:
    shown = operator.get(f"/admin/{page}/?{query}").content.decode()
    line = re.findall('Filtered by: (.*?) · <a href="([^"]*)">Clear</a>', shown)
    kept = "&".join(
        part for part in query.split("&") if part.partition("=")[0] in ("trash", "status")
    )

    assert line == [(text, f"?{kept}")]


def test_a_list_does_not_repeat_what_its_filters_show(operator: Client) -> None:
    users = operator.get("/admin/accounts/user/")
    links = re.findall(r'href="(\?date_joined__gte[^"]+)', users.content.decode())
    shown = ["/admin/tasks/task/?trash=yes&q=x", "/admin/operations/traffic/?status=9xx"]
    shown += [f"/admin/accounts/user/{unescape(link)}" for link in links]

    assert len(shown) == 6
    for address in shown:
        assert "Filtered by" not in operator.get(address).content.decode(), address


@pytest.mark.parametrize("query", ["p=999", "date_joined__gte=nonsense"])
def test_a_page_that_does_not_exist_shows_the_whole_list_and_says_so(
    operator: Client, query: str
) -> None:
    User.objects.bulk_create(User(id=f"user-{n}", password="!") for n in range(101))

    page = operator.get(f"/admin/accounts/user/?{query}", follow=True)

    assert "no such page or filter" in page.content.decode()
    assert "no such page" not in operator.get("/admin/accounts/user/?p=2").content.decode()
