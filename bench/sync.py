"""Compares sync with lists, and batches with single requests. Exits with 1 for a missed budget."""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any

from bench.backends import LIST, Backend, Operation, service_backend, token
from bench.delay_proxy import DelayProxy
from bench.load import closed_loop
from bench.measure import CONNECTIONS, FAR_SECONDS
from bench.postgres import postgres
from bench.tables import machine, row, write
from todo_api.tests.pooled.servers import HOST

ROUNDS, SECONDS = 4, 4
TASKS, CREATES = 10_000, 100
HEAVY = "heavy-user"
SEED = """
INSERT INTO accounts_user (id, password, is_superuser, email, name, is_active, is_staff,
    date_joined, last_seen_at) VALUES ('heavy-user', '!', false, '', '', true, false, now(), now());
DO $$ BEGIN FOR number IN 1..10000 LOOP
    INSERT INTO tasks_task (id, user_id, title, completed, priority, created_at, updated_at)
    VALUES (gen_random_uuid(), 'heavy-user', 'Task ' || number, false, 2,
        now() - number * interval '1 s', now());
END LOOP; END $$;
"""


class Client:
    def __init__(self, backend: Backend, user: str) -> None:
        self.connection = HTTPConnection(HOST, backend.port, timeout=30)
        self.headers = {
            "Authorization": f"Bearer {token(user)}", "Content-Type": "application/json",
        }  # fmt: skip

    def send(self, method: str, path: str, body: Any = None) -> tuple[Any, str]:
        """Returns the JSON body and the Link header of the response."""
        text = json.dumps(body) if body else None
        self.connection.request(method, path, text, self.headers)
        response = self.connection.getresponse()
        if response.status >= 300:
            raise SystemExit(f"{response.status} for {method} {path}")
        return json.loads(response.read()), response.headers.get("Link", "")


def main() -> int:
    write(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}\n")
    row("measured", "service", "compared with", "ratio", "budget")
    row(*["---"] * 5)
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        backend = service_backend(server, Path(folder))
        backend.prepare()
        with server.superuser(backend.name) as connection:
            connection.execute(SEED.encode())
            connection.execute("VACUUM ANALYZE")
        with backend.running():
            met = [poll(backend), first_sync(backend)]
        with DelayProxy(server.port) as proxy, backend.running(proxy.port):
            met.append(batch(backend, proxy))
    return 0 if all(met) else 1


def poll(backend: Backend) -> bool:
    """Compares polls of unchanged accounts with lists of 100, in requests/s."""
    backend.operations["poll"] = Operation("GET", "{next}")
    users = backend.users.read_text().splitlines()
    backend.users.write_text("".join(f"{with_checkpoint(backend, line)}\n" for line in users))
    rounds = [
        [closed_loop(backend, name, SECONDS, CONNECTIONS) for name in ("poll", "list")]
        for _ in range(ROUNDS)
    ]
    polls, lists = (median(each[place]["rps"] for each in rounds) for place in (0, 1))
    ratio = median(one["rps"] / other["rps"] for one, other in rounds)
    return verdict(
        "poll, nothing new", f"{polls:.0f}/s", f"list of 100: {lists:.0f}/s", ratio, least=3
    )


def with_checkpoint(backend: Backend, line: str) -> str:
    sent, ids = line.split("\t")[:2]
    connection = HTTPConnection(HOST, backend.port, timeout=30)
    connection.request("GET", "/api/sync", headers={"Authorization": f"Bearer {sent}"})
    checkpoint = json.loads(connection.getresponse().read())["checkpoint"]
    connection.close()
    return f"{sent}\t{ids}\t/api/sync?since={checkpoint}"


def first_sync(backend: Backend) -> bool:
    """Compares all pages of a first sync with all pages of the list."""
    client = Client(backend, HEAVY)

    def synced() -> None:
        since, more, number = "", True, 0
        while more:
            page, _ = client.send("GET", f"/api/sync?limit=1000&since={since}")
            since, more, number = page["checkpoint"], page["more"], number + len(page["tasks"])
        assert number == TASKS

    def listed() -> None:
        path, number = f"{LIST}?limit=1000", 0
        while path:
            page, link = client.send("GET", path)
            number, path = (
                number + len(page),
                link.partition(">")[0].partition(str(backend.port))[2],
            )
        assert number == TASKS

    times = [(seconds(synced), seconds(listed)) for _ in range(ROUNDS + 1)][1:]
    sync, plain = (median(each[place] for each in times) for place in (0, 1))
    ratio = median(one / other for one, other in times)
    name = f"first sync of {TASKS} tasks"
    return verdict(name, f"{sync:.2f} s", f"list: {plain:.2f} s", ratio, most=1.5)


def batch(backend: Backend, proxy: DelayProxy) -> bool:
    """Compares a batch of creates with single creates, with a database 10 ms away."""
    client = Client(backend, HEAVY)
    fields = {"title": "New", "description": "Made by the bench"}
    client.send("POST", LIST, fields)
    proxy.delay = FAR_SECONDS
    operations = [{"op": "create", "fields": fields}] * CREATES
    together = seconds(lambda: client.send("POST", "/api/batch", {"operations": operations}))
    single = seconds(lambda: [client.send("POST", LIST, fields) for _ in range(CREATES)])
    name, other = f"batch of {CREATES} creates, 10 ms away", f"{CREATES} creates: {single:.2f} s"
    return verdict(name, f"{together:.2f} s", other, single / together, least=10)


def seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def verdict(
    name: str, measured: str, other: str, ratio: float, least: float = 0, most: float = 1e9
) -> bool:
    """Prints a row, and returns whether the budget is met."""
    met = least <= ratio <= most
    budget = f"≥ {least}" if least else f"≤ {most}"
    row(name, measured, other, f"{'' if met else '**missed** '}{ratio:.2f}", budget)
    return met


if __name__ == "__main__":
    sys.exit(main())
