"""No change is missed by sync, in whichever order transactions write and commit."""

import random
import threading
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.tests.parallel import at_once
from conftest import client_of, make_task
from tasks.models import Task
from tasks.querysets import changes

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, CHANGES_PER_WRITER = 50, 200


class Replica:
    """What a client knows: tasks by id, and its checkpoint."""

    def __init__(self, user: User) -> None:
        self.client = client_of(user.pk)
        self.start()

    def start(self) -> None:
        self.tasks: dict[str, Any] = {}
        self.checkpoint = ""

    def poll(self) -> None:
        """Gets all pages. Starts again after a 410."""
        more = True
        while more:
            page = self.client.get(f"/api/sync?since={self.checkpoint}&limit=100")
            if page.status_code == 410:
                self.start()
                continue
            body = page.json()
            self.tasks |= {task["id"]: task for task in body["tasks"]}
            for pk in body["deleted"]:
                self.tasks.pop(pk, None)
            self.checkpoint, more = body["checkpoint"], body["more"]

    def titles(self) -> set[str]:
        self.poll()
        return {task["title"] for task in self.tasks.values()}

    def equals_the_list(self) -> bool:
        self.poll()
        listed, url = list[Any](), "/api/tasks"
        while url:
            page = self.client.get(url)
            listed += page.json()
            url = page.headers.get("Link", "").partition(">")[0].removeprefix("<http://testserver")
        return {task["id"]: task for task in listed} == self.tasks


class Writer:
    """A transaction in a thread of its own, which writes, and ends when it is told to."""

    def __init__(self, user: User, title: str, *, commit: bool = True) -> None:
        self.wrote, self.end = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.run, args=(user, title, commit))
        self.thread.start()

    def run(self, user: User, title: str, commit: bool) -> None:
        try:
            with transaction.atomic():
                make_task(user, title)
                self.wrote.set()
                self.end.wait(20)
                transaction.set_rollback(not commit)
        finally:
            connection.close()

    def finish(self) -> None:
        self.end.set()
        self.thread.join(20)


@pytest.mark.parametrize("commit", [True, False])
def test_a_later_writer_waits_for_an_earlier_one(alice: User, commit: bool) -> None:
    replica = Replica(alice)
    first = Writer(alice, "First", commit=commit)
    assert first.wrote.wait(20)
    second = Writer(alice, "Second")

    waited = not second.wrote.wait(0.3)
    before = replica.titles()
    first.finish()
    assert second.wrote.wait(20)
    between = replica.titles()
    second.finish()

    assert waited
    assert before == set()
    assert between == ({"First"} if commit else set())
    assert replica.titles() == between | {"Second"}


def test_writers_of_different_users_do_not_wait(alice: User, bob: User) -> None:
    hers = Writer(alice, "Hers")
    assert hers.wrote.wait(20)
    his = Writer(bob, "His")

    assert his.wrote.wait(20)
    his.finish()
    assert Replica(bob).titles() == {"His"}
    hers.finish()


def test_a_poll_does_not_wait_for_writers(alice: User) -> None:
    make_task(alice, "Committed")
    writer = Writer(alice, "Open")
    assert writer.wrote.wait(20)

    replica = Replica(alice)

    assert replica.titles() == {"Committed"}
    writer.finish()
    assert replica.titles() == {"Committed", "Open"}


@pytest.mark.slow
def test_a_client_that_replays_checkpoints_ends_with_the_list(alice: User) -> None:
    Task.objects.bulk_create(Task.objects.new(user=alice, title=f"Task {n}") for n in range(200))
    ids = [*Task.objects.values_list("pk", flat=True)]
    replica, done = Replica(alice), threading.Event()

    def write(seed: int) -> None:
        choose = random.Random(seed)
        for number in range(CHANGES_PER_WRITER):
            change(alice, choose, ids, f"Writer {seed}, change {number}")

    def poll() -> None:
        choose, known = random.Random(0), [(dict[str, Any](), "")]
        while not done.wait(0.1):
            replica.poll()
            known = [*known[-20:], (dict(replica.tasks), replica.checkpoint)]
            if choose.random() < 0.3:  # an earlier state, such as of a tab that slept
                tasks, replica.checkpoint = choose.choice(known)
                replica.tasks = dict(tasks)
        connection.close()

    poller = threading.Thread(target=poll)
    poller.start()
    try:
        at_once(*(partial(write, seed) for seed in range(WRITERS)))
    finally:
        done.set()
        poller.join()

    assert replica.equals_the_list()
    fresh = Replica(alice)
    assert fresh.equals_the_list()


def change(user: User, choose: random.Random, ids: list[UUID], title: str) -> None:
    """Makes one random change, some of them in a transaction with a second statement."""
    now, task = timezone.now(), Task.objects.filter(pk=choose.choice(ids))
    kind = choose.random()
    if kind < 0.3:
        make_task(user, title)
    elif kind < 0.6:
        task.update(**changes(now, title=title))
    elif kind < 0.75:
        task.update(**changes(now, deleted_at=now))
    elif kind < 0.9:
        task.update(**changes(now, deleted_at=None))
    elif kind < 0.995:
        with transaction.atomic():
            task.update(**changes(now, completed=True))
            connection.cursor().execute("SELECT pg_sleep(0.001)")
    else:
        task.delete()
