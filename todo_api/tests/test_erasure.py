"""Erasure of users: all their data is deleted, and no later request restores any of it."""

import threading
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import personal_data
from accounts.models import User
from accounts.tests.parallel import at_once
from accounts.tokens import Claims
from conftest import ALICE, client_of, database_url, make_task
from tasks.models import IdempotencyRecord, SyncState, Task
from todo_api.postgresql import batches

EMAIL, PASSWORD = "alice@todo.test", "correct horse battery"
TOMBSTONE = {
    "id": ALICE, "email": "", "name": "", "is_active": False, "is_staff": False,
    "is_superuser": False, "last_seen_at": None,
}  # fmt: skip


def row_of(user_id: str) -> dict[str, object]:
    return User.objects.values(*TOMBSTONE).get(pk=user_id)


@pytest.mark.django_db
def test_all_data_of_the_user_is_deleted_and_a_tombstone_stays(alice: User, bob: User) -> None:
    alice.groups.add(Group.objects.create(name="Support"))
    User.objects.filter(pk=ALICE).update(
        is_staff=True, is_superuser=True, last_seen_at=timezone.now()
    )
    for user in (alice, bob):
        make_task(user)
        make_task(user, "In the trash", deleted_at=timezone.now())
        client_of(user.pk).post("/api/tasks", {"title": "Once"}, HTTP_IDEMPOTENCY_KEY="k")
        client_of(user.pk).post("/api/me/calendar")
    counted = personal_data.count(alice)

    erased = personal_data.erase(alice)

    assert erased == counted == {
        "tasks.Task": 3, "tasks.SyncState": 1, "tasks.IdempotencyRecord": 1,
        "tasks.CalendarFeed": 1, "accounts.User_groups": 1,
    }  # fmt: skip
    assert row_of(ALICE) == TOMBSTONE
    user = User.objects.get(pk=ALICE)
    assert user.erased_at is not None
    assert not user.has_usable_password()
    assert personal_data.count(alice) == {}
    assert personal_data.count(bob) == {
        "tasks.Task": 3, "tasks.SyncState": 1, "tasks.IdempotencyRecord": 1,
        "tasks.CalendarFeed": 1,
    }  # fmt: skip


@pytest.mark.django_db
def test_a_second_erasure_changes_nothing(alice: User) -> None:
    personal_data.erase(alice)
    before = User.objects.values("erased_at").get()

    assert personal_data.erase(alice) == {}
    assert User.objects.values("erased_at").get() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("last_seen_hours", [0, 2])
def test_requests_with_a_valid_token_return_403_after_the_erasure(
    alice: User, last_seen_hours: int
) -> None:
    client = client_of(ALICE, name="Alice")
    User.objects.update(last_seen_at=timezone.now() - timedelta(hours=last_seen_hours))
    personal_data.erase(alice)

    responses = [
        client.get("/api/tasks"),
        client.post("/api/tasks", {"title": "Back again"}),
        client.post("/api/tasks", {"title": "Back again"}, HTTP_IDEMPOTENCY_KEY="k"),
        client.get("/api/me"),
        client.post("/api/auth/verify"),
    ]

    assert {(response.status_code, response.json()["code"]) for response in responses} == {
        (403, "account_suspended")
    }
    assert row_of(ALICE) == TOMBSTONE
    assert not Task.objects.exists()


@pytest.mark.django_db
def test_a_request_in_progress_does_not_restore_email_and_name(alice: User) -> None:
    claims = Claims(ALICE, "alice@todo.test", "Alice", 0, 0, 0)
    personal_data.erase(alice)

    User.objects.record_seen(claims)
    User.objects.first_contact(claims)

    assert row_of(ALICE) == TOMBSTONE


@pytest.mark.django_db
def test_reactivation_skips_erased_users(alice: User, bob: User) -> None:
    User.objects.all().suspend()
    personal_data.erase(alice)

    assert User.objects.all().reactivate() == 1
    assert User.objects.filter(is_active=True).get() == bob


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [{"is_active": True}, {"is_staff": True}, {"email": EMAIL}, {"name": "Alice"}],
    ids=lambda change: next(iter(change)),
)
def test_the_database_rejects_changes_to_a_tombstone(
    alice: User, change: dict[str, object]
) -> None:
    personal_data.erase(alice)

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.update(**change)


@pytest.mark.django_db
def test_the_e_mail_of_an_erased_account_can_sign_up_again(anonymous: APIClient) -> None:
    before = User.objects.sign_up(EMAIL, PASSWORD)
    personal_data.erase(before)

    gone = anonymous.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD})
    again = anonymous.post("/api/auth/signup", {"email": EMAIL, "password": PASSWORD})

    assert (gone.status_code, again.status_code) == (401, 201)
    assert again.json()["user"]["id"] != before.pk


@pytest.mark.django_db
def test_an_erased_operator_is_signed_out_and_the_log_keeps_only_the_id() -> None:
    superuser = User.objects.create_superuser("operator@todo.test", PASSWORD, name="Operator")
    LogEntry.objects.log_actions(
        superuser.pk, User.objects.filter(pk=superuser.pk), CHANGE, "", single_object=True
    )
    browser = Client()
    browser.force_login(superuser)
    assert browser.get("/admin/").status_code == 200

    personal_data.erase(superuser)

    assert browser.get("/admin/").status_code == 302
    entry = LogEntry.objects.get()
    assert (entry.user_id, entry.object_repr) == (superuser.pk, superuser.pk)


@pytest.mark.django_db
def test_an_interrupted_erasure_is_found_and_completed(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "ROWS", 2)
    for number in range(5):
        make_task(alice, str(number))
    make_task(bob)
    personal_data.erase(bob)

    steps = personal_data.erasing(alice)
    next(steps)
    steps.close()

    assert list(personal_data.unfinished()) == [alice]
    assert personal_data.erase(alice)["tasks.Task"] < 5
    assert not personal_data.unfinished().exists()
    assert not Task.objects.exists()


# --- Concurrent writes ----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_tasks_created_during_an_erasure_are_deleted(alice: User) -> None:
    make_task(alice)
    began, stop = threading.Event(), threading.Event()

    def write() -> set[int]:
        statuses = set()
        for number in range(400):
            headers = {"HTTP_IDEMPOTENCY_KEY": str(uuid4())} if number % 2 else {}
            response = client_of(ALICE).post("/api/tasks", {"title": "x"}, **headers)  # type: ignore[arg-type]  # headers by keyword
            statuses.add(response.status_code)
            began.set()
            if stop.is_set():
                break
        return statuses

    def erase() -> set[int]:
        began.wait(10)
        personal_data.erase(alice)
        stop.set()
        return set()

    statuses = set.union(*at_once(write, write, write, erase))

    assert statuses == {201, 403}
    models: list[Any] = [Task, IdempotencyRecord, SyncState]
    assert [model.objects.count() for model in models] == [0, 0, 0]
    assert row_of(ALICE) == TOMBSTONE


@pytest.mark.django_db(transaction=True)
def test_an_erasure_waits_for_writes_that_began_before_it(alice: User) -> None:
    began = threading.Event()

    def write_slowly() -> None:
        with psycopg.connect(database_url()) as other_connection:
            other_connection.execute(
                "SELECT set_config('role', 'todo_user', true), set_config('app.user_id', %s, true)",
                [ALICE],
            )
            other_connection.execute(
                "INSERT INTO tasks_task"
                " (id, user_id, title, completed, priority, created_at, updated_at)"
                " VALUES (gen_random_uuid(), %s, 'Late', false, 2, now(), now())",
                [ALICE],
            )
            began.set()
            time.sleep(0.5)

    writer = threading.Thread(target=write_slowly)
    writer.start()
    began.wait(10)
    erased = personal_data.erase(alice)
    writer.join()

    assert erased == {"tasks.Task": 1, "tasks.SyncState": 1}
    assert not Task.objects.exists()


# --- Tables that refer to users -------------------------------------------------------------------


def test_each_table_that_refers_to_users_is_erased_or_listed_as_kept() -> None:
    referring = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if field.concrete and field.related_model is User and not field.many_to_many
    }

    erased = {model._meta.label for model in personal_data.belongings()}

    assert erased == {
        "tasks.Task", "tasks.SyncState", "tasks.IdempotencyRecord", "tasks.CalendarFeed",
        "accounts.User_groups", "accounts.User_user_permissions",
    }  # fmt: skip
    assert referring == erased | personal_data.KEPT
