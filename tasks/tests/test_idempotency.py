"""`Idempotency-Key`: a retry returns the first response and creates no second task."""

import json
import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.parallel import at_once
from conftest import ALICE, client_of, make_task
from tasks import idempotency
from tasks.models import IdempotencyRecord, Task

pytestmark = pytest.mark.django_db


def create(client: APIClient, title: str, key: str, path: str = "/api/tasks") -> Any:
    return client.post(path, {"title": title}, HTTP_IDEMPOTENCY_KEY=key)


def test_the_same_key_and_body_return_the_first_response(as_alice: APIClient) -> None:
    first = create(as_alice, "Once", "k-1")
    again = create(as_alice, "Once", "k-1", "/api/v1/tasks/")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again["Location"] == first["Location"]
    assert again["ETag"] == first["ETag"]
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Task.objects.count() == 1


def test_the_same_key_with_another_body_or_operation_returns_409(
    alice: User, as_alice: APIClient
) -> None:
    task = make_task(alice)
    create(as_alice, "Once", "k-1")

    other_body = create(as_alice, "Twice", "k-1")
    other_operation = create(as_alice, "Once", "k-1", f"/api/tasks/{task.pk}/complete")

    for response in (other_body, other_operation):
        assert (response.status_code, response.json()["code"]) == (409, "idempotency_conflict")
    assert Task.objects.count() == 2


def test_a_repeated_toggle_toggles_once(alice: User, as_alice: APIClient) -> None:
    path = f"/api/tasks/{make_task(alice).pk}"

    first = as_alice.post(f"{path}/toggle", HTTP_IDEMPOTENCY_KEY="k")
    again = as_alice.post(f"{path}/complete", HTTP_IDEMPOTENCY_KEY="k")

    assert first.json()["completed"] is True
    assert again.json() == first.json()
    assert Task.objects.get().completed is True


def test_the_id_in_the_operation_is_case_insensitive(alice: User, as_alice: APIClient) -> None:
    task_id = str(make_task(alice, id=UUID(int=0xABCDEF)).pk)

    first, again = (
        as_alice.post(f"/api/tasks/{spelling}/complete", HTTP_IDEMPOTENCY_KEY="k")
        for spelling in (task_id, task_id.upper())
    )

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()


def test_users_with_the_same_key_do_not_share_a_response(
    as_alice: APIClient, as_bob: APIClient
) -> None:
    of_alice = create(as_alice, "Same", "k-1")
    of_bob = create(as_bob, "Same", "k-1")

    assert of_alice.json()["id"] != of_bob.json()["id"]
    assert "Idempotency-Replayed" not in of_bob


def test_error_responses_are_not_stored(as_alice: APIClient) -> None:
    refused = create(as_alice, "  ", "k-1")
    accepted = create(as_alice, "Now", "k-1")

    assert (refused.status_code, accepted.status_code) == (400, 201)


def test_a_key_expires_after_a_day(as_alice: APIClient) -> None:
    create(as_alice, "Once", "k-1")
    record = IdempotencyRecord.objects.get()
    old = record.created_at - timedelta(hours=25)
    IdempotencyRecord.objects.update(created_at=old)

    again = create(as_alice, "Twice", "k-1")

    assert again.status_code == 201
    assert "Idempotency-Replayed" not in again
    assert Task.objects.count() == 2
    assert IdempotencyRecord.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x7fb", "a\tb"])
def test_a_malformed_key_returns_400(as_alice: APIClient, key: str) -> None:
    assert create(as_alice, "x", key).status_code == 400
    assert not Task.objects.exists()


def test_a_key_can_have_255_characters_and_quotes(as_alice: APIClient) -> None:
    for key in ("x" * 255, 'it\'s \\ 100% "fine"'):
        assert create(as_alice, "x", key).status_code == 201


def test_without_the_header_no_query_is_added(
    as_alice: APIClient, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):  # the insert
        as_alice.post("/api/tasks", {"title": "Plain"})

    assert not IdempotencyRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_concurrent_requests_create_one_task(alice: User) -> None:
    def send() -> tuple[int, str]:
        response = create(client_of(ALICE), "Once", "k-1")
        return response.status_code, response.json().get("id", response.json().get("code"))

    responses = at_once(*[send] * 20)

    task = Task.objects.get()
    assert set(responses) <= {(201, str(task.pk)), (409, "conflict")}
    assert (201, str(task.pk)) in responses


@pytest.mark.django_db(transaction=True)
def test_a_retry_during_the_first_request_returns_409_with_retry_after(alice: User) -> None:
    responses = []

    def send() -> None:
        responses.append(create(client_of(ALICE), "Once", "k-1"))
        connection.close()

    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        name = json.dumps([ALICE, "k-1"])
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        thread = threading.Thread(target=send)
        thread.start()
        thread.join(10)
        cursor.execute("ROLLBACK")

    assert (responses[0].status_code, responses[0].json()["code"]) == (409, "conflict")
    assert responses[0]["Retry-After"] == "1"
    assert create(client_of(ALICE), "Once", "k-1").status_code == 201


def test_a_user_keeps_a_limited_number_of_responses(
    as_alice: APIClient, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "KEPT", 2)

    statuses = [
        as_alice.post("/api/tasks", {"title": key}, HTTP_IDEMPOTENCY_KEY=key).status_code
        for key in ("a", "b", "c", "a")
    ]

    assert statuses == [201, 201, 409, 201]
    assert Task.objects.count() == 2
