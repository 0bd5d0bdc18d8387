"""Clients that create and list tasks at a steady rate, and the results of their requests."""

import http.client
import json
import ssl
import threading
import time
import uuid
from dataclasses import dataclass

import jwt

from bench.behind_nginx import SECRET

CLIENTS = 40
INTERVAL_SECONDS = 0.2  # between two requests of a client
ATTEMPTS = 20  # of a create with an Idempotency-Key


@dataclass
class Result:
    """How a request ended, as its client saw it."""

    phase: str  # in which it ended
    outcome: str  # the status, or the name of the connection's error
    seconds: float
    title: str = ""  # of the task to create
    has_key: bool = False

    @property
    def failed(self) -> bool:
        return self.outcome not in {"200", "201"}


class Client(threading.Thread):
    """Sends in turn a list, a create without a key, and a create with a key.

    The create with a key is retried until it succeeds, the one without a key is not.
    """

    def __init__(self, load: "Load", number: int) -> None:
        super().__init__()
        now = int(time.time())
        payload = {"sub": f"user-{number}", "iat": now, "exp": now + 3600}
        self.load, self.number = load, number
        self.headers = {
            "Authorization": f"Bearer {jwt.encode(payload, SECRET, algorithm='HS256')}",
            "Content-Type": "application/json",
        }
        unverified = ssl._create_unverified_context()  # noqa: S323  (a test server on loopback)
        self.connection = http.client.HTTPSConnection(
            "localhost", load.port, timeout=30, context=unverified
        )

    def run(self) -> None:
        due = time.monotonic() + self.number / CLIENTS * INTERVAL_SECONDS
        count = 0
        while not self.load.over.wait(max(0, due - time.monotonic())):
            action = (self.list, self.create, self.create_once)[count % 3]
            action()
            count += 1
            due += INTERVAL_SECONDS
        self.connection.close()

    def list(self) -> None:
        self.send("GET", "/api/tasks?limit=20")

    def create(self) -> None:
        self.send("POST", "/api/tasks", title=str(uuid.uuid4()))

    def create_once(self) -> None:
        title = str(uuid.uuid4())
        for _ in range(ATTEMPTS):
            if not self.send("POST", "/api/tasks", title=title, has_key=True).failed:
                return
            time.sleep(INTERVAL_SECONDS)

    def send(self, method: str, target: str, title: str = "", *, has_key: bool = False) -> Result:
        body = json.dumps({"title": title}) if title else None
        headers = self.headers | ({"Idempotency-Key": title} if has_key else {})
        started = time.monotonic()
        try:
            self.connection.request(method, target, body, headers)
            response = self.connection.getresponse()
            response.read()
            outcome = str(response.status)
        except (OSError, http.client.HTTPException) as exc:
            self.connection.close()
            outcome = type(exc).__name__
        result = Result(self.load.phase, outcome, time.monotonic() - started, title, has_key)
        self.load.results.append(result)
        return result


class Load:
    """Runs the clients inside of a `with` block. Set `phase` to label the results."""

    def __init__(self, port: int) -> None:
        self.port, self.phase = port, ""
        self.over = threading.Event()
        self.results: list[Result] = []
        self.clients = [Client(self, number) for number in range(CLIENTS)]

    def __enter__(self) -> "Load":
        for client in self.clients:
            client.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for client in self.clients:
            client.join()
