"""PUT /api/tasks/{id} with `If-None-Match: *`: creates a task with an id that the client chose."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.parallel import at_once
from conftest import ALICE, client_of, make_task
from tasks.models import Task

ID = "0d6c8d5e-4b0e-4a39-8f3c-a00000000000"


def create(client: APIClient, pk: Any = ID, body: Any = None, **headers: str) -> Any:
    sent = {"title": "Mine"} if body is None else body
    return client.put(f"/api/tasks/{pk}", sent, HTTP_IF_NONE_MATCH="*", **headers)  # type: ignore[arg-type]  # headers by keyword


def test_it_creates_a_task_with_the_id_in_the_path(
    as_alice: APIClient, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    body = {"title": " Water the plants ", "completed": True, "id": str(uuid4())}

    with django_assert_num_queries(1):  # the INSERT
        response = create(as_alice, ID.upper(), body)

    task = Task.objects.get()
    assert (response.status_code, response["Location"]) == (
        201, f"http://testserver/api/tasks/{ID.upper()}",
    )  # fmt: skip
    assert "Ignored-Fields" not in response.headers
    assert (str(task.pk), task.user_id, task.title) == (ID, ALICE, "Water the plants")
    assert task.completed_at == task.created_at
    got = as_alice.get(response["Location"])
    assert (got.json(), got["ETag"]) == (response.json(), response["ETag"])


def test_an_id_that_exists_returns_412(as_alice: APIClient, alice: User, bob: User) -> None:
    """With the same work and the same response for tasks of other users."""
    tasks = [
        make_task(owner, deleted_at=deleted_at)
        for owner in (alice, bob)
        for deleted_at in (None, timezone.now())
    ]
    before = list(Task.objects.order_by("pk").values())

    responses, statements = [], []
    for task in tasks:
        with CaptureQueriesContext(connection) as queries:
            responses.append(create(as_alice, task.pk))
        statements.append(len(queries))

    assert {response.status_code for response in responses} == {412}
    assert {response.json()["code"] for response in responses} == {"precondition_failed"}
    assert {response.json()["detail"] for response in responses} == {"This id exists already"}
    assert not any("current" in response.json() or "ETag" in response for response in responses)
    assert len(set(statements)) == 1
    assert list(Task.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("pk", ["1", ID[:-1], f"{ID}0", ID.replace("-", ""), "x" * 36])
def test_a_malformed_id_returns_404(as_alice: APIClient, pk: str) -> None:
    assert create(as_alice, pk).status_code == 404
    assert not Task.objects.exists()


@pytest.mark.parametrize("body", [{}, {"title": " "}, {"title": "x", "priority": "none"}])
def test_the_body_is_that_of_a_create(as_alice: APIClient, body: dict[str, str]) -> None:
    assert create(as_alice, ID, body).status_code == 400
    assert not Task.objects.exists()


def test_a_retry_at_the_quota_says_that_the_id_exists(as_alice: APIClient, settings: Any) -> None:
    settings.TASKS_PER_USER = 1
    path = f"/api/tasks/{uuid4()}"

    first, again = (
        as_alice.put(path, {"title": "x"}, HTTP_IF_NONE_MATCH="*").status_code for _ in range(2)
    )

    assert (first, again) == (201, 412)


def test_beyond_the_quota_it_returns_409(as_alice: APIClient, alice: User, settings: Any) -> None:
    settings.TASKS_PER_USER = 1
    make_task(alice, deleted_at=timezone.now())

    refused = create(as_alice)

    assert (refused.status_code, refused.json()["code"]) == (409, "quota_exceeded")
    assert not Task.objects.filter(pk=ID).exists()


@pytest.mark.parametrize("headers", [{}, {"HTTP_IF_NONE_MATCH": '"0"'}])
def test_without_a_star_no_task_is_created(as_alice: APIClient, headers: dict[str, str]) -> None:
    response = as_alice.put(f"/api/tasks/{ID}", {"title": "x"}, **headers)  # type: ignore[arg-type]  # headers by keyword

    assert response.status_code == 404
    assert not Task.objects.exists()


def test_a_retry_with_the_same_idempotency_key_returns_the_first_response(
    as_alice: APIClient,
) -> None:
    first = create(as_alice, HTTP_IDEMPOTENCY_KEY="k")
    again = create(as_alice, HTTP_IDEMPOTENCY_KEY="k")
    other_id = create(as_alice, uuid4(), HTTP_IDEMPOTENCY_KEY="k")

    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert (other_id.status_code, other_id.json()["code"]) == (409, "idempotency_conflict")
    assert Task.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_concurrent_requests_one_creates_the_task(alice: User) -> None:
    def send() -> int:
        return int(create(client_of(ALICE)).status_code)

    assert sorted(at_once(*[send] * 4)) == [201, 412, 412, 412]


@pytest.mark.django_db(transaction=True)
def test_the_first_request_of_a_user_can_create_a_task() -> None:
    response = create(client_of("new-user"))

    assert (response.status_code, response.json()["user_id"]) == (201, "new-user")


@pytest.mark.django_db(transaction=True)
def test_a_suspended_user_creates_nothing(alice: User) -> None:
    User.objects.update(is_active=False)

    response = create(client_of(ALICE))

    assert (response.status_code, response.json()["code"]) == (403, "account_suspended")
    assert not Task.objects.exists()
