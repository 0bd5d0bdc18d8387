"""The service beside its peer, as a table. Exits with 1 when a budget is missed."""

import argparse
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from bench import budgets, measure
from bench.backends import Backend, the_peer, the_service
from bench.budgets import BUDGETS
from bench.measure import Rounds, Trips, median, ratio
from bench.postgres import postgres
from bench.tables import heading, machine, row, say

ROUNDS = 4
missed: list[str] = []


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="Only the ratios, of short rounds")
    quick = parser.parse_args().quick
    say(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}\n")
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        peer, service = the_peer(server, Path(folder)), the_service(server, Path(folder))
        both = [peer, service]
        prepare(both)
        trips = {backend.name: measure.round_trips(backend) for backend in both}
        prepare(both)
        with ExitStack() as running:
            for backend in both:
                running.enter_context(backend.running())
            measure.check_same(peer, service)
            operations = dict(measure.throughput(both, *((2, 3) if quick else (ROUNDS, 5))))
            ratios(operations, trips)
            if not quick:
                figures(operations, trips)
                crowds(measure.crowd(both, 3), measure.callers(both, 2))
        if not quick:
            footprints(both)
    say("\n" + (f"Missed: {', '.join(missed)}" if missed else "Every budget is met."))
    return 1 if missed else 0


def prepare(both: list[Backend]) -> None:
    for backend in both:
        backend.prepare()


def ratios(operations: dict[str, Rounds], trips: dict[str, Trips]) -> None:
    heading("Ours ÷ peer: median of the rounds (least and most); budget, goal")
    row(
        "operation", "requests/s", "≥", "app CPU", "≤", "round trips", "≤", "p50 ms, 10 ms away",
        "≤",
    )  # fmt: skip
    row(*["---"] * 9)
    for name, measured in operations.items():
        budget, (count, far) = BUDGETS[name], trips["service"][name]
        rps, cpu = ratio(measured, "rps"), ratio(measured, "app")
        errors = sum(figures["errors"] for figures in measured["service"])
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


def figures(operations: dict[str, Rounds], trips: dict[str, Trips]) -> None:
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


def crowds(closed: Rounds, opened: Rounds) -> None:
    heading(f"{measure.PEOPLE} connections that list: at once again, and once a second each")
    row("load", "", "answers/s", "p50 ms", "p95 ms", "p99 ms", "errors")
    row(*["---"] * 7)
    for load, measured in (("at once", closed), ("once a second", opened)):
        for name, rounds in measured.items():
            m = median(rounds)
            times = (f"{m[key]:.1f}" for key in ("p50", "p95", "p99"))
            row(load, name, f"{m['rps']:.0f}", *times, f"{m['errors']:.0f}")
    ours, theirs = median(closed["service"]), median(closed["peer"])
    verdict("1,000 connections at once", ours["rps"] > theirs["rps"] and not ours["errors"])


def footprints(both: list[Backend]) -> None:
    heading("From the start to the first answer, and memory (PSS of all processes) after load")
    row("", "start ms", "memory MiB")
    row(*["---"] * 3)
    found = measure.footprints(both, 5)
    for name, (start, memory) in found.items():
        row(name, f"{start:.0f}", f"{memory:.0f}")
    verdict("start", found["service"][0] <= found["peer"][0])
    verdict("memory", found["service"][1] <= found["peer"][1])


def verdict(what: str, met: bool) -> str:
    """Remembers what was missed, and marks it in the table."""
    if not met:
        missed.append(what)
    return "" if met else "**missed** "


def spread(values: tuple[float, float, float]) -> str:
    return "{:.2f} ({:.2f}-{:.2f})".format(*values)


if __name__ == "__main__":
    sys.exit(main())
