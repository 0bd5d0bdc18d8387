"""What gunicorn.conf.py could say instead, measured: workers, threads, one socket or several.

python -m bench.settings
"""

import statistics
import tempfile
from pathlib import Path

from tqdm import tqdm

from bench.backends import ROOT, Backend, the_service
from bench.delay_proxy import DelayProxy
from bench.load import Figures, closed, memory
from bench.measure import FAR_SECONDS
from bench.postgres import postgres
from bench.tables import heading, machine, row, say

CONNECTIONS = (2, 16, 64, 256)
FAR = 64  # connections, while the database is 10 ms away
ROUNDS, SECONDS = 2, 2
# Flags, and what replaces the file's own lines.
VARIANTS = {
    "2 workers, 8 threads": ("", ""),
    "others begin at each wait": ("", "from todo_api import lane\nlane.NEAR_SECONDS = 0"),
    "1 worker": ("--workers 1", ""),
    "3 workers": ("--workers 3", ""),
    "4 workers": ("--workers 4", ""),
    "2 threads": ("--threads 2", ""),
    "4 threads": ("--threads 4", ""),
    "16 threads": ("--threads 16", ""),
    "32 threads": ("--threads 32", ""),
    "one socket for both": ("", "reuse_port = False"),
    "gunicorn's own gthread": ("--worker-class gthread", ""),
    "no keep-alive": ("--keep-alive 0", ""),
}


def main() -> None:
    say(machine())
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        service = the_service(server, Path(folder))
        service.prepare()
        base = service.command
        measured: dict[str, dict[int, list[Figures]]] = {}
        sizes: dict[str, list[float]] = {}
        for _ in tqdm(range(ROUNDS), "rounds", disable=None):
            for name, (flags, lines) in VARIANTS.items():
                service.command = f"{base} --config {config(Path(folder), lines)} {flags}"
                with service.running():
                    closed(service, "get", 1, CONNECTIONS[-1])
                    for connections in CONNECTIONS:
                        figures = closed(service, "get", SECONDS, connections)
                        kept = measured.setdefault(name, {}).setdefault(connections, [])
                        kept.append(figures)
                    sizes.setdefault(name, []).append(size(service))
                with DelayProxy(server.port) as proxy, service.running(proxy.port):
                    proxy.delay = FAR_SECONDS
                    closed(service, "get", 1, FAR)
                    kept = measured[name].setdefault(0, [])
                    kept.append(closed(service, "get", SECONDS, FAR))
    table(measured, sizes)


def config(folder: Path, lines: str) -> Path:
    """gunicorn.conf.py, with these lines behind it."""
    file = folder / "gunicorn.conf.py"
    file.write_text(f"{(ROOT / 'gunicorn.conf.py').read_text()}\n{lines}\n")
    return file


def size(service: Backend) -> float:
    return memory(service.processes())


def table(measured: dict[str, dict[int, list[Figures]]], sizes: dict[str, list[float]]) -> None:
    heading(
        f"GET of one task, medians of {ROUNDS} rounds of {SECONDS} s: requests/s (p95 in ms,"
        " the busiest worker's share of the CPU in %)"
    )
    counts = (f"{count} connections" for count in CONNECTIONS)
    row("", *counts, f"{FAR}, database 10 ms away", "errors", "memory MiB")
    row("---", *["---:"] * (len(CONNECTIONS) + 3))
    for name, by_count in measured.items():
        cells = []
        for rounds in by_count.values():
            middle = {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
            worst = max(each["busiest"] for each in rounds)
            cells.append(f"{middle['rps']:.0f} ({middle['p95']:.0f}, {worst:.0f})")
        errors = sum(each["errors"] for rounds in by_count.values() for each in rounds)
        row(name, *cells, f"{errors:.0f}", f"{statistics.median(sizes[name]):.0f}")


if __name__ == "__main__":
    main()
