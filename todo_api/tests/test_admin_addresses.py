"""No address, parameter or form value of the admin causes an error of the server."""

import itertools
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.admin.views.main import IGNORED_PARAMS
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.actions import ACTIONS
from accounts.models import User
from conftest import make_task

VALUES = {
    "empty": "", "nul": "\0", "long": "x" * 5_000, "number": "99999999999999999999",
    "negative": "-1", "brackets": "[]{}()", "percent": "%", "quote": "'\"\\", "surrogate": "\ufffd",
    "list": "1,2", "path": "../..", "date": "2026-13-45", "emoji": "🎉", "sql": "1) OR (1=1",
}  # fmt: skip
LIST_NAMES = [
    *IGNORED_PARAMS, "q", "o", "p", "date_joined__gte", "date_joined__day", "user__id__exact",
    "completed__exact", "status", "is_staff__exact", "nonsense",
]  # fmt: skip
OTHER_NAMES = [
    "_to_field", "_popup", "next", "person", "back", "action", "index", "reason", "term",
    "_selected_action", "select_across", "app_label", "model_name", "field_name",
    "_changelist_filters",
]  # fmt: skip


def patterns(found: Any, prefix: str = "") -> Iterator[str]:
    for each in found:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each.url_patterns, route)
        elif isinstance(each, URLPattern):
            yield route


ADMIN = f"{settings.ADMIN_PATH}/"
ROUTES = sorted({route for route in patterns(get_resolver().url_patterns) if ADMIN in route})


def address(route: str, value: str) -> str:
    """Returns the path of a route with this value for each of its parameters."""
    path = route
    for kind in ("path:object_id", "path:url", "str:name", "int:content_type_id"):
        path = path.replace(f"<{kind}>", value)
    path = path.replace("(?P<app_label>accounts|auth|axes|operations|tasks|admin|sessions)", value)
    return "/" + path.replace("^", "").replace("$", "").replace("?", "")


@pytest.fixture
def values(alice: User, superuser: User) -> dict[str, str]:
    task = make_task(alice)
    LogEntry.objects.log_actions(superuser.pk, [alice], 2, "A change")
    known = {"user": alice.pk, "task": str(task.pk), "uuid": str(uuid4()), "action": "suspend"}
    return {**VALUES, **known}


@pytest.fixture
def browser(operator: Client) -> Client:
    operator.raise_request_exception = False
    return operator


def test_the_routes_of_the_admin_are_found() -> None:
    assert len(ROUTES) > 30
    assert f"{ADMIN}accounts/user/act/<str:name>/" in ROUTES


@pytest.mark.parametrize("route", ROUTES)
def test_no_path_or_parameter_is_an_error_of_the_server(
    browser: Client, values: dict[str, str], route: str
) -> None:
    paths = {address(route, value) for value in values.values()}
    statuses = {path: browser.get(path).status_code for path in paths}
    names = OTHER_NAMES if "<" in route else LIST_NAMES
    for name, kind in itertools.product(names, ("empty", "number", "brackets")):
        path = address(route, values["user"])
        statuses[f"{path}?{name}={kind}"] = browser.get(path, {name: VALUES[kind]}).status_code

    assert {path: status for path, status in statuses.items() if status >= 500} == {}


@pytest.mark.parametrize("route", ROUTES)
def test_no_form_value_is_an_error_of_the_server(
    browser: Client, values: dict[str, str], route: str
) -> None:
    if "logout" in route:
        return
    statuses = {}
    for value in ("", "x" * 5_000, "[]", values["user"]):
        for target in (values["user"], values["task"], "suspend"):
            form = dict.fromkeys([*OTHER_NAMES, "name", "is_staff", "groups", "title"], value)
            path = address(route, target)
            statuses[f"{path} {value[:9]!r}"] = browser.post(path, form).status_code

    assert {path: status for path, status in statuses.items() if status >= 500} == {}


def test_a_null_character_is_a_400_everywhere(browser: Client) -> None:
    pages = (f"/{ADMIN}", f"/{ADMIN}tasks/task/", f"/{ADMIN}accounts/user/act/suspend/")

    for page, name in itertools.product(pages, ("q", "a\0", "user__id__exact")):
        assert browser.get(page, {name: "\0"}).status_code == 400
        assert browser.post(page, {name: "\0"}).status_code == 400
    assert browser.get(f"/{ADMIN}tasks/task/%00/change/").status_code == 400


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("person", ["", "\0", "nobody", "x" * 1_000])
def test_an_action_on_an_unknown_user_is_a_page(browser: Client, name: str, person: str) -> None:
    path = f"/{ADMIN}accounts/user/act/{name}/"

    statuses = {
        browser.get(path, {"person": person}).status_code,
        browser.post(path, {"person": person}).status_code,
    }

    assert statuses <= {200, 400}


def test_the_sign_in_always_leads_to_the_admin(superuser: User) -> None:
    superuser.set_password("correct horse battery")
    superuser.save()
    form = {"username": superuser.email, "password": "correct horse battery"}

    for target in ("/accounts/profile/", "https://evil.test/", "//evil.test", "", "/api/docs"):
        signed_in: Any = Client().post(f"/{ADMIN}login/", {**form, "next": target})
        by_query: Any = Client().post(f"/{ADMIN}login/?next={target}", form)
        assert (signed_in.status_code, signed_in.url) == (302, f"/{ADMIN}")
        assert by_query.url == f"/{ADMIN}"
    page = f"/{ADMIN}tasks/task/"
    to_page: Any = Client().post(f"/{ADMIN}login/", {**form, "next": page})
    assert to_page.url == page
    assert Client().get("/accounts/profile/").status_code == 404


def test_every_page_has_a_strict_policy(browser: Client, values: dict[str, str]) -> None:
    pages = [address(route, values["user"]) for route in ROUTES if "logout" not in route]
    found = {page: browser.get(page) for page in [*pages, "/api/docs", f"/{ADMIN}login/"]}

    shown = {
        page: response.headers
        for page, response in found.items()
        if response.headers.get("Content-Type", "").startswith("text/html")
        and response.status_code == 200
    }
    assert len(shown) >= 12
    assert "/api/docs" in shown
    for headers in shown.values():
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert {directive.strip() for directive in policy.split(";")} == {
            "default-src 'none'", "script-src 'self'", "style-src 'self'", "font-src 'self'",
            "img-src 'self' data:", "connect-src 'self'", "form-action 'self'",
            "frame-ancestors 'none'", "base-uri 'none'",
        }  # fmt: skip
        assert headers["Permissions-Policy"].startswith("camera=()")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
    for page in shown:
        assert "style=" not in found[page].text, page
        assert "<style" not in found[page].text, page
        assert "<script>" not in found[page].text, page
