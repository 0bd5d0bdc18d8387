"""Measures other servers, workers and limits than those of gunicorn.conf.py.

python -m bench.settings [words in the names of rows …]
"""

import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from bench.backends import ROOT, Backend, python_with, service_backend
from bench.delay_proxy import DelayProxy
from bench.load import Statistics, closed_loop, memory
from bench.measure import FAR_SECONDS, median
from bench.postgres import postgres
from bench.tables import heading, machine, row, write
from todo_api.tests.pooled.servers import HOST

# Numbers of connections, with a near database and with one that is 10 ms away.
NEAR, FAR = (2, 16, 64, 256), (16, 64)
ROUNDS, SECONDS = 2, 2
ADDRESS = f"{HOST}:{{port}}"
GUNICORN = f"gunicorn bench.variant --bind {ADDRESS}"


@dataclass
class Variant:
    command: str = GUNICORN
    environment: dict[str, str] = field(default_factory=dict)


VARIANTS = {
    "as it is: 2 workers, 8 threads": Variant(),
    "1 worker": Variant(f"{GUNICORN} --workers 1"),
    "3 workers": Variant(f"{GUNICORN} --workers 3"),
    "2 threads": Variant(environment={"BENCH_THREADS": "2"}),
    "16 threads": Variant(environment={"BENCH_THREADS": "16"}),
    "8 threads at once": Variant(environment={"BENCH_NEAR": "0"}),
    "8 threads at once, switch interval 0.5 ms": Variant(
        environment={"BENCH_NEAR": "0", "BENCH_SWITCH": "0.0005"}
    ),
    "switch interval 0.5 ms": Variant(environment={"BENCH_SWITCH": "0.0005"}),
    "event loop of asyncio": Variant(f"{GUNICORN} --asgi-loop asyncio"),
    "uvicorn-worker": Variant(f"{GUNICORN} --worker-class uvicorn_worker.UvicornWorker"),
    "granian": Variant(
        f"granian --interface asgi bench.variant:application --host {HOST} --port {{port}}"
        " --workers 2"
    ),
    "gthread, 8 threads": Variant(
        f"gunicorn todo_api.wsgi --bind {ADDRESS} --worker-class gthread --threads 8"
    ),
}


def main() -> None:
    write(machine())
    variants = {
        name: variant
        for name, variant in VARIANTS.items()
        if not sys.argv[1:] or any(word in name for word in sys.argv[1:])
    }
    python = python_with("servers", ROOT / "bench/servers.txt")
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        service = service_backend(server, Path(folder))
        service.prepare()
        environment = service.environment
        measured: dict[str, dict[str, list[Statistics]]] = {}
        sizes: dict[str, list[float]] = {}
        for _ in tqdm(range(ROUNDS), "rounds", disable=None):
            for name, variant in variants.items():
                service.command = f"{python} -m {variant.command}"
                service.environment = environment | variant.environment
                cells = measured.setdefault(name, {})
                with service.running():
                    under_load(service, NEAR, "", cells)
                    sizes.setdefault(name, []).append(memory(service.processes()))
                with DelayProxy(server.port) as proxy, service.running(proxy.port):
                    proxy.delay = FAR_SECONDS
                    under_load(service, FAR, ", 10 ms away", cells)
    table(measured, sizes)


def under_load(
    service: Backend, counts: tuple[int, ...], where: str, cells: dict[str, list[Statistics]]
) -> None:
    closed_loop(service, "get", 1, counts[-1])
    for count in counts:
        result = closed_loop(service, "get", SECONDS, count)
        cells.setdefault(f"{count}{where}", []).append(result)


def table(measured: dict[str, dict[str, list[Statistics]]], sizes: dict[str, list[float]]) -> None:
    heading(
        f"GET of one task, by number of connections, medians of {ROUNDS} rounds of {SECONDS} s:"
        " requests/s (p95, p99 in ms; the busiest worker's share of the CPU in %)"
    )
    row("", *next(iter(measured.values())), "errors", "memory MiB")
    row("---", *["---:"] * (len(NEAR) + len(FAR) + 2))
    for name, by_count in measured.items():
        cells = []
        for rounds in by_count.values():
            m = median(rounds)
            worst = max(each["busiest"] for each in rounds)
            cells.append(f"{m['rps']:.0f} ({m['p95']:.0f}, {m['p99']:.0f}; {worst:.0f})")
        errors = sum(each["errors"] for rounds in by_count.values() for each in rounds)
        row(name, *cells, f"{errors:.0f}", f"{statistics.median(sizes[name]):.0f}")


if __name__ == "__main__":
    main()
