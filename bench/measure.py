"""Measurements of both backends in turn, so that other work on the machine affects both."""

import time
from collections.abc import Iterator
from http.client import HTTPConnection
from statistics import median as median_of
from typing import Any

from tqdm import tqdm

from bench.backends import LISTS, OPERATIONS, Backend
from bench.delay_proxy import DelayProxy
from bench.load import Statistics, closed_loop, cpu, memory, open_loop
from todo_api.tests.pooled.servers import HOST

CONNECTIONS = 16
USERS = 1000
FAR_SECONDS = 0.005  # each way
UNBALANCED = 80  # % of a backend's CPU in one process
IDLE_CPU_SECONDS = 0.05  # in a second
IDLE_TIMEOUT_SECONDS = 60
Rounds = dict[str, list[Statistics]]  # by the backend's name
RoundTrips = dict[str, tuple[float, float]]  # by operation: count, ms with a far database


def check_same(peer: Backend, service: Backend) -> None:
    """Exits when the lists of both backends differ, in other fields than the id and those that only
    the service has.
    """
    for name in LISTS:
        expected, tasks = peer.send(name)[1], service.send(name)[1]
        compared = [{name: task[name] for name in expected[0]} for task in tasks]
        for task in (*expected, *compared):
            del task["id"]
        if expected != compared or len(tasks) < 19:
            raise SystemExit(f"The responses differ: {name}, {expected[:1]}, {compared[:1]}")


def throughput(backends: list[Backend], rounds: int, seconds: int) -> Iterator[tuple[str, Rounds]]:
    """Yields each operation with the statistics of its rounds, peer and service alternately."""
    for backend in backends:
        backend.find_second_pages()
    for name in tqdm(OPERATIONS, "operations", disable=None):
        measured: Rounds = {backend.name: [] for backend in backends}
        if name != "delete":  # a warm-up would use up the tasks to delete
            for backend in backends:
                closed_loop(backend, name, 1, CONNECTIONS)
        for number in range(rounds):
            for backend in backends[:: 1 if number % 2 else -1]:
                measured[backend.name].append(balanced_round(backend, name, seconds))
        yield name, measured


def balanced_round(backend: Backend, name: str, seconds: int) -> Statistics:
    """Returns the statistics of a round in which both workers had connections. In the peer, one of
    them may have all. Gives up after six rounds.
    """
    for _ in range(6):
        statistics = closed_loop(backend, name, seconds, CONNECTIONS)
        if statistics["busiest"] < UNBALANCED:
            break
    return statistics


def round_trips(backend: Backend) -> RoundTrips:
    """Returns, by operation, the round trips to the database, and the p50 in ms with a database 10
    ms away.
    """
    result = {}
    with DelayProxy(backend.postgres.port) as proxy, backend.running(proxy.port):
        client, ids = HTTPConnection(HOST, backend.port, 20), iter(backend.ids)
        for name in OPERATIONS:
            proxy.delay = 0
            for _ in range(20):  # until each process has its database connections
                milliseconds(backend, name, ids, client)
            proxy.delay, counts, times = FAR_SECONDS, [], []
            for _ in range(20):
                before = proxy.round_trips
                times.append(milliseconds(backend, name, ids, client))
                # Includes what the last request did after its response.
                counts.append(proxy.round_trips - before)
            # The median ignores the request that also writes the last minute's statistics.
            result[name] = median_of(counts), median_of(times)
    return result


def milliseconds(backend: Backend, name: str, ids: Iterator[str], client: HTTPConnection) -> float:
    """Returns the time of one request. Each deletion takes the next id."""
    task = next(ids) if name == "delete" else backend.ids[-1]
    started = time.perf_counter()
    status, _ = backend.send(name, task, client)
    if status >= 300:
        raise SystemExit(f"{backend.name} returns {status} for {name}")
    return (time.perf_counter() - started) * 1000


def many_connections(backends: list[Backend], rounds: int) -> Rounds:
    """Measures lists on a thousand connections in a closed loop."""
    measured: Rounds = {backend.name: [] for backend in backends}
    for _ in tqdm(range(rounds), "connections", disable=None):
        for backend in backends:
            wait_until_idle(backends)
            measured[backend.name].append(closed_loop(backend, "list", 5, USERS))
    return measured


def once_a_second(backends: list[Backend], rounds: int) -> Rounds:
    """Measures lists of a thousand clients, each once a second, in an open loop."""
    measured: Rounds = {backend.name: [] for backend in backends}
    for _ in tqdm(range(rounds), "clients", disable=None):
        for backend in backends:
            wait_until_idle(backends)
            measured[backend.name].append(open_loop(backend, 15, USERS))
    return measured


def wait_until_idle(backends: list[Backend]) -> None:
    """Waits until the backends have finished the requests of clients that have disconnected, which
    would slow down the next measurement. Exits when that takes too long.
    """
    processes = [process for backend in backends for process in backend.processes()]
    used, until = cpu(processes), time.monotonic() + IDLE_TIMEOUT_SECONDS
    while time.monotonic() < until:
        time.sleep(1)
        before, used = used, cpu(processes)
        if used - before < IDLE_CPU_SECONDS:
            return
    raise SystemExit(f"A backend is not idle after {IDLE_TIMEOUT_SECONDS} s")


def start_and_memory(backends: list[Backend], rounds: int) -> dict[str, tuple[float, float]]:
    """Returns, by backend, the medians of ms from the start to the first response, and of MiB after
    two seconds of load.
    """
    starts: dict[str, list[float]] = {backend.name: [] for backend in backends}
    memories: dict[str, list[float]] = {backend.name: [] for backend in backends}
    for _ in tqdm(range(rounds), "starts", disable=None):
        for backend in backends:
            with backend.running():
                starts[backend.name].append(backend.seconds * 1000)
                closed_loop(backend, "list", 2, CONNECTIONS)
                memories[backend.name].append(memory(backend.processes()))
    return {name: (median_of(starts[name]), median_of(memories[name])) for name in starts}


def median(rounds: list[Statistics]) -> Statistics:
    """Returns the median of each statistic, and the sum of errors."""
    medians = {name: median_of(each[name] for each in rounds) for name in rounds[0]}
    return {**medians, "errors": sum(each["errors"] for each in rounds)}


def ratio(measured: Rounds, name: str) -> Any:
    """Returns service ÷ peer within the rounds: the median, the least and the most."""
    pairs = zip(measured["service"], measured["peer"], strict=True)
    ratios = [service[name] / peer[name] for service, peer in pairs]
    return median_of(ratios), min(ratios), max(ratios)
