"""Export and erasure of a user's own data over the API."""

import json
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts import personal_data
from accounts.models import User
from accounts.tests.key_server import KeyServer
from accounts.tests.libpq_trace import sent_messages
from conftest import ALICE, client_of, make_task
from tasks.models import SyncState, Task

ME = ["/api/me", "/api/auth/me", "/api/users/me"]


def moment(value: Any) -> str:
    return str(value.isoformat().replace("+00:00", "Z"))


# --- Export ---------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("path", ME)
@time_machine.travel("2026-11-20T12:00:00Z", tick=False)
def test_an_export_has_all_data_of_the_user_and_no_other(
    alice: User,
    bob: User,
    path: str,
    slash: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    User.objects.update(last_seen_at=timezone.now())
    alice.refresh_from_db()
    client = client_of(ALICE)
    make_task(bob, "Not hers")
    make_task(bob, "Not hers either", deleted_at=timezone.now())
    hers = client.get(f"/api/tasks/{make_task(alice, description='Both').pk}").json()
    make_task(alice, "In the trash", deleted_at=timezone.now())
    (trashed,) = client.get("/api/tasks?deleted=true").json()
    kept = client.post("/api/tasks", {"title": "Once"}, HTTP_IDEMPOTENCY_KEY="k").json()

    client.post("/api/me/calendar")

    # The user; ids and then rows of the tasks, of the idempotency records, of the calendar feed.
    with django_assert_num_queries(7):
        response: Any = client.get(f"{path}/export{slash}")
        document = json.loads(response.getvalue())

    assert response.status_code == 200
    assert response["Content-Disposition"] == 'attachment; filename="todo-export-2026-11-20.json"'
    assert response["Cache-Control"] == "no-store"
    assert trashed["deleted_at"] == "2026-11-20T12:00:00Z"
    document["tasks"].sort(key=lambda task: task["title"], reverse=True)
    assert document == {
        "user": {
            "id": ALICE,
            "email": alice.email,
            "name": alice.name,
            "created_at": moment(alice.date_joined),
            "last_seen_at": moment(alice.last_seen_at),
        },
        "tasks": [hers, kept, trashed],
        "idempotency_records": [
            {"key": "k", "status": 201, "body": kept, "created_at": "2026-11-20T12:00:00Z"}
        ],
        "calendar_feeds": [{"created_at": "2026-11-20T12:00:00Z"}],
    }


@pytest.mark.django_db
def test_the_export_of_the_user_and_of_an_operator_are_the_same(
    alice: User, as_alice: APIClient
) -> None:
    for title in ("One", "Two"):
        as_alice.post("/api/tasks", {"title": title}, HTTP_IDEMPOTENCY_KEY=title)
    as_alice.post("/api/me/calendar")

    document = export_of(as_alice)
    lines = json.loads(json.dumps(list(personal_data.export(User.objects.get()))))

    assert lines == [
        {"user": document["user"]},
        *({"task": task} for task in document["tasks"]),
        *({"idempotency_record": record} for record in document["idempotency_records"]),
        *({"calendar_feed": feed} for feed in document["calendar_feeds"]),
    ]


@pytest.mark.django_db(transaction=True)
def test_an_export_is_read_with_the_identity_of_the_user(alice: User, bob: User) -> None:
    make_task(bob)

    with sent_messages() as messages:
        document = export_of(client_of(ALICE))

    assert document["tasks"] == []
    reads = [message for message in messages if "tasks_task" in message]
    assert len(reads) == 1
    assert f"SELECT todo_become('{ALICE}'); " in reads[0]


@pytest.mark.django_db
def test_an_export_in_batches_has_every_row_once(
    alice: User, as_alice: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personal_data, "EXPORTED_AT_ONCE", 2)
    ids = [str(make_task(alice, str(number)).pk) for number in range(5)]

    document = export_of(as_alice)

    assert [task["id"] for task in document["tasks"]] == ids[::-1]


@pytest.mark.django_db(transaction=True)
def test_the_identity_is_reset_between_the_parts_of_an_export(alice: User) -> None:
    make_task(alice)

    response: Any = client_of(ALICE).get("/api/me/export")
    for _ in response.streaming_content:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, current_setting('app.user_id', true)")
            role, user = cursor.fetchone()
        assert (role != "todo_user", user or "") == (True, "")


@pytest.mark.django_db
def test_head_of_an_export_returns_only_headers(as_alice: APIClient) -> None:
    response = as_alice.head("/api/me/export")

    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


def export_of(client: APIClient) -> Any:
    response: Any = client.get("/api/me/export")
    assert response.status_code == 200
    return json.loads(response.getvalue())


MISSING = "Email is required: type your own to confirm that everything of yours is erased"

# --- Erasure --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("path", ME)
def test_a_user_is_erased_after_confirming_with_the_email(
    alice: User, bob: User, path: str, slash: str
) -> None:
    client = client_of(ALICE)
    make_task(alice)
    make_task(alice, deleted_at=timezone.now())
    his = make_task(bob)

    response = client.delete(path + slash, {"email": " ALICE@todo.test"})
    afterwards = [
        client.get("/api/tasks"),
        client.get(path),
        client.get(f"{path}/export"),
        client.delete(path, {"email": "alice@todo.test"}),
        client.post("/api/tasks", {"title": "Back"}),
    ]

    assert (response.status_code, response.content) == (204, b"")
    assert {(later.status_code, later.json()["code"]) for later in afterwards} == {
        (403, "account_suspended")
    }
    assert Task.objects.get() == his
    assert SyncState.objects.get().user == bob
    row = User.objects.get(pk=ALICE)
    assert (row.email, row.name, row.is_active, row.last_seen_at) == ("", "", False, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, MISSING),
        ({"email": None}, MISSING),
        ({"email": True}, MISSING),
        ({"email": "bob@todo.test"}, "This is not your e-mail; nothing was erased"),
        ({"email": ALICE}, "This is not your e-mail; nothing was erased"),
    ],
)
def test_without_the_own_email_nothing_is_erased(
    alice: User, as_alice: APIClient, body: dict[str, object], message: str
) -> None:
    make_task(alice)

    response = as_alice.delete("/api/me", body)

    assert (response.status_code, response.json()["errors"]) == (400, {"email": [message]})
    assert (Task.objects.count(), User.objects.get().is_active) == (1, True)


@pytest.mark.django_db
def test_an_operator_cannot_be_erased_with_a_token(alice: User, as_alice: APIClient) -> None:
    User.objects.filter(pk=ALICE).update(is_staff=True)

    response = as_alice.delete("/api/me", {"email": "alice@todo.test"})

    assert response.status_code == 403
    assert User.objects.get().erased_at is None


def test_a_user_without_an_email_confirms_with_the_id(alice: User) -> None:
    User.objects.update(email="")
    client = client_of(ALICE, email="")

    wrong = [client.delete("/api/me", {"email": typed}) for typed in ("x", ALICE.upper())]
    right = client.delete("/api/me", {"email": ALICE})

    assert [response.status_code for response in (*wrong, right)] == [400, 400, 204]
    assert wrong[0].json()["detail"] == "This is not your id; nothing was erased"
    assert User.objects.get().erased_at


@pytest.mark.django_db
def test_users_of_a_better_auth_server_can_be_erased(better_auth: KeyServer) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {better_auth.token('Someone')}")
    client.post("/api/tasks", {"title": "Mine"})

    erased = client.delete("/api/me", {"email": "Someone@todo.test"})
    afterwards = client.get("/api/tasks")

    assert (erased.status_code, afterwards.status_code) == (204, 403)
    assert not Task.objects.exists()


@pytest.mark.django_db
def test_a_suspended_user_can_neither_export_nor_erase(alice: User, as_alice: APIClient) -> None:
    User.objects.all().suspend()

    responses = [as_alice.get("/api/me/export"), as_alice.delete("/api/me", {})]

    assert {(response.status_code, response.json()["code"]) for response in responses} == {
        (403, "account_suspended")
    }
    assert User.objects.get().erased_at is None
