"""What growth costs: the API's operations as the table grows, and as one person's part of it does.

    make bench-growth
    python -m bench.growth --rows 100000    # a hundredth of it, in seconds

Requests go through the whole application, in this process, as random people: their token, their
identity in front of each statement, row-level security. All shapes are there at once and are asked
in turn, so that whatever else the machine does meets them alike. Prints medians in milliseconds: of
the request, and of its wait for the database.
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

ROUNDS, REQUESTS = 10, 20  # of each operation in each shape
CLIENT = Client()  # each would load the middleware again
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
class Shape:
    """A database with so many tasks, the same number of them for each person, and so many people
    who are active: others' tasks are only there.
    """

    rows: int
    each: int
    active: int = 100
    ms: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    blocks: list[int] = field(default_factory=list)

    @property
    def database(self) -> str:
        return f"growth_{self.rows}_{self.each}"

    def median(self, operation: str) -> tuple[float, float]:
        """Milliseconds of a request, and of its wait for the database."""
        requests, database = zip(*self.ms[operation], strict=True)
        return statistics.median(requests), statistics.median(database)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.growth")
    parser.add_argument("--rows", type=int, default=10**7, help="tasks in the largest table (10^7)")
    most = parser.parse_args().rows
    if most < 100_000:
        parser.error("with fewer than 100,000 nobody would have 10,000")
    growing = [Shape(rows, 100) for rows in (most // 100, most // 10, most)]
    shapes = growing + [Shape(most // 10, each) for each in (10, 1_000, 10_000)]
    everybody = Shape(most, 100, active=most // 100)
    with postgres() as server:
        start_django(server)
        rows = sum(shape.rows for shape in shapes)
        with tqdm(total=rows, unit=" rows", unit_scale=True, desc="Seeding") as bar:
            for shape in shapes:
                seed(server, shape, bar)
        warm(server)
        shapes.append(everybody)
        for shape in tqdm(shapes * ROUNDS, desc="Measuring"):
            measure(shape)
        connection.close()
    sys.stdout.write(f"{table(shapes)}\n\n{in_words(shapes)}\n")


def start_django(server: Postgres) -> None:
    os.environ["DATABASE_URL"] = server.address("postgres")
    os.environ["DJANGO_SETTINGS_MODULE"] = "todo_api.tests.settings"
    django.setup()
    logging.disable(logging.INFO)  # a line for each request


def seed(server: Postgres, shape: Shape, bar: Any) -> None:
    """The service's own migrations, then rows."""
    server.create(shape.database)
    connect_to(shape)
    call_command("migrate", verbosity=0)
    with server.superuser(shape.database) as superuser:
        fill(superuser, shape.rows, shape.each, bar)


def warm(server: Postgres) -> None:
    """Reads what was written once more, or the shapes seeded first would be read from the disk."""
    with server.superuser() as superuser:
        ((folder,),) = superuser.execute("SHOW data_directory").fetchall()
    for path in Path(folder, "base").rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                while file.read(1 << 24):
                    pass


def connect_to(shape: Shape) -> None:
    connection.close()
    connection.settings_dict["NAME"] = shape.database


def measure(shape: Shape) -> None:
    """Each operation, each time as somebody else."""
    connect_to(shape)
    for operation in (FIRST, CREATE):  # a new connection has to learn of the tables first
        request(shape, operation)
    for operation in OPERATIONS * REQUESTS:
        if operation != DEEP or shape.each > 20:
            shape.ms[operation].append(request(shape, operation))
    shape.blocks.append(blocks_of_first_page(shape))


def request(shape: Shape, operation: str) -> tuple[float, float]:
    """As one of the active people. Milliseconds, and those of them that the database took."""
    headers = somebody(shape)
    address = LISTS.get(operation, PAGE)
    if operation == DEEP:
        # The cursor that this page hands out is the one that all pages before it would lead to.
        before = CLIENT.get(f"{PAGE}&offset={shape.each // 2}", headers=headers).headers["Link"]
        (address,) = re.findall("<http://testserver(.+)>", before)
    body = {"title": "Call the dentist"}
    database = 0.0

    def waiting(execute: Any, *statement: Any) -> Any:
        nonlocal database
        began = time.perf_counter()
        try:
            return execute(*statement)
        finally:
            database += time.perf_counter() - began

    with connection.execute_wrapper(waiting):
        began = time.perf_counter()
        if operation == CREATE:
            response = CLIENT.post("/api/tasks", body, "application/json", headers=headers)
        else:
            response = CLIENT.get(address, headers=headers)
        seconds = time.perf_counter() - began
    if response.status_code not in {200, 201}:
        sys.exit(f"{operation}: {response.status_code} {response.content.decode()}")
    return seconds * 1000, database * 1000


def somebody(shape: Shape) -> dict[str, str]:
    """The headers of one of the active people."""
    number = random.randrange(min(shape.active, shape.rows // shape.each))  # noqa: S311
    sub = hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()
    claims = {"sub": sub, "exp": int(time.time()) + 900}
    token = jwt.encode(claims, settings.BETTER_AUTH_SECRET, algorithm="HS256")
    return {"Authorization": f"Bearer {token}"}


def blocks_of_first_page(shape: Shape) -> int:
    """How many blocks of 8 KiB PostgreSQL looks at: what is not in memory is a read of a disk."""
    blocks = 0

    def explain(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal blocks
        execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", *rest)
        (((plan,),),) = rest[-1]["cursor"].fetchall()
        blocks += plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
        return execute(sql, *rest)

    with connection.execute_wrapper(explain):
        CLIENT.get(PAGE, headers=somebody(shape))
    return blocks


def table(shapes: list[Shape]) -> str:
    head = [
        "Tasks in all",
        "Tasks a person",
        "Active people",
        *OPERATIONS,
        "Blocks of a first page",
    ]
    lines = [f"| {' | '.join(head)} |", "|" + "---:|" * len(head)]
    for shape in shapes:
        cells = [f"{number:,}" for number in (shape.rows, shape.each, shape.active)]
        for operation in OPERATIONS:
            there = operation in shape.ms
            cells.append("{:.2f} ({:.2f})".format(*shape.median(operation)) if there else "")
        cells.append(f"{statistics.median(shape.blocks):.0f}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def in_words(shapes: list[Shape]) -> str:
    """How many times longer a first page takes than in the smallest table, where all else is so."""
    smallest, *larger = [shape for shape in shapes if shape.each == 100]
    lines = []
    for shape in larger:
        pairs = zip(shape.median(FIRST), smallest.median(FIRST), strict=True)
        ratios = "{:.2f} ({:.2f})".format(*(new / old for new, old in pairs))
        lines.append(f"{FIRST}, {shape.rows:,} tasks, {shape.active:,} active: {ratios} times")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
