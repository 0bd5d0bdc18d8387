"""The same tasks at four paths. A user id in the path must be the id of the token."""

from urllib.parse import quote, unquote

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from conftest import ALICE, BOB, METADATA, client_of, make_task
from tasks.models import Task

PREFIXES = ["/api", "/api/v1", f"/api/{ALICE}", f"/api/users/{ALICE}"]
SUBJECTS = [
    "0b1e7f3a-58c5-4f0e-9c39-5e3f8b1f0a11",
    "42",
    "Zk3xQ9",
    "a b",
    " leading",
    "a.b@c",
    "..a",
    "ünï-🎉",
    "100%",
    "%41",
    "a%2Fb",
    "a+b&c=d?e#f;g",
    "v1",
    "users",
    "api",
]


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_operation_works_at_every_path(
    as_alice: APIClient, alice: User, prefix: str, slash: str
) -> None:
    tasks = f"{prefix}/tasks{slash}"

    created = as_alice.post(tasks, {"title": "x"})
    task = f"{prefix}/tasks/{created.json()['id']}"
    responses = [
        as_alice.get(tasks),
        as_alice.get(task + slash),
        as_alice.put(task + slash, {"title": "y"}),
        as_alice.patch(task + slash, {"title": "z"}),
        as_alice.patch(f"{task}/complete{slash}"),
        as_alice.post(f"{task}/complete{slash}"),
        as_alice.patch(f"{task}/toggle{slash}"),
        as_alice.post(f"{task}/toggle{slash}"),
        as_alice.delete(task + slash),
        as_alice.post(f"{task}/restore{slash}"),
        as_alice.delete(f"{task}{slash}?forever=true"),
    ]
    by_id = f"{prefix}/tasks/0d6c8d5e-4b0e-4a39-8f3c-000000000000{slash}"
    put = as_alice.put(by_id, {"title": "x"}, HTTP_IF_NONE_MATCH="*")

    assert created.headers["Location"] == f"http://testserver{task}"
    statuses = [response.status_code for response in (created, *responses)]
    assert statuses == [201, *[200] * 8, 204, 200, 204]
    assert (put.status_code, put.headers["Location"]) == (
        201,
        f"http://testserver{by_id.removesuffix(slash)}",
    )
    assert Task.objects.count() == 1


@pytest.mark.parametrize(
    "other", [BOB, ALICE.lower(), ALICE.upper(), f"{ALICE}%20", "me", "unknown"]
)
@pytest.mark.parametrize("prefix", ["/api/", "/api/users/"])
def test_the_id_of_another_user_in_the_path_returns_403(
    as_alice: APIClient, alice: User, bob: User, prefix: str, other: str
) -> None:
    own, foreign = make_task(alice), make_task(bob)
    tasks = f"{prefix}{other}/tasks"

    responses = [
        as_alice.get(tasks),
        as_alice.post(tasks, {"title": "x"}),
        as_alice.get(f"{tasks}/x"),
        *(
            response
            for task in (own, foreign)
            for response in (
                as_alice.get(f"{tasks}/{task.pk}"),
                as_alice.put(f"{tasks}/{task.pk}", {"title": "x"}),
                as_alice.patch(f"{tasks}/{task.pk}/", {"title": "x"}),
                as_alice.post(f"{tasks}/{task.pk}/complete"),
                as_alice.patch(f"{tasks}/{task.pk}/toggle"),
                as_alice.delete(f"{tasks}/{task.pk}"),
                as_alice.delete(f"{tasks}/{task.pk}?forever=true"),
                as_alice.post(f"{tasks}/{task.pk}/restore"),
            )
        ),
    ]

    assert {response.status_code for response in responses} == {403}
    assert {response.json()["code"] for response in responses} == {"user_mismatch"}
    assert {response.json()["error"] for response in responses} == {
        "This address belongs to another person"
    }
    stored = Task.objects.order_by("created_at").values_list("pk", "title", "completed")
    assert list(stored) == [(task.pk, "Water the plants", False) for task in (own, foreign)]


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("prefix", ["/api/", "/api/users/"])
def test_any_user_id_can_be_used_in_a_path(db: None, prefix: str, subject: str) -> None:
    tasks = f"{prefix}{quote(subject, safe='')}/tasks"
    client = client_of(subject)

    created = client.post(tasks, {"title": "x"})

    assert (created.status_code, created.json()["user_id"]) == (201, subject)
    shown = f"http://testserver{prefix}{subject}/tasks/{created.json()['id']}"
    assert unquote(created.headers["Location"]) == shown
    assert client.get(created.headers["Location"]).json() == created.json()
    assert client.get(tasks).json() == [created.json()]


def test_without_a_token_every_path_returns_401(anonymous: APIClient, alice: User) -> None:
    responses = [anonymous.get(f"{prefix}/tasks") for prefix in [*PREFIXES, "/api/no-one"]]

    assert {response.status_code for response in responses} == {401}
    challenges = {response.headers["WWW-Authenticate"] for response in responses}
    assert challenges == {f"Bearer {METADATA}"}
