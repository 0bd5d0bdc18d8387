"""Compares a million tasks in one table and in 16 hash partitions by user: size, time, isolation.

    python -m bench.partitions

Statements are timed in turns on both tables, as an API request sends them (role, user and the
statement in one message) and as an operator does. Prints medians in milliseconds.
"""

import statistics
import sys
import time
from importlib import import_module

import psycopg

from bench.behind_nginx import manage, migrated
from bench.postgres import OWNER, Postgres, postgres

TASKS, USERS, PARTITIONS, ROUNDS = 1_000_000, 10_000, 16, 500
USER = "demo-0000777"
POLICIES = import_module("tasks.migrations.0002_row_level_security").FORWARD

ONE, MANY = "tasks_task_one", "tasks_task"
INDEXES = (
    "(user_id, created_at DESC, id DESC)",
    "(created_at, id) WHERE isfinite(created_at)",
    "(id)",
    "(completed_at) WHERE completed_at IS NOT NULL",
)
# A unique key of a partitioned table must contain the column of the partitions.
PARTITIONED = f"""
ALTER TABLE tasks_task RENAME TO {ONE};
CREATE TABLE tasks_task (
    LIKE {ONE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id) REFERENCES accounts_user (id) DEFERRABLE INITIALLY DEFERRED
) PARTITION BY HASH (user_id);
ALTER TABLE tasks_task OWNER TO {OWNER};
"""
AS_USER = f"SELECT todo_become('{USER}'); "
NEWEST = "ORDER BY created_at DESC, id DESC LIMIT 100"
STATEMENTS = {
    "list": f"{AS_USER} SELECT * FROM {{table}} WHERE user_id = '{USER}' {NEWEST}",
    "get": f"{AS_USER} SELECT * FROM {{table}} WHERE user_id = '{USER}' AND id = '{{id}}'",
    "list, policy only": f"{AS_USER} SELECT * FROM {{table}} {NEWEST}",
    "create": f"""{AS_USER} INSERT INTO {{table}}
        (id, user_id, title, completed, priority, created_at, updated_at)
        VALUES (gen_random_uuid(), '{USER}', 'x', false, 2, now(), now())""",
    "operator: newest of all": f"SELECT * FROM {{table}} WHERE isfinite(created_at) {NEWEST}",
    "operator: by id": "SELECT * FROM {table} WHERE id = '{id}'",
}


def partition(connection: psycopg.Connection) -> float:
    """Replaces the table by a partitioned one. Returns the seconds."""
    started = time.monotonic()
    run(connection, PARTITIONED)
    for number in range(PARTITIONS):
        name, rest = f"tasks_task_{number}", f"modulus {PARTITIONS}, remainder {number}"
        run(connection, f"CREATE TABLE {name} PARTITION OF tasks_task FOR VALUES WITH ({rest})")
        run(connection, f"ALTER TABLE {name} OWNER TO {OWNER}")
    run(connection, f"INSERT INTO {MANY} SELECT * FROM {ONE}")
    for columns in INDEXES:
        run(connection, f"CREATE INDEX ON {MANY} {columns}")
    run(connection, POLICIES)
    run(connection, "VACUUM ANALYZE")
    return time.monotonic() - started


def run(connection: psycopg.Connection, statement: str) -> list[tuple[object, ...]]:
    cursor = connection.execute(statement.encode())
    return cursor.fetchall() if cursor.description else []


def milliseconds(connection: psycopg.Connection, statement: str) -> tuple[float, float]:
    """Returns the median times of the statement on one table and on the partitions."""
    ((task,),) = run(connection, f"SELECT id FROM {ONE} WHERE user_id = '{USER}' LIMIT 1")
    taken: dict[str, list[float]] = {ONE: [], MANY: []}
    for _ in range(ROUNDS):
        for table, times in taken.items():
            started = time.perf_counter()
            run(connection, statement.format(table=table, id=task))
            times.append(time.perf_counter() - started)
    return statistics.median(taken[ONE]) * 1000, statistics.median(taken[MANY]) * 1000


def report(server: Postgres, environment: dict[str, str]) -> list[str]:
    with server.superuser("todo") as connection:
        run(connection, "VACUUM ANALYZE")
        sizes = f"pg_table_size('{MANY}'), pg_indexes_size('{MANY}')"
        ((heap, indexes),) = run(connection, f"SELECT {sizes}")
        lines = [f"{TASKS:,} tasks: {heap:,} bytes in the table, {indexes:,} in its indexes", ""]
        seconds = partition(connection)
        lines += ["| Statement | one table, ms | 16 partitions, ms |", "|---|---:|---:|"]
        for name, statement in STATEMENTS.items():
            one, many = milliseconds(connection, statement)
            lines.append(f"| {name} | {one:.2f} | {many:.2f} |")
        run(connection, f"DROP TABLE {ONE}")
    found = manage(environment, "verify_isolation", may_fail=True).splitlines()
    kept = sum(line.startswith("ok") for line in found)
    lines += ["", f"Copied and indexed in {seconds:.0f} s. verify_isolation: {kept} hold,"]
    return [*lines, *(line for line in found if not line.startswith("ok"))]


def main() -> None:
    with postgres() as server:
        environment = migrated(server)
        manage(
            environment, "seed_demo", "--users", str(USERS), "--tasks", str(TASKS), "--confirm",
            "--verbosity", "0",
        )  # fmt: skip
        sys.stdout.write("\n".join(report(server, environment)) + "\n")


if __name__ == "__main__":
    main()
