"""Two instances behind nginx, under load: they are killed, redeployed and reloaded in turn.

    make bench-instances

Prints what callers saw in each phase. Ends with 1 when an acknowledged task is not in the database
or one is there twice, and when a request failed although nothing was killed.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bench.behind_nginx import Instance, nginx, running
from bench.creating import Crowd, Seen
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
        with Crowd(port) as crowd:
            for name, happen in PHASES.items():
                crowd.phase = name
                happen(instances)
                time.sleep(1)
        sys.exit(report(crowd.seen, written(server)))


def written(server: Postgres) -> Counter[str]:
    """How often each title is in the database."""
    with server.superuser("todo") as connection:
        return Counter(title for (title,) in connection.execute("SELECT title FROM tasks_task"))


def report(seen: list[Seen], rows: Counter[str]) -> int:
    """Prints the tables. Returns the exit status."""
    lines = ["| Phase | Requests | Creates | Failed | Slowest | Failures |"]
    lines.append("|---|---:|---:|---:|---:|---|")
    for phase in PHASES:
        ours = [one for one in seen if one.phase == phase]
        kinds = Counter(f"{method(one)} {one.kind}" for one in ours if one.failed)
        shown = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        created = sum(1 for one in ours if one.title and not one.failed)
        slowest = max(one.seconds for one in ours)
        lines.append(
            f"| {phase} | {len(ours):,} | {created:,} | {kinds.total()} | {slowest:.2f} s |"
            f" {shown or 'none'} |"
        )
    acknowledged = {one.title for one in seen if one.title and not one.failed}
    unkeyed = {one.title for one in seen if one.title and not one.keyed}
    keyed = {one.title for one in seen if one.keyed}
    repeated = {one.title for one in seen if one.keyed and one.failed}
    facts = {
        "Acknowledged creates": len(acknowledged),
        "Acknowledged and not in the database": len(acknowledged - set(rows)),
        "In the database twice": sum(1 for count in rows.values() if count > 1),
        "Created and not acknowledged, without Idempotency-Key": len(
            (unkeyed - acknowledged) & set(rows)
        ),
        "Sent again with their Idempotency-Key": len(repeated),
        "With a key and not exactly once in the database": sum(rows[title] != 1 for title in keyed),
    }
    lines += ["", "|  |  |", "|---|---:|"]
    lines += [f"| {name} | {count:,} |" for name, count in facts.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    wrong = [
        facts["Acknowledged and not in the database"],
        facts["In the database twice"],
        facts["With a key and not exactly once in the database"],
        sum(one.failed and one.phase != KILLED for one in seen),
    ]
    return int(any(wrong))


def method(one: Seen) -> str:
    return "POST" if one.title else "GET"


if __name__ == "__main__":
    main()
