"""Measures the API's operations as the table grows, and as the number of tasks per user grows.

    make bench-growth
    python -m bench.growth --rows 100000    # a hundredth of it, in seconds

Requests of random users go through the whole application, in this process, with tokens and
row-level security. All data sets are measured in turn, so that other work on the machine affects
them alike. Prints medians in milliseconds: of the request, and of its wait for the database.
"""

import argparse
import hashlib
import logging
import os
import random
import re
import statistics
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django
import jwt
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from tqdm import tqdm

from bench.growth_rows import fill
from bench.postgres import Postgres, postgres

ROUNDS, REQUESTS = 10, 20  # of each operation on each data set
CLIENT = Client()  # one: each loads the middleware
PAGE = "/api/tasks?limit=20"
LISTS = {
    "First page": PAGE,
    "Open": f"{PAGE}&status=pending",
    "High priority": f"{PAGE}&priority=high",
    "Searched": f"{PAGE}&search=dentist",
}
FIRST, DEEP, CREATE = "First page", "Deep page", "Create"
OPERATIONS = (*LISTS, DEEP, CREATE)


@dataclass
class DataSet:
    """A database with `rows` tasks, `per_user` for each user. Only `active` users send requests."""

    rows: int
    per_user: int
    active: int = 100
    ms: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    blocks: list[int] = field(default_factory=list)

    @property
    def database(self) -> str:
        return f"growth_{self.rows}_{self.per_user}"

    def median(self, operation: str) -> tuple[float, float]:
        """Returns the milliseconds of a request, and of its wait for the database."""
        requests, database = zip(*self.ms[operation], strict=True)
        return statistics.median(requests), statistics.median(database)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.growth")
    parser.add_argument("--rows", type=int, default=10**7, help="tasks in the largest table (10^7)")
    most = parser.parse_args().rows
    if most < 100_000:
        parser.error("at least 100,000: a user has up to 10,000 tasks")
    data_sets = [DataSet(rows, 100) for rows in (most // 100, most // 10, most)]
    data_sets += [DataSet(most // 10, per_user) for per_user in (10, 1_000, 10_000)]
    all_active = DataSet(most, 100, active=most // 100)
    with postgres() as server:
        start_django(server)
        rows = sum(data_set.rows for data_set in data_sets)
        with tqdm(total=rows, unit=" rows", unit_scale=True, desc="Seeding") as bar:
            for data_set in data_sets:
                seed(server, data_set, bar)
        fill_system_cache(server)
        data_sets.append(all_active)
        for data_set in tqdm(data_sets * ROUNDS, desc="Measuring"):
            measure(data_set)
        connection.close()
    sys.stdout.write(f"{table(data_sets)}\n\n{ratios(data_sets)}\n")


def start_django(server: Postgres) -> None:
    os.environ["DATABASE_URL"] = server.address("postgres")
    os.environ["DJANGO_SETTINGS_MODULE"] = "todo_api.tests.settings"
    django.setup()
    logging.disable(logging.INFO)  # a line for each request


def seed(server: Postgres, data_set: DataSet, bar: Any) -> None:
    """Creates a database with the service's migrations, and fills it."""
    server.create(data_set.database)
    connect_to(data_set)
    call_command("migrate", verbosity=0)
    with server.superuser(data_set.database) as superuser:
        fill(superuser, data_set.rows, data_set.per_user, bar)


def fill_system_cache(server: Postgres) -> None:
    """Reads all files of the server, so that the data sets seeded first are in memory again."""
    with server.superuser() as superuser:
        ((folder,),) = superuser.execute("SHOW data_directory").fetchall()
    for path in Path(folder, "base").rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                while file.read(1 << 24):
                    pass


def connect_to(data_set: DataSet) -> None:
    connection.close()
    connection.settings_dict["NAME"] = data_set.database


def measure(data_set: DataSet) -> None:
    """Runs each operation, each time as a random user."""
    connect_to(data_set)
    for operation in (FIRST, CREATE):  # a new connection loads the catalogs
        request(data_set, operation)
    for operation in OPERATIONS * REQUESTS:
        if operation != DEEP or data_set.per_user > 20:
            data_set.ms[operation].append(request(data_set, operation))
    data_set.blocks.append(blocks_of_first_page(data_set))


def request(data_set: DataSet, operation: str) -> tuple[float, float]:
    """Runs an operation as an active user. Returns the milliseconds, and those of the database."""
    headers = random_user_headers(data_set)
    address = LISTS.get(operation, PAGE)
    if operation == DEEP:
        # The cursor is the same as after reading all pages before this one.
        link = CLIENT.get(f"{PAGE}&offset={data_set.per_user // 2}", headers=headers).headers[
            "Link"
        ]
        (address,) = re.findall("<http://testserver(.+)>", link)
    body = {"title": "Call the dentist"}
    database = 0.0

    def measured(execute: Any, *statement: Any) -> Any:
        nonlocal database
        started = time.perf_counter()
        try:
            return execute(*statement)
        finally:
            database += time.perf_counter() - started

    with connection.execute_wrapper(measured):
        started = time.perf_counter()
        if operation == CREATE:
            response = CLIENT.post("/api/tasks", body, "application/json", headers=headers)
        else:
            response = CLIENT.get(address, headers=headers)
        seconds = time.perf_counter() - started
    if response.status_code not in {200, 201}:
        sys.exit(f"{operation}: {response.status_code} {response.content.decode()}")
    return seconds * 1000, database * 1000


def random_user_headers(data_set: DataSet) -> dict[str, str]:
    """Returns the headers of one of the active users."""
    number = random.randrange(min(data_set.active, data_set.rows // data_set.per_user))
    sub = hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()
    claims = {"sub": sub, "exp": int(time.time()) + 900}
    token = jwt.encode(claims, settings.BETTER_AUTH_SECRET, algorithm="HS256")
    return {"Authorization": f"Bearer {token}"}


def blocks_of_first_page(data_set: DataSet) -> int:
    """Returns how many blocks of 8 KiB PostgreSQL reads, from memory or from the disk."""
    blocks = 0

    def explain(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal blocks
        execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", *rest)
        (((plan,),),) = rest[-1]["cursor"].fetchall()
        blocks += plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
        return execute(sql, *rest)

    with connection.execute_wrapper(explain):
        CLIENT.get(PAGE, headers=random_user_headers(data_set))
    return blocks


def table(data_sets: list[DataSet]) -> str:
    head = [
        "Tasks in all",
        "Tasks per user",
        "Active users",
        *OPERATIONS,
        "Blocks of a first page",
    ]
    lines = [f"| {' | '.join(head)} |", "|" + "---:|" * len(head)]
    for data_set in data_sets:
        cells = [f"{number:,}" for number in (data_set.rows, data_set.per_user, data_set.active)]
        for operation in OPERATIONS:
            measured = operation in data_set.ms
            cells.append("{:.2f} ({:.2f})".format(*data_set.median(operation)) if measured else "")
        cells.append(f"{statistics.median(data_set.blocks):.0f}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def ratios(data_sets: list[DataSet]) -> str:
    """Returns lines with the time of a first page in proportion to that in the smallest table."""
    smallest, *larger = [data_set for data_set in data_sets if data_set.per_user == 100]
    lines = []
    for data_set in larger:
        pairs = zip(data_set.median(FIRST), smallest.median(FIRST), strict=True)
        proportion = "{:.2f} ({:.2f})".format(*(new / old for new, old in pairs))
        lines.append(
            f"{FIRST}, {data_set.rows:,} tasks, {data_set.active:,} active: {proportion} times"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
