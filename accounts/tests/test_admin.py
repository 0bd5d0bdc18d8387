"""Operators find people, look at them, suspend them. Nobody else gets in."""

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from conftest import client_of

PEOPLE = "/admin/accounts/user/"
EMAIL, PASSWORD = "operator@todo.test", "correct horse battery"


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser(EMAIL, PASSWORD)


@pytest.fixture
def operator(boss: User) -> Client:
    client = Client()
    client.force_login(boss)
    return client


def page_of(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[quote(user.pk)])


def test_an_operator_signs_in_with_email_and_password(boss: User) -> None:
    client = Client()

    wrong = client.post("/admin/login/", {"username": EMAIL, "password": "wrong password"})
    right = client.post(
        "/admin/login/?next=/admin/", {"username": EMAIL.upper(), "password": PASSWORD}
    )

    assert wrong.status_code == 200
    assert (right.status_code, right.headers["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_every_list_opens(operator: Client, model: type) -> None:
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")  # type: ignore[attr-defined]

    assert operator.get(url).status_code == 200
    assert operator.get(url, {"q": "x' %\"\\"}).status_code == 200


def test_the_list_shows_people_without_a_query_for_each(operator: Client, alice: User) -> None:
    with CaptureQueriesContext(connection) as few:
        first = operator.get(PEOPLE)
    for number in range(20):
        User.objects.create(id=f"person-{number}", password="!")
    with CaptureQueriesContext(connection) as many:
        second = operator.get(PEOPLE)

    assert (first.status_code, second.status_code) == (200, 200)
    assert b"alice@todo.test" in first.content
    assert len(few) == len(many)
    counting = [query["sql"] for query in many if "COUNT(*)" in query["sql"]]
    assert counting
    assert all("LIMIT 10000" in sql for sql in counting)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("q=alice-Zk3xQ9", 1),
        ("q=ALICE-ZK3XQ9", 0),
        ("q=Alice@", 1),
        ("q=lice", 0),
        ("q=%25", 0),
        ("is_active__exact=0", 0),
        ("is_staff__exact=1", 1),
        ("o=-7.1", 3),
    ],
)
def test_people_are_searched_and_filtered(
    operator: Client, alice: User, bob: User, query: str, count: int
) -> None:
    response = operator.get(f"{PEOPLE}?{query}")

    assert response.status_code == 200
    assert len(response.context["cl"].result_list) == count


@pytest.mark.parametrize("user_id", ["alice-Zk3xQ9", "a b", "100%", "a/b_2F", "ünï-🎉", '"quoted"'])
def test_the_page_of_a_person_opens_and_shows_no_password(operator: Client, user_id: str) -> None:
    user = User.objects.sign_up("z@todo.test", PASSWORD, id=user_id)

    response = operator.get(page_of(user))

    assert response.status_code == 200
    assert b"z@todo.test" in response.content
    assert b"argon2" not in response.content
    assert operator.get(page_of(user).replace("/change/", "/history/")).status_code == 200


def test_identity_is_read_only(operator: Client, alice: User) -> None:
    before = User.objects.values().get(pk=alice.pk)
    sent = {
        "id": "another", "email": "another@todo.test", "name": "Another", "password": "x",
        "date_joined_0": "2001-01-01", "date_joined_1": "00:00", "is_staff": "on",
    }  # fmt: skip

    response = operator.post(page_of(alice), sent)

    after = User.objects.values().get(pk=alice.pk)
    assert response.status_code == 302
    assert after == {**before, "is_staff": True, "is_active": False}
    assert User.objects.count() == 2


def test_people_are_neither_added_nor_given_passwords(operator: Client, alice: User) -> None:
    form = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    password_page = page_of(alice).replace("/change/", "/password/")

    operator.post(password_page, form, follow=True)

    assert operator.get(f"{PEOPLE}add/").status_code == 403
    assert not User.objects.get(pk=alice.pk).has_usable_password()


def test_suspending_takes_effect_on_the_next_request(
    operator: Client, alice: User, bob: User
) -> None:
    hers, his = client_of(alice.pk), client_of(bob.pk)
    chosen = {"_selected_action": [alice.pk]}

    suspended = operator.post(PEOPLE, {"action": "suspend", **chosen}, follow=True)
    while_suspended = [hers.get("/api/tasks").status_code, his.get("/api/tasks").status_code]
    reactivated = operator.post(PEOPLE, {"action": "reactivate", **chosen}, follow=True)
    afterwards = hers.get("/api/tasks").status_code

    assert b"1 suspended" in suspended.content
    assert while_suspended == [403, 200]
    assert b"1 reactivated" in reactivated.content
    assert afterwards == 200


@pytest.mark.parametrize("kind", ["anonymous", "account", "suspended operator", "staff"])
@pytest.mark.parametrize("path", [PEOPLE, "/admin/tasks/task/", "/admin/auth/group/"])
def test_nobody_else_gets_in(boss: User, kind: str, path: str) -> None:
    client = Client()
    if kind != "anonymous":
        client.force_login(boss)
        User.objects.update(
            is_superuser=kind == "suspended operator",
            is_staff=kind != "account",
            is_active=kind != "suspended operator",
        )

    response = client.get(path)

    if kind == "staff":  # without any permission
        assert response.status_code == 403
    else:
        assert (response.status_code, response.headers["Location"]) == (
            302,
            f"/admin/login/?next={path}",
        )


def test_a_token_opens_no_admin(alice: User, as_alice: APIClient) -> None:
    User.objects.update(is_staff=True, is_superuser=True)

    assert as_alice.get(PEOPLE).status_code == 302
