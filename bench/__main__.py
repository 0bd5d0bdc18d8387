"""Compares the service with its peer, in tables. Exits with 1 when a budget is missed."""

import argparse
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from bench import budgets, measure
from bench.backends import Backend, peer_backend, service_backend
from bench.budgets import BUDGETS
from bench.measure import Rounds, RoundTrips, median, ratio
from bench.postgres import postgres
from bench.tables import heading, machine, row, write

ROUNDS = 4
missed: list[str] = []


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only the ratios, in short rounds")
    quick = parser.parse_args().quick
    write(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}\n")
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        peer = peer_backend(server, Path(folder))
        service = service_backend(server, Path(folder))
        backends = [peer, service]
        prepare(backends)
        trips = {backend.name: measure.round_trips(backend) for backend in backends}
        prepare(backends)
        with ExitStack() as running:
            for backend in backends:
                running.enter_context(backend.running())
            measure.check_same(peer, service)
            operations = dict(measure.throughput(backends, *((2, 3) if quick else (ROUNDS, 5))))
            print_ratios(operations, trips)
            if not quick:
                print_statistics(operations, trips)
                print_many_clients(
                    measure.many_connections(backends, 3), measure.once_a_second(backends, 2)
                )
        if not quick:
            print_start_and_memory(backends)
    write("\n" + (f"Missed: {', '.join(missed)}" if missed else "Every budget is met."))
    return 1 if missed else 0


def prepare(backends: list[Backend]) -> None:
    for backend in backends:
        backend.prepare()


def print_ratios(operations: dict[str, Rounds], trips: dict[str, RoundTrips]) -> None:
    heading("Service ÷ peer: median of the rounds (least and most); budget, goal")
    row(
        "operation", "requests/s", "≥", "app CPU", "≤", "round trips", "≤", "p50 ms, 10 ms away",
        "≤",
    )  # fmt: skip
    row(*["---"] * 9)
    for name, measured in operations.items():
        budget, (count, far) = BUDGETS[name], trips["service"][name]
        rps, cpu = ratio(measured, "rps"), ratio(measured, "app")
        errors = sum(statistics["errors"] for statistics in measured["service"])
        row(
            name,
            f"{verdict(f'{name} requests/s', rps[0] >= budget.rps and not errors)}{spread(rps)}",
            f"{budget.rps}, {budget.rps_goal}",
            f"{verdict(f'{name} CPU', cpu[0] <= budget.cpu)}{spread(cpu)}",
            f"{budget.cpu}, {budget.cpu_goal}",
            f"{verdict(f'{name} round trips', count <= budget.round_trips)}{count:.1f}",
            budget.round_trips,
            f"{verdict(f'{name} far away', far <= budgets.FAR_P50)}{far:.1f}",
            budgets.FAR_P50,
        )


def print_statistics(operations: dict[str, Rounds], trips: dict[str, RoundTrips]) -> None:
    heading(f"{measure.CONNECTIONS} connections, medians of {ROUNDS} rounds of 5 s")
    row(
        "operation", "", "requests/s", "p50 ms", "p95 ms", "p99 ms", "app CPU ms",
        "database CPU ms", "round trips", "busiest worker %", "errors",
    )  # fmt: skip
    row(*["---"] * 11)
    for operation, measured in operations.items():
        medians = {name: median(rounds) for name, rounds in measured.items()}
        verdict(f"{operation} p95", medians["service"]["p95"] < medians["peer"]["p95"])
        for name, m in medians.items():
            row(
                operation, name, f"{m['rps']:.0f}",
                *(f"{m[key]:.2f}" for key in ("p50", "p95", "p99", "app", "database")),
                f"{trips[name][operation][0]:.1f}", f"{m['busiest']:.0f}", f"{m['errors']:.0f}",
            )  # fmt: skip


def print_many_clients(at_once: Rounds, once_a_second: Rounds) -> None:
    heading(f"{measure.USERS} connections that list: again at once, and once a second each")
    row("load", "", "responses/s", "p50 ms", "p95 ms", "p99 ms", "errors")
    row(*["---"] * 7)
    for load, measured in (("at once", at_once), ("once a second", once_a_second)):
        for name, rounds in measured.items():
            m = median(rounds)
            times = (f"{m[key]:.1f}" for key in ("p50", "p95", "p99"))
            row(load, name, f"{m['rps']:.0f}", *times, f"{m['errors']:.0f}")
    service, peer = median(at_once["service"]), median(at_once["peer"])
    verdict("1,000 connections at once", service["rps"] > peer["rps"] and not service["errors"])


def print_start_and_memory(backends: list[Backend]) -> None:
    heading(
        "Time from the start to the first response, and memory (PSS of all processes) after load"
    )
    row("", "start ms", "memory MiB")
    row(*["---"] * 3)
    measured = measure.start_and_memory(backends, 5)
    for name, (start, memory) in measured.items():
        row(name, f"{start:.0f}", f"{memory:.0f}")
    verdict("start", measured["service"][0] <= measured["peer"][0])
    verdict("memory", measured["service"][1] <= measured["peer"][1])


def verdict(budget: str, met: bool) -> str:
    """Returns the mark of a missed budget for the table, and adds the budget to `missed`."""
    if not met:
        missed.append(budget)
    return "" if met else "**missed** "


def spread(values: tuple[float, float, float]) -> str:
    return "{:.2f} ({:.2f}-{:.2f})".format(*values)


if __name__ == "__main__":
    sys.exit(main())
