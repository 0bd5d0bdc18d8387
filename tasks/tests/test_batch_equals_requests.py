"""A batch does what its operations do as single requests, or nothing."""

from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.tests.parallel import at_once
from conftest import client_of, make_task, token_for
from tasks.models import Task
from tasks.repeating import following_id

pytestmark = pytest.mark.django_db
# The tasks of each user by number: two live ones, one in the trash, one that repeats, and two that
# do not exist. NEXT is the task that follows the one that repeats.
LIVE, TRASHED, REPEATING, NUMBERS, NEXT = 2, 2, 3, range(6), 6
VALUES: dict[str, tuple[list[Any], list[Any]]] = {  # accepted and refused ones
    "title": (["One", "Two"], [" ", None, "x" * 256]),
    "description": (["Text", None], [7]),
    "completed": ([True, False], ["yes"]),
    "priority": (["high"], ["none"]),
    "due_date": (["2026-12-24", ""], ["soon"]),
    "due_at": (["2026-12-24T23:30:00Z", "2026-12-31T09:00:00+01:00", ""], ["soon"]),
    "time_zone": (["Europe/Berlin", "America/New_York", None], ["Europe/Bonn"]),
    "remind_at": (["2026-12-24T20:00:00Z", None], ["soon"]),
    "repeat": (
        [{"rule": "FREQ=DAILY"}, {"rule": "freq=weekly", "from": "completion"},
         {"rule": "FREQ=DAILY;COUNT=1"}, None],
        [{"rule": "FREQ=HOURLY"}],
    ),
    "tags": ([["Home", "Café"], [], None], [["a", "A"], "home"]),
}  # fmt: skip
ACCEPTED = st.fixed_dictionaries(
    {"title": st.sampled_from(VALUES["title"][0])},
    optional={name: st.sampled_from(good) for name, (good, _) in VALUES.items() if name != "title"},
)
ANY = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(good + bad) for name, (good, bad) in VALUES.items()}
)
OPERATIONS = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["create", "update", "complete", "delete", "restore"]),
        "id": st.sampled_from([*NUMBERS, NEXT]),
        "fields": ACCEPTED | ANY,
    },
    optional={"if_match": st.sampled_from(["current", '"0"'])},
)


DAILY = {"rule": "FREQ=DAILY"}


def operation(name: str, number: int, **fields: Any) -> dict[str, Any]:
    return {"op": name, "id": number, "fields": fields}


class Owner:
    """A user with the same tasks as every other owner, but for their ids."""

    def __init__(self) -> None:
        self.user = User.objects.create(id=f"owner-{uuid4()}", email="", password="!")
        self.client = client_of(self.user.pk)
        token = f"Bearer {token_for(self.user.pk)}"
        self.client.credentials(HTTP_AUTHORIZATION=token, HTTP_TIME_ZONE="Asia/Tokyo")
        self.ids = [uuid4() for _ in NUMBERS]
        self.ids.append(following_id(self.ids[REPEATING]))
        for number in (*range(LIVE), TRASHED):
            make_task(self.user, f"Task {number}", pk=self.ids[number])
        self.client.delete(self.path(TRASHED))
        fields = {"title": "Again", "repeat": {"rule": "FREQ=DAILY"}, "due_date": "2090-12-24"}
        created = self.client.put(self.path(REPEATING), fields, headers={"If-None-Match": "*"})
        assert created.status_code == 201

    def path(self, number: int) -> str:
        return f"/api/tasks/{self.ids[number]}"

    def one_by_one(self, operations: Any) -> list[Any]:
        """Returns the status and the task of each operation, sent as a request of its own."""
        results = []
        for each in operations:
            response = self.send(**each)
            task = response.json() if response.status_code < 300 and response.content else {}
            results.append((response.status_code, *self.both(task, task.pop("next", None))))
        return results

    def both(self, task: Any, following: Any) -> tuple[Any, Any]:
        """Returns a task and the next one of its series."""
        return self.comparable(task or None), self.comparable(following)

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
        kept = {**task, **times, "id": self.number_of(UUID(task["id"])), "user_id": ""}
        return {name: kept[name] for name in kept if name not in {"created_at", "updated_at"}}

    def number_of(self, pk: UUID) -> str:
        """Returns the number of a task, with a + for each task that it follows."""
        known = {each: str(number) for number, each in enumerate(self.ids)}
        while pk not in known:
            known |= {following_id(each): f"{name}+" for each, name in known.items()}
            assert len(known) < 1_000
        return known[pk]

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
@example(
    [
        operation("complete", REPEATING),  # creates NEXT
        operation("complete", REPEATING, completed=False),
        operation("complete", REPEATING),  # NEXT exists
        operation("complete", NEXT),
        operation("delete", NEXT),
        operation("update", REPEATING, completed=False),
        operation("update", REPEATING, completed=True, title="Changed"),  # restores NEXT
    ]
)
@example(
    [
        operation("create", 4, title="Late", due_at="2026-12-24T23:30:00Z"),  # the day in Tokyo
        operation("update", 4, time_zone="Europe/Berlin", repeat={"rule": "FREQ=DAILY"}),
        operation("update", 4, due_at="2026-12-24T22:30:00Z"),
        operation("complete", 4, completed=True),
        operation("update", 4, due_date="2026-12-31"),
    ]
)
@example(  # the time is on another day: 400 before 404 and 412
    [
        operation(name, number, **fields, due_at="2026-12-24T09:00:00Z", due_date="2026-12-31")
        for name in ("create", "update")
        for number in (0, TRASHED, 5)
        for fields in (
            {"title": "x", "time_zone": "Europe/Berlin"},
            {"title": "x", "time_zone": "Europe/Berlin", "completed": True, "repeat": DAILY},
        )
    ]
)
def test_a_batch_equals_its_requests_or_changes_nothing(db: None, operations: list[Any]) -> None:
    single, partial, atomic = Owner(), Owner(), Owner()
    before = atomic.tasks()

    wanted = single.one_by_one(operations)
    results = partial.together(operations, atomic=False).json()["results"]
    all_or_none = atomic.together(operations, atomic=True)

    assert [
        (result["status"], *partial.both(result.get("task"), result.get("next")))
        for result in results
    ] == wanted
    assert partial.tasks() == single.tasks()
    failures = [index for index, (status, *_) in enumerate(wanted) if status >= 400]
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
