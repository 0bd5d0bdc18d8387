"""Isolation of users over the API: it holds even where a view lacks its filter or permission."""

import json
import logging
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import include, path
from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from accounts.identity import NoIdentity
from accounts.models import User
from accounts.tests.libpq_trace import sent_messages
from conftest import ALICE, client_of, make_task, token_for
from tasks.models import Task
from tasks.querysets import TaskQuerySet
from todo_api.web.views import compiled

# method, path below /api, body: each operation once
OPERATIONS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "/tasks", None),
    ("POST", "/tasks", {"title": "New"}),
    ("GET", "/tasks/{id}", None),
    ("PUT", "/tasks/{id}", {"title": "Changed"}),
    ("PATCH", "/tasks/{id}", {"title": "Changed"}),
    ("PATCH", "/tasks/{id}", {"time_zone": "Europe/Berlin"}),
    ("POST", "/tasks/{id}/complete", None),
    ("PATCH", "/tasks/{id}/toggle", {"completed": True}),
    ("DELETE", "/tasks/{id}", None),
    ("DELETE", "/tasks/{id}?forever=true", None),
    ("GET", "/tags", None),
    ("PATCH", "/tags/{tag}", {"name": "Changed"}),
    ("DELETE", "/tags/{tag}", None),
]
REPEATING: Any = {
    "tags": ["secret"],
    "due_date": date(2026, 12, 1),
    "repeat": {"rule": "FREQ=DAILY", "from": "due"},
}


def call(client: APIClient, method: str, below: str, body: Any, task: Task) -> Any:
    target = "/api" + below.replace("{id}", str(task.pk)).replace("{tag}", "secret")
    data = "" if body is None else json.dumps(body)
    return client.generic(method, target, data, content_type="application/json")


# --- A missing filter -----------------------------------------------------------------------------


@pytest.fixture
def missing_filter(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def all_tasks(self: TaskQuerySet, user: Any) -> TaskQuerySet:
        return self.all()

    monkeypatch.setattr(TaskQuerySet, "owned_by", all_tasks)
    compiled.cache_clear()
    yield
    compiled.cache_clear()


@pytest.mark.usefixtures("missing_filter")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("method", "below", "body"), [*OPERATIONS, ("GET", "/tasks?limit=5", None)]
)
def test_without_the_filter_tasks_of_other_users_are_neither_read_nor_changed(
    method: str, below: str, body: Any, alice: User, as_bob: APIClient
) -> None:
    task = make_task(alice, "Only Alice knows", **REPEATING)
    before = Task.objects.values().get()

    response = call(as_bob, method, below, body, task)

    assert b"Only Alice knows" not in response.content
    assert b"secret" not in response.content
    one = "{" in below
    assert response.status_code == (404 if one else {"GET": 200, "POST": 201}[method])
    assert Task.objects.filter(user=alice).values().get() == before


@pytest.mark.usefixtures("missing_filter")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("method", "below", "status"),
    [
        ("GET", "/tasks?deleted=true", 200),
        ("POST", "/tasks/{id}/restore", 404),
        ("DELETE", "/tasks/{id}?forever=true", 404),
        ("DELETE", "/tags/{tag}", 404),
    ],
)
def test_without_the_filter_the_trash_of_other_users_is_neither_read_nor_changed(
    method: str, below: str, status: int, alice: User, as_bob: APIClient
) -> None:
    task = make_task(alice, "Only Alice knows", deleted_at=timezone.now(), **REPEATING)
    before = Task.objects.values().get()

    response = call(as_bob, method, below, None, task)

    assert (response.status_code, b"Only" in response.content) == (status, False)
    assert Task.objects.values().get() == before


# --- A missing permission -------------------------------------------------------------------------


class WithoutPermission(APIView):
    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        return Response(Task.objects.count())


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Task.objects.count())


def streaming(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(str(title) for title in Task.objects.values_list("title"))


urlpatterns = [
    path("api/without-permission", WithoutPermission.as_view()),
    path("api/plain", plain),
    path("api/streaming", streaming),
    path("", include("todo_api.urls")),
]


@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
def test_a_view_without_a_permission_returns_500_and_sends_no_query(
    alice: User, anonymous: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    make_task(alice)

    with sent_messages() as messages, caplog.at_level(logging.ERROR):
        response = anonymous.get("/api/without-permission")

    assert (response.status_code, messages) == (500, [])
    assert "NoIdentity" in caplog.text


@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/api/plain", "/api/streaming"])
def test_a_plain_django_view_and_a_stream_raise_no_identity(address: str) -> None:
    with sent_messages() as messages, pytest.raises(NoIdentity):
        client_of(ALICE).get(address)

    assert messages == []


# --- No database before a token is accepted -------------------------------------------------------


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        token_for(ALICE, secret="another-secret-of-sufficient-length-0123456789"),
        token_for(ALICE, exp=1),
        token_for(""),
    ],
    ids=["none", "nonsense", "another key", "expired", "no subject"],
)
def test_a_refused_token_needs_no_database(token: str) -> None:
    # Without the `db` fixture any query would raise.
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}

    for method in ("GET", "POST", "DELETE"):
        assert APIClient().generic(method, "/api/tasks", **headers).status_code == 401  # type: ignore[arg-type]  # headers by keyword


# --- Suspension -----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("method", "below", "body"), OPERATIONS)
def test_suspension_applies_to_the_next_request(
    method: str, below: str, body: Any, alice: User
) -> None:
    task, client = make_task(alice, "Kept", **REPEATING), client_of(ALICE)
    assert client.get("/api/tasks").status_code == 200
    User.objects.update(is_active=False)
    before = Task.objects.values().get()

    response = call(client, method, below, body, task)

    assert (response.status_code, response.json()["code"]) == (403, "account_suspended")
    assert b"Kept" not in response.content
    assert Task.objects.values().get() == before
    User.objects.update(is_active=True)
    assert client.get("/api/tasks").json()[0]["title"] == "Kept"


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "below", "body"), OPERATIONS)
def test_suspension_applies_inside_a_transaction(
    method: str, below: str, body: Any, alice: User
) -> None:
    task = make_task(alice, "Kept", **REPEATING)
    User.objects.update(is_active=False)

    with sent_messages() as messages, transaction.atomic():
        response = call(client_of(ALICE), method, below, body, task)

    assert (response.status_code, response.json()["code"]) == (403, "account_suspended")
    # Checked before the statement: a refused statement would abort the transaction.
    assert not any("tasks_task" in message for message in messages)
    assert Task.objects.get().title == "Kept"


# --- Round trips and plans ------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("method", "below", "body", "messages"),
    [
        ("GET", "/tasks", None, 1),
        ("POST", "/tasks", {"title": "New"}, 1),
        ("GET", "/tasks/{id}", None, 1),
        ("PATCH", "/tasks/{id}", {"title": "Changed"}, 2),  # the update, and reading its result
        ("POST", "/tasks/{id}/complete", None, 2),
        ("DELETE", "/tasks/{id}", None, 1),
        ("DELETE", "/tasks/{id}?forever=true", None, 1),
        ("GET", "/tags", None, 1),
    ],
)  # fmt: skip
def test_a_request_needs_at_most_its_number_of_round_trips(
    method: str, below: str, body: Any, messages: int, alice: User
) -> None:
    User.objects.update(last_seen_at=timezone.now())
    task, client = make_task(alice), client_of(ALICE)

    with sent_messages() as sent:
        response = call(client, method, below, body, task)

    assert response.status_code < 300
    assert len(sent) <= messages


@pytest.mark.django_db
def test_the_list_reads_only_the_index_entries_of_its_user(alice: User) -> None:
    User.objects.bulk_create(User(id=f"person-{n}", password="!") for n in range(40))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tasks_task (id, user_id, title, completed, priority, created_at,"
            " updated_at) SELECT gen_random_uuid(), accounts_user.id, 'x', false, 2,"
            " now() - random() * interval '100 days', now()"
            " FROM accounts_user, generate_series(1, 500)"
        )
        cursor.execute("ANALYZE tasks_task")
        cursor.execute(
            "SELECT set_config('role', 'todo_user', true), set_config('app.user_id', %s, true)",
            [ALICE],
        )
    # The first is without the filter of the view: the policy alone must use the index.
    for tasks in (Task.objects.live(), Task.objects.owned_by(alice).live()):
        plan = tasks.sorted_by("created_at", descending=True)[:50].explain()

        assert "Index Scan using tasks_task_live" in plan
        assert "Index Cond" in plan
        assert "Sort" not in plan
        assert "Seq Scan on tasks_task" not in plan


# --- The connection afterwards --------------------------------------------------------------------

STATE = (
    "SELECT current_user = session_user, coalesce(current_setting('app.user_id', true), ''),"
    " current_setting('statement_timeout')"
)


def state() -> Any:
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        return cursor.fetchone()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("method", "below", "body"), OPERATIONS)
def test_a_request_resets_the_state_of_its_connection(
    method: str, below: str, body: Any, alice: User
) -> None:
    task = make_task(alice, **REPEATING)

    for client in (client_of(ALICE), client_of("new-user"), APIClient()):
        call(client, method, below, body, task)
        assert state() == (True, "", "0")


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "below", "body"), OPERATIONS)
def test_inside_a_transaction_role_and_identity_are_reset(
    method: str, below: str, body: Any, alice: User
) -> None:
    task = make_task(alice, **REPEATING)

    for client in (client_of(ALICE), client_of("new-user"), APIClient()):
        call(client, method, below, body, task)
        assert state()[:2] == (True, "")
