"""Who of a worker's threads may begin."""

import time
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Event, Thread, get_ident

import pytest

from todo_api import lane
from todo_api.lane import LAST_WAITS, NEAR_SECONDS, Lane, Neighbour

THREADS = 4
START = Thread.start


class Job:
    """Computes until it is told to end; on its way it may wait for a neighbour."""

    def __init__(self) -> None:
        self.begun, self.asked, self.answered, self.end = Event(), Event(), Event(), Event()
        self.thread, self.asks = 0, True

    def do(self) -> None:
        self.thread = get_ident()
        self.begun.set()
        if self.asks:
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


def test_one_computes_and_the_others_stand_in_line(threads: Lane, jobs: list[Job]) -> None:
    jobs[0].asks = False
    for job in jobs:
        threads.put(job)
    eventually(lambda: begun(jobs) == 1)

    jobs[0].over()
    eventually(lambda: begun(jobs) == 2)

    assert [job.begun.is_set() for job in jobs[:3]] == [True, True, False]
    assert jobs[1].thread == jobs[0].thread  # whoever is done goes on with the next
    end(jobs)


def test_another_begins_when_all_that_have_begun_wait(threads: Lane, jobs: list[Job]) -> None:
    for job in jobs:
        threads.put(job)
    eventually(lambda: begun(jobs) == 1)

    jobs[0].asked.set()
    eventually(lambda: begun(jobs) == 2)
    jobs[0].answered.set()  # two compute now
    eventually(lambda: not threads.held)
    jobs[1].asked.set()
    eventually(lambda: len(threads.held) == 1)

    assert begun(jobs) == 2
    end(jobs)


def test_in_a_lane_of_those_who_compute_nothing_all_begin(jobs: list[Job]) -> None:
    slow = Lane(Job.do, THREADS, together=THREADS)

    for job in jobs:
        slow.put(job)

    eventually(lambda: begun(jobs) == THREADS)
    end(jobs)


def test_all_threads_may_wait_and_no_more(threads: Lane, jobs: list[Job]) -> None:
    for job in jobs:
        job.asked.set()
        threads.put(job)

    eventually(lambda: len(threads.held) == THREADS)

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
        eventually(lambda: not threads.busy)
        served.append(job.thread)

    assert len(set(served)) == 1


def test_what_nobody_takes_up_is_taken_up_whatever_the_others_do(
    threads: Lane, jobs: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "IMPATIENT_SECONDS", 0.2)
    for job in jobs:
        threads.put(job)
    eventually(lambda: begun(jobs) == 1)
    threads.taken_at = time.monotonic()

    threads.wait_for_room()
    eventually(lambda: begun(jobs) == 2)
    assert len(threads.backlog) == len(jobs) - 2  # one, and no more

    jobs[1].asks = False  # it goes on as if the long one were not there
    jobs[1].over()
    eventually(lambda: begun(jobs) == 3)
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
    threads: Lane, jobs: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    def waited() -> float:
        started = time.monotonic()
        threads.taken_at = started + 60  # nobody is impatient
        threads.wait_for_room()
        return time.monotonic() - started

    monkeypatch.setattr(lane, "IMPATIENT_SECONDS", 0.2)
    jobs[0].asks = jobs[1].asks = False
    threads.put(jobs[0])
    assert waited() < 0.1  # it has begun

    for job in jobs[1:3]:
        threads.put(job)
    assert waited() >= 0.2
    assert len(threads.backlog) == 2

    jobs[0].over()
    eventually(lambda: len(threads.backlog) == 1)
    assert waited() >= 0.2
    jobs[1].over()
    eventually(lambda: not threads.backlog)
    assert waited() < 0.1

    end(jobs[:3])


def test_a_neighbour_is_far_when_even_the_shortest_wait_was_long() -> None:
    neighbour = Neighbour()
    assert not neighbour.far  # until that is known

    neighbour.waits.extend([NEAR_SECONDS * 5] * (LAST_WAITS - 1))
    assert not neighbour.far
    neighbour.waits.append(NEAR_SECONDS * 2)
    assert neighbour.far

    neighbour.waits.append(NEAR_SECONDS / 2)
    assert not neighbour.far


def test_elsewhere_a_wait_is_nobodys_business() -> None:
    done: SimpleQueue[str] = SimpleQueue()

    with lane.waiting():
        done.put("waited")

    assert done.get() == "waited"


def end(jobs: list[Job]) -> None:
    for job in jobs:
        job.over()
    eventually(lambda: begun(jobs) == len(jobs))
