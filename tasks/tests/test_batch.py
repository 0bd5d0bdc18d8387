"""POST /api/batch."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.permissions import BasePermission
from rest_framework.test import APIClient

from accounts.models import User
from conftest import client_of, make_task
from tasks.batch import BatchViewSet
from tasks.models import Priority, Task

pytestmark = pytest.mark.django_db
MISSING = str(UUID(int=7))


def batch(client: APIClient, *operations: Any, **options: Any) -> Any:
    headers = options.pop("headers", {})
    return client.post("/api/batch", {"operations": operations, **options}, headers=headers)


def statuses(response: Any) -> list[int]:
    return [result["status"] for result in response.json()["results"]]


def test_it_runs_operations_in_order(as_alice: APIClient, alice: User) -> None:
    renamed, deleted = make_task(alice, "Old"), make_task(alice)
    trashed = make_task(alice)
    as_alice.delete(f"/api/tasks/{trashed.pk}")

    response = batch(
        as_alice,
        {"op": "create", "fields": {"title": " New ", "priority": "HIGH"}},
        {"op": "update", "id": str(renamed.pk), "fields": {"title": "Renamed"}},
        {"op": "complete", "id": str(renamed.pk)},
        {"op": "delete", "id": str(deleted.pk)},
        {"op": "restore", "id": str(trashed.pk)},
    )

    assert response.status_code == 200
    results = response.json()["results"]
    assert [result["status"] for result in results] == [201, 200, 200, 204, 200]
    assert results[0]["task"] == as_alice.get(f"/api/tasks/{results[0]['task']['id']}").json()
    assert (results[1]["task"]["title"], results[1]["task"]["completed"]) == ("Renamed", False)
    assert results[2]["task"] == as_alice.get(f"/api/tasks/{renamed.pk}").json()
    assert results[3] == {"status": 204}
    assert results[4]["task"] == as_alice.get(f"/api/tasks/{trashed.pk}").json()
    assert results[0]["task"]["title"] == "New"
    assert as_alice.get(f"/api/tasks/{deleted.pk}").status_code == 404


def test_the_number_of_statements_is_constant(as_alice: APIClient, alice: User) -> None:
    def statements(number: int) -> int:
        tasks = [str(make_task(alice).pk) for _ in range(number)]
        creates = [{"op": "create", "id": str(uuid4()), "fields": {"title": "x"}} for _ in tasks]
        updates = [{"op": "update", "id": pk, "fields": {"title": pk}} for pk in tasks]
        with CaptureQueriesContext(
            connection,
        ) as sent:
            assert batch(as_alice, *creates, *updates).status_code == 200
        return len(sent)

    assert statements(1) == statements(50) == 8


def test_it_locks_tasks_in_the_order_of_their_ids(as_alice: APIClient, alice: User) -> None:
    operations = [{"op": "complete", "id": str(make_task(alice).pk)} for _ in range(2)]

    with CaptureQueriesContext(connection) as sent:
        batch(as_alice, *operations)

    (locking,) = (each["sql"] for each in sent if "FOR UPDATE" in each["sql"])
    assert 'ORDER BY "tasks_task"."id" ASC FOR UPDATE' in locking


def test_the_first_failure_undoes_all(as_alice: APIClient, alice: User) -> None:
    task = make_task(alice, "Old")

    response = batch(
        as_alice,
        {"op": "create", "fields": {"title": "New"}},
        {"op": "update", "id": str(task.pk), "fields": {"title": "Changed"}},
        {"op": "create", "fields": {"title": " "}},
        {"op": "delete", "id": MISSING},
    )

    body = response.json()
    assert (response.status_code, body["code"]) == (409, "batch_failed")
    assert body["detail"] == "operations[2]: Title cannot be empty"
    assert body["failed"] == {"index": 2, "status": 400, "code": "validation_error"}
    assert body["errors"] == {"title": ["Title cannot be empty"]}
    assert [*Task.objects.values_list("title", flat=True)] == ["Old"]


def test_without_atomic_only_the_failures_are_left_out(as_alice: APIClient, bob: User) -> None:
    foreign = make_task(bob, "His")

    response = batch(
        as_alice,
        {"op": "create", "fields": {"title": "New"}},
        {"op": "create", "fields": {"title": ""}},
        {"op": "update", "id": str(foreign.pk), "fields": {"title": "Hers"}},
        {"op": "delete", "id": "nonsense"},
        atomic=False,
    )

    results = response.json()["results"]
    assert [result["status"] for result in results] == [201, 400, 404, 404]
    assert results[1]["problem"]["errors"] == {"title": ["Title cannot be empty"]}
    assert results[2]["problem"]["detail"] == results[3]["problem"]["detail"] == "Task not found"
    assert sorted(Task.objects.values_list("title", flat=True)) == ["His", "New"]


def test_operations_see_the_changes_before_them(as_alice: APIClient) -> None:
    pk = str(uuid4())

    response = batch(
        as_alice,
        {"op": "update", "id": pk, "fields": {"title": "x"}},
        {"op": "create", "id": pk, "fields": {"title": "New"}},
        {"op": "create", "id": pk.upper(), "fields": {"title": "Twice"}},
        {"op": "complete", "id": pk},
        {"op": "complete", "id": pk.upper()},
        {"op": "delete", "id": pk},
        {"op": "delete", "id": pk},
        {"op": "restore", "id": pk},
        {"op": "restore", "id": pk},
        atomic=False,
    )

    assert statuses(response) == [404, 201, 412, 200, 200, 204, 404, 200, 404]
    results = response.json()["results"]
    assert [results[place]["task"]["completed"] for place in (1, 3, 4, 7)] == [
        False, True, False, False,
    ]  # fmt: skip
    assert results[7]["task"] == as_alice.get(f"/api/tasks/{pk}").json()


@pytest.mark.parametrize("atomic", [True, False])
def test_an_id_of_another_user_exists(as_alice: APIClient, bob: User, atomic: bool) -> None:
    taken, free = str(make_task(bob, "His").pk), str(uuid4())
    operations = [
        {"op": "create", "id": free, "fields": {"title": "Free"}},
        {"op": "create", "id": taken, "fields": {"title": "Taken"}},
        {"op": "update", "id": taken, "fields": {"title": "Taken"}},
    ]

    response = batch(as_alice, *operations, atomic=atomic)

    if atomic:
        assert response.json()["failed"] == {
            "index": 1, "status": 412, "code": "precondition_failed",
        }  # fmt: skip
    else:
        assert statuses(response) == [201, 412, 404]
        assert response.json()["results"][1]["problem"]["detail"] == "This id exists already"
    assert Task.objects.get(pk=taken).title == "His"
    assert Task.objects.filter(pk=free).exists() is not atomic


@pytest.mark.parametrize("spelling", ["etag", "updated_at", "list", "*"])
def test_if_match_names_a_version(as_alice: APIClient, alice: User, spelling: str) -> None:
    task = as_alice.get(f"/api/tasks/{make_task(alice).pk}")
    update = {"op": "update", "id": task.json()["id"], "fields": {"title": "Changed"}}
    version = {
        "etag": task["ETag"],
        "updated_at": task.json()["updated_at"],
        "list": f'"0", {task["ETag"]}',
        "*": "*",
    }[spelling]

    first = batch(as_alice, {**update, "if_match": version})
    stale = batch(as_alice, {**update, "if_match": version}, atomic=False)

    assert statuses(first) == [200]
    assert statuses(stale) == ([200] if spelling == "*" else [412])
    if spelling != "*":
        problem = stale.json()["results"][0]["problem"]
        assert problem["current"] == first.json()["results"][0]["task"]


@pytest.mark.parametrize(
    "version",
    [
        '"0"',
        "2020-01-01T00:00:00Z",
        "nonsense",
        "",
        "2026-02-30T00:00:00Z",
        "2026-01-01T00:00+99:99",
    ],
)
def test_if_match_of_another_version_is_a_412(
    as_alice: APIClient, alice: User, version: str
) -> None:
    pk = str(make_task(alice).pk)
    operations = [
        {"op": name, "id": pk, "if_match": version} for name in ("update", "complete", "delete")
    ]

    assert statuses(batch(as_alice, *operations, atomic=False)) == [412, 412, 412]


LIST = "Operations must be a list of 1 to 100 objects"


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"operations": [LIST]}),
        ({"operations": None}, {"operations": [LIST]}),
        ({"operations": {}}, {"operations": [LIST]}),
        ({"operations": "x"}, {"operations": [LIST]}),
        ({"operations": []}, {"operations": [LIST]}),
        ({"operations": ["x"]}, {"operations": [LIST]}),
        ({"operations": [None]}, {"operations": [LIST]}),
        ({"operations": [{"op": "create"}] * 101}, {"operations": [LIST]}),
        ({"operations": [{}], "atomic": "yes"}, {"atomic": ["Atomic must be true or false"]}),
        ({"operations": [{}], "atomic": None}, {"atomic": ["Atomic must be true or false"]}),
    ],
)
def test_an_invalid_batch_is_a_400(as_alice: APIClient, body: Any, errors: Any) -> None:
    response = as_alice.post("/api/batch", body)

    assert (response.status_code, response.json()["errors"]) == (400, errors)


@pytest.mark.parametrize(
    ("operation", "status", "detail"),
    [
        ({}, 400, "op: expected one of: create, update, complete, delete, restore"),
        ({"op": "purge"}, 400, "op: expected one of: create, update, complete, delete, restore"),
        ({"op": ["create"]}, 400, "op: expected one of: create, update, complete, delete, restore"),
        ({"op": "create"}, 400, "Title is required"),
        ({"op": "create", "fields": []}, 400, "fields: expected an object"),
        ({"op": "create", "fields": None}, 400, "fields: expected an object"),
        ({"op": "create", "id": "x", "fields": {"title": "x"}}, 400, "id: expected a UUID"),
        ({"op": "create", "id": 7, "fields": {"title": "x"}}, 400, "id: expected a UUID"),
        ({"op": "create", "id": f"{{{MISSING}}}", "fields": {"title": "x"}}, 400,
         "id: expected a UUID"),
        ({"op": "update", "fields": {"title": "x"}}, 404, "Task not found"),
        ({"op": "update", "id": None}, 404, "Task not found"),
        ({"op": "update", "id": MISSING, "fields": {"title": 7}}, 400, "Title must be text"),
        ({"op": "complete", "id": MISSING, "fields": {"completed": "x"}}, 400,
         "Completed must be true or false"),
        ({"op": "delete", "id": MISSING}, 404, "Task not found"),
        ({"op": "restore", "id": MISSING}, 404, "Task not found"),
    ],
)  # fmt: skip
def test_an_invalid_operation_fails_as_its_request_does(
    as_alice: APIClient, operation: Any, status: int, detail: str
) -> None:
    (result,) = batch(as_alice, operation, atomic=False).json()["results"]
    atomic = batch(as_alice, operation)

    assert (result["status"], result["problem"]["detail"]) == (status, detail)
    assert atomic.json()["detail"] == f"operations[0]: {detail}"
    assert atomic.json()["failed"]["code"] == result["problem"]["code"]


def test_if_match_must_be_text(as_alice: APIClient, alice: User) -> None:
    operation = {"op": "update", "id": str(make_task(alice).pk), "if_match": 7}

    response = batch(as_alice, operation)

    assert response.json()["detail"] == (
        "operations[0]: if_match: expected an ETag or the updated_at of the task"
    )


def test_unknown_members_are_reported(as_alice: APIClient, settings: Any) -> None:
    operation = {"op": "create", "fields": {"title": "x", "colour": 1}, "until": 2}

    response = batch(as_alice, operation, size=3)
    settings.STRICT_INPUT = True
    strict = batch(as_alice, operation)

    assert {*response["Ignored-Fields"].split(", ")} == {"colour", "until", "size"}
    assert strict.json()["failed"]["status"] == 400


def test_a_body_over_the_limit_is_a_413(as_alice: APIClient) -> None:
    operation = {"op": "create", "fields": {"title": "x", "description": "x" * 10_000}}

    assert batch(as_alice, *[operation] * 99, filler="x" * 100_000).status_code == 413


def test_it_keeps_the_quota(as_alice: APIClient, alice: User, settings: Any) -> None:
    settings.TASKS_PER_USER = 3
    as_alice.delete(f"/api/tasks/{make_task(alice).pk}")
    create = {"op": "create", "fields": {"title": "x"}}

    response = batch(as_alice, create, create, create, atomic=False)

    assert statuses(response) == [201, 201, 409]
    assert response.json()["results"][2]["problem"]["code"] == "quota_exceeded"
    assert Task.objects.count() == 3


def test_a_retry_at_the_quota_says_that_the_id_exists(as_alice: APIClient, settings: Any) -> None:
    settings.TASKS_PER_USER = 1
    create = {"op": "create", "id": MISSING, "fields": {"title": "x"}}

    responses = [batch(as_alice, create, atomic=False) for _ in range(2)]

    assert [statuses(response) for response in responses] == [[201], [412]]


def test_a_create_that_breaks_another_constraint_is_a_409(as_alice: APIClient, alice: User) -> None:
    make_task(alice, "Taken")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("CREATE UNIQUE INDEX one_title ON tasks_task (user_id, title)")

    response = batch(as_alice, {"op": "create", "fields": {"title": "Taken"}})

    assert (response.status_code, response.json()["code"]) == (409, "conflict")


def test_a_repeated_batch_runs_once(as_alice: APIClient) -> None:
    create = {"op": "create", "fields": {"title": "Once"}}
    key = {"Idempotency-Key": "k"}

    first = batch(as_alice, create, headers=key)
    again = batch(as_alice, create, headers=key)
    other = batch(as_alice, create, create, headers=key)

    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    assert other.json()["code"] == "idempotency_conflict"
    assert Task.objects.count() == 1


def test_each_operation_counts_for_the_rate_limit(as_alice: APIClient, settings: Any) -> None:
    settings.RATE_LIMIT_PER_MINUTE = 10
    create = {"op": "create", "fields": {"title": "x"}}

    first = batch(as_alice, *[create] * 6)
    second = batch(as_alice, *[create] * 6)

    assert (first.status_code, second.status_code) == (200, 429)
    assert "r=4" in first["RateLimit"]
    assert Task.objects.count() == 6


def test_a_suspended_user_gets_a_403(as_alice: APIClient, alice: User) -> None:
    task = make_task(alice)
    User.objects.update(is_active=False)

    response = batch(as_alice, {"op": "delete", "id": str(task.pk)})

    assert (response.status_code, response.json()["code"]) == (403, "account_suspended")


def test_a_new_user_can_start_with_a_batch(db: None) -> None:
    response = batch(client_of("never-seen"), {"op": "create", "fields": {"title": "First"}})

    assert statuses(response) == [201]


def test_the_contract_applies(as_alice: APIClient, alice: User, settings: Any) -> None:
    settings.API_FIELD_CASE = "camel"
    settings.API_STATUS_FIELD = True
    settings.API_ITEM_SHAPE = "keyed"
    pk = str(make_task(alice).pk)
    update = {"op": "update", "id": pk, "fields": {"dueDate": "2026-12-24", "status": "completed"}}

    (updated,) = batch(as_alice, update).json()["results"]
    (failed,) = batch(as_alice, {**update, "ifMatch": '"0"'}, atomic=False).json()["results"]

    assert (updated["task"]["dueDate"], updated["task"]["status"]) == ("2026-12-24", "completed")
    assert failed["problem"]["current"]["status"] == "completed"


def test_versions_of_one_task_in_one_batch_differ(as_alice: APIClient, alice: User) -> None:
    pk = str(make_task(alice).pk)
    Task.objects.update(updated_at="2126-01-01T00:00:00Z")  # a clock that is ahead

    results = batch(as_alice, *[{"op": "complete", "id": pk}] * 3).json()["results"]

    assert [result["task"]["updated_at"] for result in results] == [
        f"2126-01-01T00:00:00.00000{number}Z" for number in (1, 2, 3)
    ]


@pytest.mark.parametrize("path", ["/api/batch/", "/api/v1/batch", "/api/v1/batch/"])
def test_it_works_at_every_path(as_alice: APIClient, path: str) -> None:
    body = {"operations": [{"op": "create", "fields": {"title": "x"}}]}

    assert as_alice.post(path, body).status_code == 200
    assert as_alice.get(path).status_code == 405


def test_object_permissions_apply(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    class NotUrgent(BasePermission):
        def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
            return bool(obj.priority != Priority.URGENT)

    monkeypatch.setattr(BatchViewSet, "permission_classes", [NotUrgent])
    urgent, other = make_task(alice, priority=Priority.URGENT), make_task(alice)
    operations = [{"op": "delete", "id": str(task.pk)} for task in (urgent, other)]

    response = batch(client_of(alice.pk), *operations, atomic=False)

    assert statuses(response) == [403, 204]
