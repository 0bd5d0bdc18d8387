"""A batch does what its operations do as single requests, or nothing."""

from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.tests.parallel import at_once
from conftest import client_of, make_task
from tasks.models import Task

pytestmark = pytest.mark.django_db
# The tasks of each user by number: two live ones, one in the trash, and two that do not exist.
LIVE, TRASHED, NUMBERS = 2, 2, range(5)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["One", "Two", " ", None, "x" * 256]),
        "description": st.sampled_from(["Text", None, 7]),
        "completed": st.sampled_from([True, False, "yes"]),
        "priority": st.sampled_from(["high", "none"]),
        "due_date": st.sampled_from(["2026-12-24", "", "soon"]),
    },
)
OPERATIONS = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["create", "update", "complete", "delete", "restore"]),
        "id": st.sampled_from([*NUMBERS]),
        "fields": FIELDS,
    },
    optional={"if_match": st.sampled_from(["current", '"0"'])},
)


class Owner:
    """A user with the same tasks as every other owner, but for their ids."""

    def __init__(self) -> None:
        self.user = User.objects.create(id=f"owner-{uuid4()}", email="", password="!")
        self.client = client_of(self.user.pk)
        self.ids = [uuid4() for _ in NUMBERS]
        for number in (*range(LIVE), TRASHED):
            make_task(self.user, f"Task {number}", pk=self.ids[number])
        self.client.delete(self.path(TRASHED))

    def path(self, number: int) -> str:
        return f"/api/tasks/{self.ids[number]}"

    def one_by_one(self, operations: Any) -> list[Any]:
        """Returns the status and the task of each operation, sent as a request of its own."""
        results = []
        for each in operations:
            response = self.send(**each)
            task = response.json() if response.status_code < 300 and response.content else None
            results.append((response.status_code, self.comparable(task)))
        return results

    def send(self, op: str, id: int, fields: Any, if_match: str = "") -> Any:
        path, headers = self.path(id), {}
        if if_match and op != "create":
            tag = self.client.get(path).headers.get("ETag", "*")  # of a task in the trash: any
            headers = {"If-Match": tag if if_match == "current" else if_match}
        if op == "create":
            return self.client.put(path, fields, headers={"If-None-Match": "*"})
        if op == "update":
            return self.client.patch(path, fields, headers=headers)
        if op == "delete":
            return self.client.delete(path, headers=headers)
        return self.client.post(f"{path}/{op}", fields, headers=headers)

    def together(self, operations: Any, *, atomic: bool) -> Any:
        sent = [
            {**each, "id": str(self.ids[each["id"]])}
            | ({"if_match": "*"} if each.get("if_match") == "current" else {})
            for each in operations
        ]
        return self.client.post("/api/batch", {"operations": sent, "atomic": atomic})

    def comparable(self, task: Any) -> Any:
        """Returns a task without its times and with its number as id."""
        if task is None:
            return None
        ended = ("completed_at", "deleted_at")
        times = {name: task[name] is not None for name in ended}
        kept = {**task, **times, "id": self.ids.index(UUID(task["id"])), "user_id": ""}
        return {name: kept[name] for name in kept if name not in {"created_at", "updated_at"}}

    def tasks(self) -> list[Any]:
        listed = (
            self.client.get(f"/api/tasks?deleted={word}").json() for word in ("true", "false")
        )
        return sorted((self.comparable(task) for some in listed for task in some), key=str)


@hypothesis_settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(operations=st.lists(OPERATIONS, min_size=1, max_size=8))
def test_a_batch_equals_its_requests_or_changes_nothing(db: None, operations: list[Any]) -> None:
    single, partial, atomic = Owner(), Owner(), Owner()
    before = atomic.tasks()

    wanted = single.one_by_one(operations)
    results = partial.together(operations, atomic=False).json()["results"]
    all_or_none = atomic.together(operations, atomic=True)

    assert [
        (result["status"], partial.comparable(result.get("task"))) for result in results
    ] == wanted
    assert partial.tasks() == single.tasks()
    failures = [index for index, (status, _) in enumerate(wanted) if status >= 400]
    if failures:
        assert (all_or_none.status_code, atomic.tasks()) == (409, before)
        assert all_or_none.json()["failed"]["index"] == failures[0]
    else:
        assert all_or_none.status_code == 200
        assert atomic.tasks() == single.tasks()


@pytest.mark.django_db(transaction=True)
def test_batches_and_requests_at_once_wait_for_each_other(alice: User) -> None:
    ids = [str(make_task(alice).pk) for _ in range(10)]

    def run(number: int) -> set[int]:
        client = client_of(alice.pk)
        operations = [{"op": "complete", "id": pk} for pk in ids[:: (1, -1)[number % 2]]]
        found = set[int]()
        for _ in range(10):
            found.add(client.post("/api/batch", {"operations": operations}).status_code)
            for pk in (ids[number], ids[-number]):
                found.add(client.patch(f"/api/tasks/{pk}", {"title": f"{number}"}).status_code)
        return found

    found = at_once(*(lambda number=number: run(number) for number in range(6)))

    assert set.union(*found) == {200}
    assert Task.objects.filter(completed=True).count() == 0  # toggled 60 times


@pytest.mark.django_db(transaction=True)
def test_of_two_creates_of_one_id_at_once_one_succeeds(alice: User) -> None:
    def create(pk: str, title: str) -> tuple[int, Any]:
        operation = {"op": "create", "id": pk, "fields": {"title": title}}
        body = {"operations": [operation], "atomic": False}
        (result,) = client_of(alice.pk).post("/api/batch", body).json()["results"]
        return result["status"], result.get("task", {}).get("title")

    for _ in range(10):
        pk = str(uuid4())
        results = at_once(partial(create, pk, "First"), partial(create, pk, "Second"))

        assert sorted(status for status, _ in results) == [201, 412]
        assert (201, Task.objects.get(pk=pk).title) in results


@pytest.mark.django_db(transaction=True)
def test_batches_at_once_keep_the_quota(alice: User, settings: Any) -> None:
    settings.TASKS_PER_USER = 25
    body = {"operations": [{"op": "create", "fields": {"title": "x"}}] * 10}

    responses = at_once(*[partial(client_of(alice.pk).post, "/api/batch", body)] * 5)

    assert sorted(response.status_code for response in responses) == [200, 200, 409, 409, 409]
    assert Task.objects.count() == 20
