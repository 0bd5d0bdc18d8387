"""What is measured, each for both backends in turn: whatever else the machine does meets both."""

import statistics
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

from tqdm import tqdm

from bench.backends import LISTS, OPERATIONS, Backend
from bench.delay_proxy import DelayProxy
from bench.load import Figures, closed, cpu, memory, opened
from todo_api.tests.pooled.servers import HOST

CONNECTIONS = 16
PEOPLE = 1000
FAR_SECONDS = 0.005  # each way
ALONE = 80  # % of the CPU that all processes of a backend used
IDLE = 0.05  # s of CPU in a second
PATIENCE = 60  # s
Rounds = dict[str, list[Figures]]  # by the backend's name
Trips = dict[str, tuple[float, float]]  # by operation: how many, and ms when they are far


def check_same(peer: Backend, service: Backend) -> None:
    """Both answer the same before anything is measured. Ids differ, and ours has further fields."""
    for name in LISTS:
        theirs, ours = peer.ask(name)[1], service.ask(name)[1]
        compared = [{name: task[name] for name in theirs[0]} for task in ours]
        for task in (*theirs, *compared):
            del task["id"]
        if theirs != compared or len(ours) < 19:
            raise SystemExit(f"The answers differ: {name}, {theirs[:1]}, {compared[:1]}")


def throughput(backends: list[Backend], rounds: int, seconds: int) -> Iterator[tuple[str, Rounds]]:
    """For each operation the figures of each round, peer and service alternately."""
    for backend in backends:
        backend.follow()
    for name in tqdm(OPERATIONS, "operations", disable=None):
        measured: Rounds = {backend.name: [] for backend in backends}
        if name != "delete":  # of what is deleted there is no more than that
            for backend in backends:
                closed(backend, name, 1, CONNECTIONS)
        for number in range(rounds):
            for backend in backends[:: 1 if number % 2 else -1]:
                measured[backend.name].append(balanced(backend, name, seconds))
        yield name, measured


def balanced(backend: Backend, name: str, seconds: int) -> Figures:
    """A round in which both workers had something to do. Where one has all connections, which
    happens to the peer, its figures are not those that a user would see with more of them.
    """
    for _ in range(6):
        figures = closed(backend, name, seconds, CONNECTIONS)
        if figures["busiest"] < ALONE:
            break
    return figures


def round_trips(backend: Backend) -> Trips:
    """By operation: round trips to the database, and the p50 in ms with a database 10 ms away."""
    found = {}
    with DelayProxy(backend.postgres.port) as proxy, backend.running(proxy.port):
        caller, ids = HTTPConnection(HOST, backend.port, 20), iter(backend.ids)
        for name in OPERATIONS:
            proxy.delay = 0
            for _ in range(20):  # until each process has its connections
                asked(backend, name, ids, caller)
            proxy.delay, counts, took = FAR_SECONDS, [], []
            for _ in range(20):
                before = proxy.round_trips
                took.append(asked(backend, name, ids, caller))
                # What the one before did after its answer is among them, which counts, too.
                counts.append(proxy.round_trips - before)
            # Of one of them it may be one more: a process writes the last minute's figures.
            found[name] = statistics.median(counts), statistics.median(took)
    return found


def asked(backend: Backend, name: str, ids: Iterator[str], caller: HTTPConnection) -> float:
    """How many ms the answer took. A task is deleted once only."""
    task = next(ids) if name == "delete" else backend.ids[-1]
    started = time.perf_counter()
    status, _ = backend.ask(name, task, caller)
    if status >= 300:
        raise SystemExit(f"{backend.name} answers {status} to {name}")
    return (time.perf_counter() - started) * 1000


def crowd(backends: list[Backend], rounds: int) -> Rounds:
    """A thousand connections, each listing as fast as it is answered."""
    measured: Rounds = {backend.name: [] for backend in backends}
    for _ in tqdm(range(rounds), "connections", disable=None):
        for backend in backends:
            settle(backends)
            measured[backend.name].append(closed(backend, "list", 5, PEOPLE))
    return measured


def callers(backends: list[Backend], rounds: int) -> Rounds:
    """A thousand people, each listing once a second."""
    measured: Rounds = {backend.name: [] for backend in backends}
    for _ in tqdm(range(rounds), "callers", disable=None):
        for backend in backends:
            settle(backends)
            measured[backend.name].append(opened(backend, 15, PEOPLE))
    return measured


def settle(backends: list[Backend]) -> None:
    """Waits until nobody works any more at what a thousand callers left behind when they hung up:
    for seconds it would slow down whoever is measured next.
    """
    processes = [process for backend in backends for process in backend.processes()]
    used, until = cpu(processes), time.monotonic() + PATIENCE
    while time.monotonic() < until:
        time.sleep(1)
        before, used = used, cpu(processes)
        if used - before < IDLE:
            return
    raise SystemExit(f"A backend does not come to rest within {PATIENCE} s")


def footprints(backends: list[Backend], rounds: int) -> dict[str, tuple[float, float]]:
    """The medians of ms from start to first answer, and of MiB after two seconds of load."""
    starts: dict[str, list[float]] = {backend.name: [] for backend in backends}
    memories: dict[str, list[float]] = {backend.name: [] for backend in backends}
    for _ in tqdm(range(rounds), "starts", disable=None):
        for backend in backends:
            with backend.running():
                starts[backend.name].append(backend.seconds * 1000)
                closed(backend, "list", 2, CONNECTIONS)
                memories[backend.name].append(memory(backend.processes()))
    return {
        name: (statistics.median(starts[name]), statistics.median(memories[name]))
        for name in starts
    }


def median(rounds: list[Figures]) -> Figures:
    """Of each figure. Errors are added up."""
    middle = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    return {**middle, "errors": sum(each["errors"] for each in rounds)}


def ratio(measured: Rounds, name: str) -> Any:
    """Ours ÷ peer within each round: the median, the least and the most."""
    pairs = zip(measured["service"], measured["peer"], strict=True)
    ratios = [ours[name] / theirs[name] for ours, theirs in pairs]
    return statistics.median(ratios), min(ratios), max(ratios)
