"""Tokens that were issued to a client (OAuth): each request needs the scope that its view declares.

The walk over all operations knows the rules by itself: reading tasks, writing tasks, and all that
is about the account.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from accounts.models import User
from conftest import ALICE, METADATA, client_of
from tasks.models import Task
from tasks.views import TaskViewSet
from todo_api.urls import urlpatterns as real_urls
from todo_api.web.scopes import ACCOUNT, READ, WRITE

pytestmark = pytest.mark.django_db

TOKENS: dict[str, dict[str, Any]] = {
    "session": {},
    "read": {"scope": READ},
    "write": {"scope": WRITE},
    "account": {"scope": ACCOUNT},
    "all": {"scope": f"openid {READ} {WRITE} {ACCOUNT}"},
    "none": {"azp": "an-agent"},
    "unknown": {"scope": "openid profile tasks:admin tasks"},
}
SCOPES_OF = {
    "session": {READ, WRITE, ACCOUNT}, "read": {READ}, "write": {WRITE}, "account": {ACCOUNT},
    "all": {READ, WRITE, ACCOUNT}, "none": set(), "unknown": set(),
}  # fmt: skip
OF_ACCOUNT = re.compile(r"/(me|auth/verify|auth/me|users/me)(/|$)")
HEADER = 'Bearer error="insufficient_scope"'


def expected_scope(method: str, url: str) -> str:
    if OF_ACCOUNT.search(url):
        return ACCOUNT
    if method in {"GET", "HEAD"} or url.endswith(("/repeat/preview", "/mcp")):
        return READ
    return WRITE


def operations() -> Iterator[tuple[str, str]]:
    """Yields method and path of each operation that needs a token, HEAD included."""
    generator: Any = SchemaGenerator  # has no types
    document = generator().get_schema(request=None, public=True)
    for url, methods in document["paths"].items():
        for method, operation in methods.items():
            if operation.get("security") == [{"bearer": []}]:
                yield method.upper(), url
                if method == "get":
                    yield "HEAD", url


def filled(url: str, task: Task) -> str:
    names = {"id": task.pk, "user_id": ALICE, "name": "home"}
    return re.sub(r"\{(\w+)\}", lambda found: str(names[found[1]]), url)


@pytest.mark.parametrize("name", TOKENS)
def test_each_operation_needs_its_scope(alice: User, name: str) -> None:
    task = Task.objects.add(user=alice, title="Mine", tags=["home"])
    client = client_of(ALICE, **TOKENS[name])

    refused: dict[tuple[str, str], bool] = {}
    for method, url in operations():
        with transaction.atomic():  # also ends what a token that reads set in the transaction
            response = client.generic(method, filled(url, task), "{}", "application/json")
            challenge = response.headers.get("WWW-Authenticate", "")
            refused[method, url] = response.status_code == 403 and challenge.startswith(HEADER)
            if refused[method, url]:
                assert challenge.startswith(f'{HEADER}, scope="{expected_scope(method, url)}", ')
            transaction.set_rollback(True)

    assert len(refused) > 60
    assert refused == {each: expected_scope(*each) not in SCOPES_OF[name] for each in refused}


@pytest.mark.parametrize(
    "claims",
    [
        {"scope": ""},
        {"scope": [READ, WRITE]},
        {"scope": 7},
        {"scope": None},
        {"scope": {"tasks:read": True}},
        {"scope": f"{READ}\t{WRITE}"},
        {"scope": f"{READ},{WRITE}"},
        {"scope": READ.upper()},
        {"scp": [READ]},
        {"client_id": "an-agent"},
        {"cid": "an-agent"},
        {"act": {"sub": "an-agent"}},
    ],
    ids=str,
)
def test_a_scope_in_another_form_grants_nothing(alice: User, claims: dict[str, Any]) -> None:
    response = client_of(ALICE, **claims).get("/api/tasks")

    assert (response.status_code, response.json()["code"]) == (403, "insufficient_scope")


def test_a_scope_counts_once_and_beside_unknown_ones(alice: User) -> None:
    client = client_of(ALICE, scope=f"openid {READ} {READ} offline_access", azp="an-agent")

    assert client.get("/api/tasks").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_client_that_reads_is_a_new_user_s_first_contact() -> None:
    assert client_of("someone-new", scope=READ).get("/api/tasks").json() == []

    assert User.objects.get().pk == "someone-new"


# --- Views of a maintainer ------------------------------------------------------------------------


class WritingList(TaskViewSet):
    """A list that also writes, by mistake."""

    def get_queryset(self) -> Any:
        return super().get_queryset()

    def list(self, request: Request, **kwargs: Any) -> Any:
        Task.objects.filter(user_id=request.user.pk).update(title="Changed")
        return super().list(request, **kwargs)


class WritingInTransaction(WritingList):
    def list(self, request: Request, **kwargs: Any) -> Any:
        with transaction.atomic():
            return super().list(request, **kwargs)


class WritingSql(TaskViewSet):
    def list(self, request: Request, **kwargs: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM tasks_task")
        return super().list(request, **kwargs)


class Undeclared(APIView):
    """A view whose author forgot the scopes, and even permissions."""

    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        return Response({"user": str(request.user.pk)})


urlpatterns = [
    path("api/writing", WritingList.as_view({"get": "list"})),
    path("api/in-transaction", WritingInTransaction.as_view({"get": "list"})),
    path("api/sql", WritingSql.as_view({"get": "list"})),
    path("api/undeclared", Undeclared.as_view()),
    *real_urls,
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.urls("todo_api.tests.test_scopes")
@pytest.mark.parametrize("url", ["/api/writing", "/api/in-transaction", "/api/sql"])
def test_no_view_writes_for_a_token_that_reads(alice: User, url: str) -> None:
    Task.objects.add(user=alice, title="Kept")
    before = list(Task.objects.values())

    response = client_of(ALICE, scope=READ).get(url)

    assert (response.status_code, response.json()["code"]) == (403, "insufficient_scope")
    assert response.headers["WWW-Authenticate"] == f'{HEADER}, scope="{WRITE}", {METADATA}'
    assert list(Task.objects.values()) == before
    assert client_of(ALICE).get(url).status_code == 200


@pytest.mark.urls("todo_api.tests.test_scopes")
def test_a_view_that_declares_no_scope_is_closed_to_clients(alice: User) -> None:
    everything = {"scope": f"{READ} {WRITE} {ACCOUNT}"}

    response = client_of(ALICE, **everything).get("/api/undeclared")

    assert response.status_code == 403
    assert response.headers["WWW-Authenticate"] == f"{HEADER}, {METADATA}"
    assert client_of(ALICE).get("/api/undeclared").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_request_that_reads_is_one_message_also_with_a_scope(
    alice: User, django_assert_num_queries: Any
) -> None:
    client: APIClient = client_of(ALICE, scope=READ)
    client.get("/api/tasks?limit=5")

    with django_assert_num_queries(1):
        assert client.get("/api/tasks?limit=5").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_next_request_on_the_connection_can_write(alice: User) -> None:
    client_of(ALICE, scope=READ).get("/api/tasks")

    assert client_of(ALICE).post("/api/tasks", {"title": "New"}).status_code == 201
