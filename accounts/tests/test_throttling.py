"""Limits on sign-up and log-in attempts, by e-mail and by address, counted in PostgreSQL."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Attempts, User
from accounts.tests.conftest import EMAIL, PASSWORD
from accounts.tests.parallel import at_once
from accounts.throttling import PER_ADDRESS, PER_EMAIL, PER_EMAIL_AND_ADDRESS
from conftest import Serve
from todo_api.tests.http import Response, request, send

WINDOW = timedelta(minutes=15)


def log_in(email: str, address: str = "192.0.2.1", **headers: Any) -> Any:
    body = {"email": email, "password": "a wrong password"}
    return APIClient().post("/api/auth/login", body, REMOTE_ADDR=address, **headers)


def exhaust(limit: int) -> None:
    """Sets all counts so far to the limit."""
    Attempts.objects.update(count=limit)


def test_the_eleventh_attempt_for_an_email_from_one_address_is_refused(db: None) -> None:
    spellings = ("alice@todo.test", "Alice@TODO.test", " alice@todo.test ")

    responses = [log_in(spellings[n % 3]) for n in range(PER_EMAIL_AND_ADDRESS + 2)]

    refused = responses[-1]
    assert [response.status_code for response in responses] == [401] * 10 + [429] * 2
    wait = int(refused.headers["Retry-After"])
    assert 0 < wait <= WINDOW.total_seconds()
    assert (refused.json()["code"], refused.json()["error"]) == (
        "rate_limited",
        f"Too many attempts. Expected available in {wait} seconds.",
    )
    assert log_in("bob@todo.test").status_code == 401


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IRIS", "iris"),
        ("\u0130ris", "iris"),
        ("\u0130ris", "i\u0307ris"),
        ("STRA\u1e9eE", "stra\u00dfe"),
        ("\u03a3\u03a3", "\u03c3\u03c2"),
        ("\u212airk", "kirk"),
    ],
)
def test_spellings_are_counted_together_if_they_find_one_account(
    db: None, one: str, other: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower(%s) = lower(%s)", [one, other])
        (is_one_account,) = cursor.fetchone()

    statuses = [log_in(f"{one}@todo.test").status_code for _ in range(PER_EMAIL_AND_ADDRESS)]

    assert statuses == [401] * PER_EMAIL_AND_ADDRESS
    assert log_in(f"{other}@todo.test").status_code == (429 if is_one_account else 401)


def test_one_address_cannot_lock_out_the_owner_of_an_email(
    account: User, anonymous: APIClient
) -> None:
    statuses = {log_in(account.email).status_code for _ in range(2 * PER_EMAIL)}

    body = {"email": account.email, "password": "correct horse battery"}
    owner = anonymous.post("/api/auth/login", body, REMOTE_ADDR="198.51.100.7")

    assert (statuses, owner.status_code) == ({401, 429}, 200)


def test_an_email_has_a_hundred_attempts_from_all_addresses(db: None) -> None:
    log_in("alice@todo.test")
    exhaust(PER_EMAIL - 2)

    attempts = [log_in("alice@todo.test", f"192.0.2.{n}") for n in range(2, 5)]

    assert [response.status_code for response in attempts] == [401, 401, 429]


@pytest.mark.parametrize("rights", [{"is_staff": True}, {"is_superuser": True}])
def test_operators_cannot_log_in_at_the_api(
    account: User, anonymous: APIClient, rights: dict[str, bool]
) -> None:
    User.objects.update(**rights)
    body = {"email": account.email, "password": "correct horse battery"}

    right = anonymous.post("/api/auth/login", body, HTTP_X_REQUEST_ID="same")
    wrong = anonymous.post("/api/auth/login", {**body, "password": "x"}, HTTP_X_REQUEST_ID="same")

    assert right.status_code == 401
    assert right.content == wrong.content


def test_the_right_password_is_refused_as_well(account: User, anonymous: APIClient) -> None:
    log_in(account.email, "127.0.0.1")
    exhaust(PER_EMAIL_AND_ADDRESS)

    body = {"email": account.email, "password": "correct horse battery"}

    assert anonymous.post("/api/auth/login", body).status_code == 429


def test_an_address_has_a_hundred_attempts_for_all_emails(db: None) -> None:
    log_in("alice@todo.test")
    exhaust(PER_ADDRESS - 1)

    statuses = [
        log_in("bob@todo.test").status_code,
        log_in("nobody@todo.test").status_code,
        log_in("nobody@todo.test", "192.0.2.2").status_code,
    ]

    assert statuses == [401, 429, 401]


def test_sign_up_is_limited_and_counted_separately(db: None, anonymous: APIClient) -> None:
    body = {"email": "alice@todo.test", "password": "correct horse battery"}
    log_in("alice@todo.test", "127.0.0.1")
    exhaust(PER_ADDRESS)

    first = anonymous.post("/api/auth/signup", body)
    exhaust(PER_ADDRESS)
    second = anonymous.post("/api/auth/signup", {**body, "email": "bob@todo.test"})

    assert (first.status_code, second.status_code) == (201, 429)
    assert second.json()["code"] == "rate_limited"


def test_invalid_bodies_are_not_counted(db: None, anonymous: APIClient) -> None:
    anonymous.post("/api/auth/signup", {"email": "alice@todo.test", "password": "short"})
    anonymous.post("/api/auth/login", {"email": "alice@todo.test"})

    assert not Attempts.objects.exists()


def test_the_window_ends(db: None) -> None:
    log_in("alice@todo.test")
    exhaust(PER_ADDRESS)
    refused = log_in("alice@todo.test")
    Attempts.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    again = log_in("alice@todo.test")

    assert (refused.status_code, again.status_code) == (429, 401)
    assert list(Attempts.objects.values_list("count", flat=True)) == [1, 1, 1]


def test_attempts_do_not_extend_the_window(db: None) -> None:
    log_in("alice@todo.test")
    before = set(Attempts.objects.values_list("expires_at", flat=True))

    log_in("alice@todo.test")

    assert set(Attempts.objects.values_list("expires_at", flat=True)) == before
    assert all(
        timedelta() < end - timezone.now() <= WINDOW + timedelta(seconds=5) for end in before
    )


def test_neither_emails_nor_addresses_are_stored(db: None) -> None:
    log_in("alice@todo.test", "192.0.2.77")

    keys = Attempts.objects.values_list("key", flat=True)
    assert [bool(re.fullmatch("[0-9a-f]{64}", key)) for key in keys] == [True] * 3


def test_concurrent_attempts_are_all_counted(transactional_db: None) -> None:
    waits = at_once(*[lambda: Attempts.objects.seconds_over("key", 5, WINDOW)] * 20)

    assert len([wait for wait in waits if wait == 0]) == 5
    # now() is the start of a statement: one that began before the first counted one sees more time
    # left.
    assert all(0 < wait < 2 * WINDOW.total_seconds() for wait in waits if wait)
    assert Attempts.objects.get().count == 20


@pytest.mark.parametrize(
    ("proxies", "forwarded", "counted_together"),
    [
        (0, ("198.51.100.1", "198.51.100.2"), True),  # no trusted proxy: the header is ignored
        (1, ("198.51.100.1", "198.51.100.2"), False),
        (1, ("198.51.100.1", "8.8.8.8, 198.51.100.1"), True),  # only the proxy's entry counts
        (2, ("198.51.100.1, 10.0.0.1", "198.51.100.2, 10.0.0.1"), False),
        (2, ("8.8.8.8, 198.51.100.1, 10.0.0.1", "198.51.100.1, 10.0.0.2"), True),
    ],
)
def test_a_forwarded_address_counts_only_from_trusted_proxies(
    db: None, settings: Any, proxies: int, forwarded: tuple[str, str], counted_together: bool
) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
    log_in("alice@todo.test", HTTP_X_FORWARDED_FOR=forwarded[0])
    exhaust(PER_ADDRESS)

    response = log_in("bob@todo.test", HTTP_X_FORWARDED_FOR=forwarded[1])

    assert response.status_code == (429 if counted_together else 401)


@pytest.mark.slow
def test_counts_are_shared_by_processes_and_survive_restarts(serve: Serve) -> None:
    addresses = [serve("--workers", "1", TRUSTED_PROXY_COUNT="1") for _ in range(2)]

    def attempt(number: int) -> Response:
        body = json.dumps({"email": "alice@todo.test", "password": "a wrong password"}).encode()
        headers: dict[str, Any] = {
            "content_type": "application/json",
            "x_forwarded_for": "192.0.2.1",
            "x_forwarded_proto": "https",
        }
        raw = request("POST", "/api/auth/login", body, **headers)
        return send(addresses[number % 2], raw)

    responses = [attempt(number) for number in range(PER_EMAIL_AND_ADDRESS + 1)]
    addresses[:] = [serve("--workers", "1", TRUSTED_PROXY_COUNT="1")] * 2
    responses.append(attempt(1))

    assert [response.status for response in responses] == [401] * 10 + [429] * 2
    assert int(responses[-1].headers["retry-after"]) > 0


def test_successful_sign_ins_are_not_limited(account: User, anonymous: APIClient) -> None:
    statuses = [
        anonymous.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD}).status_code
        for _ in range(12)
    ]

    assert statuses == [200] * 12


def test_a_sign_in_resets_the_count_from_all_addresses(account: User, anonymous: APIClient) -> None:
    log_in(EMAIL, "192.0.2.1")
    exhaust(PER_EMAIL - 1)
    anonymous.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD})

    statuses = [log_in(EMAIL, f"198.51.100.{n}").status_code for n in range(3)]

    assert statuses == [401] * 3


def test_an_ipv6_network_of_64_bits_is_one_address(db: None) -> None:
    log_in("alice@todo.test", "2001:db8:1:2::1")
    exhaust(PER_ADDRESS)

    statuses = [
        log_in("bob@todo.test", address).status_code
        for address in ("2001:db8:1:2::2", "2001:db8:1:3::2")
    ]

    assert statuses == [429, 401]
