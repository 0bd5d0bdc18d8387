"""The admin's sign-in: failures lock it, in all workers together, and sessions expire."""

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt, AccessLog
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client, RequestFactory
from rest_framework.test import APIClient

from accounts.lockout import username_hash
from accounts.models import User
from conftest import Serve
from todo_api.tests.http import Response, request, send

EMAIL, PASSWORD = "operator@todo.test", "correct horse battery"
NOW = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)
LIMIT, COOL_OFF = 5, timedelta(minutes=30)
TOKEN = rb'csrfmiddlewaretoken" value="(\w+)"'


@pytest.fixture
def superuser(db: None) -> User:
    return User.objects.create_superuser(EMAIL, PASSWORD)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def sign_in(
    password: str = "a wrong password", name: str = EMAIL, address: str = "192.0.2.1", **more: Any
) -> Any:
    """Responds with 302 after a success, 200 and the form after a failure, 429 during a lock."""
    form = {"username": name, "password": password, "next": "/admin/"}
    return Client().post("/admin/login/", form, REMOTE_ADDR=address, **more)


def fail(times: int, **options: Any) -> None:
    """Sets the failures of one attempt with these options to this number."""
    sign_in(**options)
    AccessAttempt.objects.update(failures_since_start=times)


def test_the_fifth_failure_of_a_name_from_an_address_locks_it_for_half_an_hour(
    superuser: User, clock: time_machine.Traveller
) -> None:
    responses = [sign_in() for _ in range(LIMIT)]

    page = responses[-1].content.decode()
    assert [response.status_code for response in responses] == [200] * 4 + [429]
    assert responses[-1].headers["Retry-After"] == "1800"
    assert responses[-1].headers["X-Frame-Options"] == "DENY"
    assert "<h1>Too many failed sign-ins</h1>" in page
    assert "Try again in 30 minutes" in page
    clock.shift(COOL_OFF - timedelta(seconds=30))
    right = sign_in(PASSWORD)
    assert (right.status_code, right.headers["Retry-After"]) == (429, "30")
    assert "Try again in 1 minute." in right.content.decode()
    assert sign_in(name="somebody@todo.test").status_code == 200
    assert sign_in(PASSWORD, address="192.0.2.2").status_code == 302
    clock.shift(31)
    assert sign_in(PASSWORD).status_code == 302


def test_attempts_during_a_lock_do_not_extend_it(
    superuser: User, clock: time_machine.Traveller
) -> None:
    fail(LIMIT)

    for _ in range(3):
        clock.shift(timedelta(minutes=11))
        last = sign_in(PASSWORD)

    assert last.status_code == 302


@pytest.mark.parametrize(
    "spelling", ["Operator@TODO.test", " operator@todo.test ", "\uff4fperator@todo.test"]
)
def test_equivalent_spellings_of_a_name_are_counted_together(
    superuser: User, spelling: str
) -> None:
    fail(LIMIT - 1)

    assert sign_in(name=spelling).status_code == 429


@pytest.mark.parametrize("name", ["\u0130ris", "\u014cscar", "STRA\u1e9eE", "\u03a3\u03a3"])
def test_spellings_that_find_one_account_are_one_name(db: None, name: str) -> None:
    """As the database computes them: Python's lower case of some letters differs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower(%s)", [name])
        (lower,) = cursor.fetchone()

    request = RequestFactory().get("/")
    typed, folded = (username_hash(request, {"username": each}) for each in (name, lower))

    assert typed == folded


def test_an_unknown_name_is_locked_too(db: None) -> None:
    fail(LIMIT - 1, name="nobody@todo.test")

    assert sign_in(name="nobody@todo.test").status_code == 429


def test_twenty_failures_lock_an_address_for_all_names(superuser: User) -> None:
    fail(4 * LIMIT - 1, name="nobody@todo.test")

    statuses = [
        sign_in(name="somebody@todo.test").status_code,
        sign_in(PASSWORD).status_code,
        sign_in(PASSWORD, address="192.0.2.2").status_code,
    ]

    assert statuses == [429, 429, 302]


def test_fifty_failures_lock_a_name_for_all_addresses(superuser: User) -> None:
    fail(10 * LIMIT - 1)

    statuses = [
        sign_in(address="192.0.2.2").status_code,
        sign_in(PASSWORD, address="192.0.2.3").status_code,
        sign_in(name="somebody@todo.test", address="192.0.2.3").status_code,
    ]

    assert statuses == [429, 429, 200]


def test_another_user_agent_does_not_bypass_the_lock(superuser: User) -> None:
    statuses = [sign_in(HTTP_USER_AGENT=f"Browser {n}").status_code for n in range(LIMIT)]

    assert statuses == [200] * 4 + [429]


def test_a_success_resets_the_failures(superuser: User) -> None:
    fail(LIMIT - 1)

    statuses = [sign_in(PASSWORD).status_code, *(sign_in().status_code for _ in range(4))]

    assert statuses == [302] + [200] * 4


@pytest.mark.parametrize(
    ("proxies", "sent"),
    [
        (0, "198.51.100.{n}"),  # no trusted proxy: the header is ignored
        (1, "198.51.100.{n}, 203.0.113.7"),  # the proxy's own entry is the last
        (2, "198.51.100.{n}, 203.0.113.7, 10.0.0.1"),
    ],
)
def test_a_forged_address_does_not_bypass_the_lock(
    superuser: User, settings: Any, proxies: int, sent: str
) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}

    statuses = [sign_in(HTTP_X_FORWARDED_FOR=sent.format(n=n)).status_code for n in range(LIMIT)]

    assert statuses == [200] * 4 + [429]


def test_a_client_without_an_address_is_counted(superuser: User) -> None:
    assert [sign_in(address="").status_code for _ in range(LIMIT)] == [200] * 4 + [429]


def test_typed_names_and_passwords_are_not_stored_or_logged(
    superuser: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.handler.addFilter(lambda record: not record.name.startswith("django.db"))
    browser = Client(enforce_csrf_checks=True)
    token = re.search(TOKEN, browser.get("/admin/login/").content)
    assert token
    typed = [EMAIL, PASSWORD, "gu3ssed", "a-password-in-the-wrong-field", token[1].decode()]

    for name in (typed[0], typed[3]):
        form = {"username": name, "password": typed[2], "csrfmiddlewaretoken": typed[4]}
        browser.post("/admin/login/", form)
    kept = str(list(AccessAttempt.objects.values()))
    sign_in(PASSWORD)
    kept += str(list(AccessAttempt.objects.values()) + list(AccessLog.objects.values()))

    assert "'failures_since_start': 1" in kept
    assert "Admin sign-in" in caplog.text
    assert [text for text in typed if text in kept or text in caplog.text] == []


def test_each_attempt_is_one_line_in_the_log(
    superuser: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "operations")  # the lines of requests
    caplog.set_level(logging.INFO, "accounts")

    for password in (PASSWORD, *["a wrong password"] * LIMIT, PASSWORD):
        sign_in(password)

    names = {name for line in caplog.messages for name in re.findall(r"name (\w{32})", line)}
    assert len(names) == 1
    tried_from = f"name {names.pop()}, address 192.0.2.1"
    assert caplog.messages == [
        f"Admin sign-in: user {superuser.pk}, address 192.0.2.1",
        *[f"Admin sign-in failed: {tried_from}"] * 4,
        *[f"Admin sign-in locked: {tried_from}"] * 2,
    ]


def test_a_failed_sign_in_is_a_refusal_in_the_statistics(
    superuser: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "operations.middleware"):
        sign_in()
        sign_in(PASSWORD)

    lines: list[Any] = [line for line in caplog.records if line.name == "operations.middleware"]
    assert [line.fields.get("refusal") for line in lines] == ["admin_sign_in", None]


def test_the_log_in_of_the_api_is_not_counted(superuser: User, anonymous: APIClient) -> None:
    response = anonymous.post("/api/auth/login", {"email": EMAIL, "password": "a wrong password"})

    assert response.status_code == 401
    assert not AccessAttempt.objects.exists()


@pytest.mark.slow
def test_workers_share_locks_at_a_custom_admin_path(superuser: User, serve: Serve) -> None:
    variables = {"ADMIN_PATH": "back-office", "TRUSTED_PROXY_COUNT": "1"}
    services = [serve("--workers", "1", **variables) for _ in range(2)]

    def ask(number: int, method: str, target: str, body: bytes = b"", **headers: Any) -> Response:
        raw = request(method, target, body, x_forwarded_for="192.0.2.1", **headers)
        return send(services[number % 2], raw)

    form = ask(0, "GET", "/back-office/login/")
    token = re.search(TOKEN, form.body)
    assert token
    body = b"username=operator@todo.test&password=wrong&csrfmiddlewaretoken=" + token[1]
    headers: dict[str, Any] = {
        "cookie": form.headers["set-cookie"].partition(";")[0],
        "content_type": "application/x-www-form-urlencoded",
    }
    tries = [ask(number, "POST", "/back-office/login/", body, **headers) for number in range(LIMIT)]

    assert [response.status for response in tries] == [200] * 4 + [429]
    assert 1790 < int(tries[-1].headers["retry-after"]) <= 1800
    short = ask(0, "GET", "/back-office")
    assert (short.status, short.headers["location"]) == (302, "/back-office/")
    assert [ask(0, "GET", path).status for path in ("/admin", "/admin/login/")] == [404, 404]


# --- Sessions -------------------------------------------------------------------------------------


def test_a_session_ends_after_eight_hours_and_with_the_browser(
    superuser: User, clock: time_machine.Traveller
) -> None:
    browser = Client()
    browser.post("/admin/login/", {"username": EMAIL, "password": PASSWORD})
    cookie = browser.cookies["sessionid"]

    clock.shift(timedelta(hours=8, seconds=-1))
    before = browser.get("/admin/").status_code
    clock.shift(1)
    after = browser.get("/admin/").status_code

    assert (cookie["max-age"], cookie["expires"], cookie["httponly"]) == ("", "", True)
    assert (before, after) == (200, 302)


def test_a_new_password_ends_all_sessions(superuser: User) -> None:
    browser = Client()
    browser.post("/admin/login/", {"username": EMAIL, "password": PASSWORD})
    before = browser.get("/admin/").status_code

    superuser.set_password("another horse battery")
    superuser.save()

    assert (before, browser.get("/admin/").status_code) == (200, 302)
    assert not Session.objects.exists()


@pytest.mark.parametrize("key", [r'"abcdefgh\000"', r'"abcdefgh\200"', "\u00e9" * 32, "A" * 5000])
def test_a_malformed_session_cookie_is_ignored(superuser: User, key: str) -> None:
    cookie = {"Cookie": f"sessionid={key}"}

    form = Client().get("/admin/login/", headers=cookie)
    front = Client().get("/admin/", headers=cookie)

    assert (form.status_code, front.status_code) == (200, 302)
