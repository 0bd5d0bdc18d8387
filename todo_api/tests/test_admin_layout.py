"""Parts of the admin's pages that the style sheet or assistive technology needs."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models import User
from conftest import make_task

CLEAR = '<a href="?">Clear search and filters</a>'


@pytest.mark.parametrize("query", ["", "o=-4", "p=1", "e=1"])
def test_a_whole_list_has_nothing_to_clear(operator: Client, query: str) -> None:
    page = operator.get(f"/admin/accounts/user/?{query}", follow=True).content.decode()

    assert "result" in page
    assert CLEAR not in page


@pytest.mark.parametrize("query", ["q=alice", "status=active", "q=alice&status=active"])
def test_a_search_and_filters_can_be_cleared(operator: Client, query: str) -> None:
    page = operator.get(f"/admin/accounts/user/?{query}").content.decode()

    assert page.count(CLEAR) == 1


def test_a_search_keeps_the_filters(operator: Client) -> None:
    page = operator.get("/admin/tasks/task/?trash=no&q=alice").content.decode()

    form = page.partition('id="changelist-search"')[2].partition("</form>")[0]
    assert re.findall('name="(.+?)" value="(.*?)"', form) == [("q", "alice"), ("trash", "no")]


@pytest.mark.parametrize(("model", "name"), [("accounts/user", "users"), ("tasks/task", "tasks")])
def test_the_search_field_has_a_name(operator: Client, model: str, name: str) -> None:
    page = operator.get(f"/admin/{model}/").content.decode()

    assert f'id="searchbar" aria-label="Search {name}"' in page


@pytest.mark.parametrize(
    ("query", "summary"),
    [
        ("", "Filter"),
        ("q=alice", "Filter"),
        ("status=active&date_joined__gte=2026-01-01T00:00Z", "Filter · status · date joined (UTC)"),
    ],
)
def test_closed_filters_name_those_in_use(operator: Client, query: str, summary: str) -> None:
    page = operator.get(f"/admin/accounts/user/?{query}").content.decode()

    filters = page.partition('<div class="filters">')[2]
    assert re.findall("<summary>(.*?)</summary>", filters)[0] == summary
    assert '<nav id="changelist-filter"' in filters


def test_tables_that_may_scroll_are_reached_with_the_keyboard(
    operator: Client, superuser: User, alice: User
) -> None:
    make_task(alice)
    LogEntry.objects.log_actions(superuser.pk, [alice], 2, "A change")
    addresses = [f"{alice.pk}/change/", f"act/erase/?person={alice.pk}"]
    pages = [operator.get(f"/admin/accounts/user/{page}") for page in addresses]

    tables = re.findall('<div class="module wide-table"(.*?)>', "".join(p.text for p in pages))
    assert tables == [
        f' tabindex="0" role="region" aria-label="{name}"'
        for name in ("Tasks", "Operator actions", "Users")
    ]


def test_the_sign_in_page_has_a_heading(client: Client, db: None) -> None:
    page = client.get("/admin/login/").content.decode()

    assert re.findall("<h1>(.*?)</h1>", page) == ["Log in"]
