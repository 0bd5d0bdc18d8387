"""Kills, redeploys and reloads two instances behind nginx, under load.

    make bench-instances

Prints the results of the clients' requests in each phase. Exits with 1 when an acknowledged task is
not in the database or is there twice, or when a request failed while no instance was killed.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bench.behind_nginx import Instance, nginx, running
from bench.creating import Load, Result
from bench.postgres import Postgres, postgres

KILLED = "one killed and started again, four times (SIGKILL)"


def steady(instances: list[Instance]) -> None:
    time.sleep(5)


def kill(instances: list[Instance]) -> None:
    for instance in instances * 2:
        instance.kill()
        time.sleep(1)
        instance.start()
        time.sleep(1)


def redeploy(instances: list[Instance]) -> None:
    for instance in instances:
        instance.stop()
        instance.start()
        time.sleep(2)


def reload(instances: list[Instance]) -> None:
    for instance in instances:
        instance.reload()
        time.sleep(4)


PHASES: dict[str, Callable[[list[Instance]], None]] = {
    "nothing happens": steady,
    KILLED: kill,
    "both redeployed, one after the other (SIGTERM)": redeploy,
    "both reloaded, one after the other (SIGHUP)": reload,
}


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="todo-api-bench-") as folder,
        postgres() as server,
        running(server, Path(folder), 2) as instances,
        nginx(instances) as port,
    ):
        with Load(port) as load:
            for name, action in PHASES.items():
                load.phase = name
                action(instances)
                time.sleep(1)
        sys.exit(report(load.results, count_by_title(server)))


def count_by_title(server: Postgres) -> Counter[str]:
    """Returns the number of tasks in the database with each title."""
    with server.superuser("todo") as connection:
        return Counter(title for (title,) in connection.execute("SELECT title FROM tasks_task"))


def report(results: list[Result], tasks: Counter[str]) -> int:
    """Prints the tables. Returns the exit status."""
    lines = ["| Phase | Requests | Creates | Failed | Slowest | Failures |"]
    lines.append("|---|---:|---:|---:|---:|---|")
    for phase in PHASES:
        in_phase = [each for each in results if each.phase == phase]
        failures = Counter(f"{method(each)} {each.outcome}" for each in in_phase if each.failed)
        listed = ", ".join(f"{count} {failure}" for failure, count in sorted(failures.items()))
        created = sum(1 for each in in_phase if each.title and not each.failed)
        slowest = max(each.seconds for each in in_phase)
        lines.append(
            f"| {phase} | {len(in_phase):,} | {created:,} | {failures.total()} |"
            f" {slowest:.2f} s | {listed or 'none'} |"
        )
    acknowledged = {each.title for each in results if each.title and not each.failed}
    without_key = {each.title for each in results if each.title and not each.has_key}
    with_key = {each.title for each in results if each.has_key}
    retried = {each.title for each in results if each.has_key and each.failed}
    counts = {
        "Acknowledged creates": len(acknowledged),
        "Acknowledged and not in the database": len(acknowledged - set(tasks)),
        "In the database twice": sum(1 for count in tasks.values() if count > 1),
        "Created and not acknowledged, without Idempotency-Key": len(
            (without_key - acknowledged) & set(tasks)
        ),
        "Sent again with their Idempotency-Key": len(retried),
        "With a key and not exactly once in the database": sum(
            tasks[title] != 1 for title in with_key
        ),
    }
    lines += ["", "|  |  |", "|---|---:|"]
    lines += [f"| {name} | {count:,} |" for name, count in counts.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    wrong = [
        counts["Acknowledged and not in the database"],
        counts["In the database twice"],
        counts["With a key and not exactly once in the database"],
        sum(each.failed and each.phase != KILLED for each in results),
    ]
    return int(any(wrong))


def method(result: Result) -> str:
    return "POST" if result.title else "GET"


if __name__ == "__main__":
    main()
