"""Many people who create tasks and list them at a steady rate, and what they got to see."""

import http.client
import json
import ssl
import threading
import time
import uuid
from dataclasses import dataclass

import jwt

from bench.behind_nginx import SECRET

PEOPLE = 40
SECONDS_BETWEEN = 0.2  # of each person
TRIES = 20  # of a create that carries an Idempotency-Key


@dataclass
class Seen:
    """One request, as its sender saw it end."""

    phase: str  # in which it ended
    kind: str  # the status, or the error of the connection
    seconds: float
    title: str = ""  # what was to be created
    keyed: bool = False

    @property
    def failed(self) -> bool:
        return self.kind not in {"200", "201"}


class Person(threading.Thread):
    """Lists, creates without a key and does not repeat it, creates with a key until it is done."""

    def __init__(self, crowd: "Crowd", number: int) -> None:
        super().__init__()
        now = int(time.time())
        payload = {"sub": f"person-{number}", "iat": now, "exp": now + 3600}
        self.crowd, self.number = crowd, number
        self.headers = {
            "Authorization": f"Bearer {jwt.encode(payload, SECRET, algorithm='HS256')}",
            "Content-Type": "application/json",
        }
        trusting = ssl._create_unverified_context()  # noqa: S323  (made for this run, on loopback)
        self.connection = http.client.HTTPSConnection(
            "localhost", crowd.port, timeout=30, context=trusting
        )

    def run(self) -> None:
        due = time.monotonic() + self.number / PEOPLE * SECONDS_BETWEEN
        count = 0
        while not self.crowd.over.wait(max(0, due - time.monotonic())):
            act = (self.list, self.create, self.create_once)[count % 3]
            act()
            count += 1
            due += SECONDS_BETWEEN
        self.connection.close()

    def list(self) -> None:
        self.send("GET", "/api/tasks?limit=20")

    def create(self) -> None:
        self.send("POST", "/api/tasks", title=str(uuid.uuid4()))

    def create_once(self) -> None:
        title = str(uuid.uuid4())
        for _ in range(TRIES):
            if not self.send("POST", "/api/tasks", title=title, keyed=True).failed:
                return
            time.sleep(SECONDS_BETWEEN)

    def send(self, method: str, target: str, title: str = "", *, keyed: bool = False) -> Seen:
        body = json.dumps({"title": title}) if title else None
        headers = self.headers | ({"Idempotency-Key": title} if keyed else {})
        started = time.monotonic()
        try:
            self.connection.request(method, target, body, headers)
            response = self.connection.getresponse()
            response.read()
            kind = str(response.status)
        except (OSError, http.client.HTTPException) as exc:
            self.connection.close()
            kind = type(exc).__name__
        seen = Seen(self.crowd.phase, kind, time.monotonic() - started, title, keyed)
        self.crowd.seen.append(seen)
        return seen


class Crowd:
    """Acts from the beginning of the block to its end; `phase` is what is happening meanwhile."""

    def __init__(self, port: int) -> None:
        self.port, self.phase = port, ""
        self.over = threading.Event()
        self.seen: list[Seen] = []
        self.people = [Person(self, number) for number in range(PEOPLE)]

    def __enter__(self) -> "Crowd":
        for user in self.people:
            user.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for user in self.people:
            user.join()
