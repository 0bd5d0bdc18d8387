"""Load from outside: a closed loop (wrk), and an open loop (each client once a second)."""

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
Statistics = dict[str, float]


def closed_loop(backend: Backend, name: str, seconds: int, connections: int) -> Statistics:
    """Sends requests on each connection, the next one after each response. Returns statistics:
    times in ms, CPU in ms for each request, `busiest` in % of the CPU.
    """
    operation, result = backend.operations[name], backend.folder / "wrk.json"
    environment = {
        "PATH": os.environ["PATH"], "METHOD": operation.method, "PATH_": operation.path,
        "BODY": operation.body, "USERS": str(backend.users), "RESULT": str(result),
        "FIRST": str(backend.deleted if name == "delete" else 0),
    }  # fmt: skip
    install_missing({"wrk": WRK})
    command = f"{WRK} -t1 -c{connections} -d{seconds}s --timeout 10s -s {SCRIPT}"
    app = backend.processes()
    app_before = {process: cpu([process]) for process in app}
    database_before = {
        process.pid: cpu([process]) for process in processes_of(backend.postgres.pid)
    }
    subprocess.run(
        [*command.split(), f"http://{HOST}:{backend.port}"], env=environment, check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    wrk = json.loads(result.read_text())
    count = max(1, wrk["requests"])
    if name == "delete":
        backend.deleted += count + connections
    app_used = [cpu([process]) - before for process, before in app_before.items()]
    # Processes of the database that ended meanwhile are not counted.
    database_used = sum(
        cpu([process]) - database_before.get(process.pid, 0)
        for process in processes_of(backend.postgres.pid)
    )
    return {
        "rps": count / wrk["us"] * 1e6,
        **{name: wrk[name] / 1000 for name in ("p50", "p95", "p99")},
        "app": sum(app_used) / count * 1000,
        "database": database_used / count * 1000,
        "busiest": max(app_used) / max(sum(app_used), 1e-9) * 100,
        "errors": wrk["errors"],
    }


def open_loop(backend: Backend, seconds: int, clients: int) -> Statistics:
    """Sends a list once a second for each client, without waiting for the last response. Returns
    statistics, with times in ms.
    """
    arguments = [str(part) for part in (backend.port, backend.users, clients, seconds)]
    command = [sys.executable, "-m", "bench.openloop", *arguments]
    statistics: Statistics = json.loads(subprocess.check_output(command))
    return statistics


def processes_of(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def cpu(processes: list[psutil.Process]) -> float:
    """Returns the CPU seconds that the processes have used since they started."""
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def memory(processes: list[psutil.Process]) -> float:
    """Returns MiB; shared memory is counted once (PSS)."""
    return float(sum(process.memory_full_info().pss for process in processes)) / 2**20
