"""Load from outside: wrk, and callers who each ask once a second."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil

from bench.backends import Backend
from todo_api.tests.packages import install_missing
from todo_api.tests.pooled.servers import HOST

WRK = Path("/usr/bin/wrk")
SCRIPT = Path(__file__).with_name("load.lua")
Figures = dict[str, float]


def closed(backend: Backend, name: str, seconds: int, connections: int) -> Figures:
    """Each connection asks again as soon as it has its answer. Times in ms, CPU in ms a request."""
    operation, result = backend.operations[name], backend.folder / "wrk.json"
    environment = {
        "PATH": os.environ["PATH"], "METHOD": operation.method, "PATH_": operation.path,
        "BODY": operation.body, "PEOPLE": str(backend.people), "RESULT": str(result),
        "FIRST": str(backend.used if name == "delete" else 0),
    }  # fmt: skip
    install_missing({"wrk": WRK})
    command = f"{WRK} -t1 -c{connections} -d{seconds}s --timeout 10s -s {SCRIPT}"
    app = backend.processes()
    before = cpu(app), [cpu([process]) for process in app]
    idle = {process.pid: cpu([process]) for process in processes_of(backend.postgres.pid)}
    subprocess.run(  # noqa: S603
        [*command.split(), f"http://{HOST}:{backend.port}"], env=environment, check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    wrk = json.loads(result.read_text())
    count = max(1, wrk["requests"])
    if name == "delete":
        backend.used += count + connections
    used = [cpu([process]) - was for process, was in zip(app, before[1], strict=True)]
    # Without those that ended meanwhile: what they had used before is no part of it.
    database = processes_of(backend.postgres.pid)
    busy = sum(cpu([process]) - idle.get(process.pid, 0) for process in database)
    return {
        "rps": count / wrk["us"] * 1e6,
        **{name: wrk[name] / 1000 for name in ("p50", "p95", "p99")},
        "app": (cpu(app) - before[0]) / count * 1000,
        "database": busy / count * 1000,
        "busiest": max(used) / max(sum(used), 1e-9) * 100,
        "errors": wrk["errors"],
    }


def opened(backend: Backend, seconds: int, users: int) -> Figures:
    """Each of the people lists once a second, whether or not the last answer is there."""
    told = (str(part) for part in (backend.port, backend.people, users, seconds))
    output = subprocess.check_output([sys.executable, "-m", "bench.openloop", *told])  # noqa: S603
    figures: Figures = json.loads(output)
    return figures


def processes_of(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def cpu(processes: list[psutil.Process]) -> float:
    """Seconds that they have used since they started."""
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def memory(processes: list[psutil.Process]) -> float:
    """MiB, with what they share counted once (PSS)."""
    return float(sum(process.memory_full_info().pss for process in processes)) / 2**20
