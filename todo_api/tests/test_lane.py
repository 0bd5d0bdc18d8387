"""Who of a worker's threads may begin."""

import time
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Event, Thread, get_ident

import pytest

from todo_api import lane
from todo_api.lane import FEW, Lane

THREADS = FEW + 3
START = Thread.start


class Job:
    """Computes until it is told to end; on its way it may wait for a neighbour."""

    def __init__(self) -> None:
        self.begun, self.asked, self.answered, self.end = Event(), Event(), Event(), Event()
        self.thread = 0

    def do(self) -> None:
        self.thread = get_ident()
        self.begun.set()
        self.asked.wait(60)
        with lane.waiting():
            self.answered.wait(60)
        self.end.wait(60)

    def over(self) -> None:
        for event in (self.asked, self.answered, self.end):
            event.set()


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    monkeypatch.setattr(lane, "IMPATIENT_SECONDS", 3600)
    return [Job() for _ in range(THREADS + 2)]


@pytest.fixture
def threads(jobs: list[Job]) -> Lane:
    found = Lane(Job.do, THREADS)
    eventually(lambda: len(found.idle) == THREADS)
    return found


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.001)


def begun(jobs: list[Job]) -> int:
    return sum(job.begun.is_set() for job in jobs)


def test_a_few_begin_and_the_others_stand_in_line(threads: Lane, jobs: list[Job]) -> None:
    for job in jobs:
        threads.put(job)
    eventually(lambda: begun(jobs) == FEW)

    jobs[0].over()
    eventually(lambda: jobs[FEW].begun.is_set())

    assert [job.begun.is_set() for job in jobs] == [True] * (FEW + 1) + [False] * 4
    assert jobs[FEW].thread == jobs[0].thread  # whoever is done goes on with the next
    end(jobs)


def test_another_begins_when_all_that_have_begun_wait(threads: Lane, jobs: list[Job]) -> None:
    for job in jobs:
        threads.put(job)
    eventually(lambda: begun(jobs) == FEW)

    for job in jobs[: FEW - 1]:
        job.asked.set()
    eventually(lambda: threads.waiting == FEW - 1)
    assert begun(jobs) == FEW  # one computes

    jobs[FEW - 1].asked.set()
    eventually(lambda: begun(jobs) == FEW + 1)
    assert threads.busy == FEW + 1
    end(jobs)


def test_all_threads_may_wait_and_no_more(threads: Lane, jobs: list[Job]) -> None:
    for job in jobs:
        job.asked.set()
        threads.put(job)

    eventually(lambda: threads.waiting == THREADS)

    assert begun(jobs) == THREADS
    end(jobs)
    assert all(job.begun.is_set() for job in jobs)


def test_of_those_that_are_free_the_one_begins_that_served_last(
    threads: Lane, jobs: list[Job]
) -> None:
    served = []
    for job in jobs:
        threads.put(job)
        job.over()
        eventually(lambda: threads.busy == 0)
        served.append(job.thread)

    assert len(set(served)) == 1


def test_what_nobody_takes_up_is_taken_up_whatever_the_others_do(
    threads: Lane, jobs: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    for job in jobs:
        threads.put(job)
    eventually(lambda: begun(jobs) == FEW)

    threads.relieve()
    assert begun(jobs) == FEW  # not yet

    monkeypatch.setattr(lane, "IMPATIENT_SECONDS", 0)
    threads.relieve()
    eventually(lambda: begun(jobs) == FEW + 1)
    end(jobs)


def test_what_comes_before_the_threads_have_begun_is_taken_up(
    jobs: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin: list[Callable[[], None]] = []
    with monkeypatch.context() as held:
        held.setattr(Thread, "start", lambda thread: begin.append(partial(START, thread)))
        early = Lane(Job.do, 1)
    early.put(jobs[0])

    begin[0]()

    eventually(lambda: jobs[0].begun.is_set())
    jobs[0].over()


def test_whoever_collects_requests_waits_while_some_stand_in_line(
    threads: Lane, jobs: list[Job]
) -> None:
    def waited() -> float:
        started = time.monotonic()
        threads.wait_for_room(0.2)
        return time.monotonic() - started

    for job in jobs[:FEW]:
        threads.put(job)
    assert waited() < 0.1  # all have begun

    for job in jobs[FEW : FEW + 2]:
        threads.put(job)
    assert waited() >= 0.2

    jobs[0].over()
    eventually(lambda: len(threads.backlog) == 1)
    assert waited() >= 0.2
    jobs[1].over()
    eventually(lambda: not threads.backlog)
    assert waited() < 0.1

    end(jobs[: FEW + 2])


def test_elsewhere_a_wait_is_nobodys_business() -> None:
    done: SimpleQueue[str] = SimpleQueue()

    with lane.waiting():
        done.put("waited")

    assert done.get() == "waited"


def end(jobs: list[Job]) -> None:
    for job in jobs:
        job.over()
    eventually(lambda: begun(jobs) == len(jobs))
