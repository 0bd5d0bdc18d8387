"""The admin's pages of users: finding and viewing them. Only operators have access."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags
from rest_framework.test import APIClient

from accounts.models import User

USERS = "/admin/accounts/user/"
EMAIL, PASSWORD = "operator@todo.test", "correct horse battery"


@pytest.fixture
def superuser(db: None) -> User:
    return User.objects.create_superuser(EMAIL, PASSWORD)


@pytest.fixture
def operator(superuser: User) -> Client:
    client = Client()
    client.force_login(superuser)
    return client


def page_of(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[quote(user.pk)])


def test_an_operator_signs_in_with_email_and_password(superuser: User) -> None:
    client = Client()

    wrong = client.post("/admin/login/", {"username": EMAIL, "password": "wrong password"})
    right = client.post(
        "/admin/login/?next=/admin/", {"username": EMAIL.upper(), "password": PASSWORD}
    )

    assert wrong.status_code == 200
    assert (right.status_code, right.headers["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_every_list_responds(operator: Client, model: type) -> None:
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")  # type: ignore[attr-defined]  # a model has them

    assert operator.get(url).status_code == 200
    assert operator.get(url, {"q": "x' %\"\\"}).status_code == 200


def test_the_list_has_a_constant_number_of_queries(operator: Client, alice: User) -> None:
    with CaptureQueriesContext(connection) as few:
        first = operator.get(USERS)
    for number in range(20):
        User.objects.create(id=f"person-{number}", password="!")
    with CaptureQueriesContext(connection) as many:
        second = operator.get(USERS)

    assert (first.status_code, second.status_code) == (200, 200)
    assert b"alice@todo.test" in first.content
    assert len(few) == len(many)
    counting = [query["sql"] for query in many if "COUNT(*)" in query["sql"]]
    assert counting
    assert all("LIMIT 10001" in sql for sql in counting)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("q=alice-Zk3xQ9", 1),
        ("q=alice-Zk", 1),
        ("q=alice-Z%E2%80%A6", 0),
        ("q=alice-Zk%E2%80%A6", 1),
        ("q=alice-Z_", 0),
        ("q=ALICE-ZK3XQ9", 0),
        ("q=Alice@", 1),
        ("q=Alic", 1),
        ("q=lice", 0),
        ("q=doe", 1),
        ("q=DOE+al", 1),
        ("q=Alice+Bob", 0),
        ("q=o%27hara", 1),
        ("q=jean-luc", 1),
        ("q=z%C3%A9", 1),
        ("q=the", 0),
        ("q=%26+%7C+%21+%3A%2A+%28", 0),
        (f"q={'x' * 5_000}", 0),
        (f"q={'x+' * 1_000}", 0),
        ("q=%25", 0),
        ("q=+bob%40todo.test+", 1),
        ("status=active", 3),
        ("status=suspended", 0),
        ("status=erased", 0),
        ("is_active__exact=0", 0),
        ("is_staff__exact=1", 1),
        ("date_joined__gte=2001-01-01T00:00Z", 3),
        ("last_seen_at__gte=2001-01-01T00:00Z", 0),
        ("o=-3.4", 3),
    ],
)
def test_users_are_searched_and_filtered(
    operator: Client, alice: User, bob: User, query: str, count: int
) -> None:
    User.objects.filter(pk=alice.pk).update(name="Alice von Doe")
    User.objects.filter(pk=bob.pk).update(name="Jean-Luc Zé O'Hara")

    response = operator.get(f"{USERS}?{query}")

    assert response.status_code == 200
    assert len(response.context["cl"].result_list) == count


@pytest.mark.parametrize(
    ("name", "email", "title"),
    [
        ("Alice Doe", "a@todo.test", "Alice Doe (a@todo.test)"),
        ("Alice Doe", "", "Alice Doe"),
        ("", "a@todo.test", "a@todo.test"),
        ("", "", "User without a name"),
        ("<b>", "", "&lt;b&gt;"),
    ],
)
def test_the_page_of_a_user_is_titled_with_name_and_email(
    operator: Client, name: str, email: str, title: str
) -> None:
    user = User.objects.create(id="user-77", name=name, email=email, password="!")

    page = operator.get(page_of(user)).content.decode()

    assert f"<title>{title} | Todo API</title>" in page
    assert f"<h1>{title}</h1>" in page
    assert "<h2>user-77</h2>" in page
    assert f"&rsaquo; {title}</div>" in page


@pytest.mark.parametrize("user_id", ["alice-Zk3xQ9", "a b", "100%", "a/b_2F", "ünï-🎉", '"quoted"'])
def test_the_page_of_a_user_responds_and_shows_no_password(operator: Client, user_id: str) -> None:
    user = User.objects.sign_up("z@todo.test", PASSWORD, id=user_id)

    response = operator.get(page_of(user))

    assert response.status_code == 200
    assert b"z@todo.test" in response.content
    assert b"argon2" not in response.content
    history = operator.get(page_of(user).replace("/change/", "/history/"))
    assert history.status_code == 200
    assert b"<h1>History: z@todo.test</h1>" in history.content
    assert b"<title>History: z@todo.test | Todo API</title>" in history.content
    assert b'/change/">z@todo.test</a> &rsaquo; History' in history.content
    assert b"No operator has done anything to this user yet." in history.content


def test_identity_is_read_only(operator: Client, alice: User) -> None:
    before = User.objects.values().get(pk=alice.pk)
    sent = {
        "id": "another", "email": "another@todo.test", "name": "Another", "password": "x",
        "date_joined_0": "2001-01-01", "date_joined_1": "00:00", "is_staff": "on",
        "is_active": "", "reason": "New operator",
    }  # fmt: skip

    response = operator.post(page_of(alice), sent)

    after = User.objects.values().get(pk=alice.pk)
    assert response.status_code == 302
    assert after == {**before, "is_staff": True}
    assert User.objects.count() == 2


def test_users_cannot_be_added_or_given_passwords(operator: Client, alice: User) -> None:
    form = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    password_page = page_of(alice).replace("/change/", "/password/")

    operator.post(password_page, form, follow=True)

    assert operator.get(f"{USERS}add/").status_code == 403
    assert not User.objects.get(pk=alice.pk).has_usable_password()


def test_users_cannot_be_deleted(operator: Client, alice: User) -> None:
    page = page_of(alice).replace("/change/", "/delete/")

    responses = [operator.get(page), operator.post(page, {"post": "yes"})]
    chosen = {"action": "delete_selected", "_selected_action": [alice.pk], "post": "yes"}
    operator.post(USERS, chosen)

    assert [response.status_code for response in responses] == [403, 403]
    assert User.objects.filter(pk=alice.pk).exists()


# --- Queries for a million users ------------------------------------------------------------------

MANY = """
INSERT INTO accounts_user
    (id, password, email, name, is_active, is_staff, is_superuser, date_joined, last_seen_at)
SELECT 'person-' || i, '!', 'person' || i || '@todo.test', 'Demo Number' || i,
    i % 1000 > 0, i % 2000 = 0, false,
    now() - i * interval '1 hour', now() - i * interval '1 minute'
FROM generate_series(1, 20000) AS i
"""


@pytest.fixture
def many(operator: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute(MANY)
        cursor.execute("ANALYZE accounts_user")


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "accounts_user_joined"),
        ("q=per-77", "(id = 'per-77'::text)"),
        ("q=person-77", "'person-77'::text)"),
        ("q=Person77", "accounts_user_email_prefix"),
        ("q=number77", "accounts_user_name_words"),
        ("q=nobody", "accounts_user_name_words"),
        ("status=active", "accounts_user_joined"),
        ("status=suspended", "accounts_user_inactive"),
        ("status=erased", "accounts_user_inactive"),
        ("is_staff__exact=1", "accounts_user_staff"),
        ("last_seen_at__gte=2999-01-01T00:00Z", "accounts_user_last_seen"),
        ("o=4", "accounts_user_joined"),
    ],
)
def test_the_list_reads_an_index(operator: Client, query: str, index: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        operator.get(f"{USERS}?{query}")

    row_queries = [query["sql"] for query in queries if "ORDER BY" in query["sql"]]
    plan = explain(row_queries[-1])
    assert index in plan
    assert "Seq Scan" not in plan


@pytest.mark.usefixtures("many")
def test_a_search_does_not_look_for_its_users_among_the_newest(operator: Client) -> None:
    with connection.cursor() as cursor:
        # PostgreSQL then uses the index of `date_joined` wherever it can.
        cursor.execute("SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as queries:
        page = operator.get(f"{USERS}?q=nobody")

    row_queries = [query["sql"] for query in queries if "ORDER BY" in query["sql"]]
    assert "accounts_user_joined" not in explain(row_queries[-1])
    assert page.context["cl"].sortable_by == ()
    assert operator.get(USERS).context["cl"].sortable_by == ("date_joined",)


def explain(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.usefixtures("many")
def test_the_list_shows_that_its_count_is_limited(operator: Client) -> None:
    all_users = words(operator.get(USERS))
    demo = words(operator.get(f"{USERS}?q=demo"))
    few = words(operator.get(f"{USERS}?q=person77"))

    for page in (all_users, demo):
        assert "more than 10,000 results" in page
        assert "more than 10,000 users" in page
        assert "Select all" not in page
    assert "111 results" in few
    assert "111 users" in few
    assert "Select all 111 users" in few


def words(response: Any) -> str:
    """Returns the text of a page, without tags and line breaks."""
    return " ".join(strip_tags(response.content.decode()).split())


@pytest.mark.parametrize("kind", ["anonymous", "account", "suspended operator", "staff"])
@pytest.mark.parametrize("path", [USERS, "/admin/tasks/task/", "/admin/auth/group/"])
def test_other_users_have_no_access(superuser: User, kind: str, path: str) -> None:
    client = Client()
    if kind != "anonymous":
        client.force_login(superuser)
        User.objects.update(
            is_superuser=kind == "suspended operator",
            is_staff=kind != "account",
            is_active=kind != "suspended operator",
        )

    response = client.get(path)

    if kind == "staff":  # has no permission
        assert response.status_code == 403
    else:
        assert (response.status_code, response.headers["Location"]) == (
            302,
            f"/admin/login/?next={path}",
        )


def test_a_token_gives_no_access_to_the_admin(alice: User, as_alice: APIClient) -> None:
    User.objects.update(is_staff=True, is_superuser=True)

    assert as_alice.get(USERS).status_code == 302
