"""The service as its callers see it while something around it is broken."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from conftest import ALICE, token_for
from todo_api.tests.http import Response, request, send

JSON: dict[str, Any] = {"content_type": "application/json"}


@dataclass
class Service:
    """A running service at `address`, asked as Alice."""

    address: str
    token: str = field(default_factory=lambda: token_for(ALICE))

    def ask(self, method: str, target: str, body: object = None, **headers: str) -> Response:
        signed_in: dict[str, Any] = {"authorization": f"Bearer {self.token}", **headers}
        text = b"" if body is None else json.dumps(body).encode()
        raw = request(method, target, text, **(JSON if text else {}), **signed_in)
        return send(self.address, raw, seconds=30)

    def list(self) -> Response:
        return self.ask("GET", "/api/tasks")

    def create(self, title: str = "Water the plants") -> Response:
        return self.ask("POST", "/api/tasks", {"title": title})

    def change(self, task: Response, **fields: Any) -> Response:
        return self.ask("PATCH", f"/api/tasks/{task.json['id']}", fields)

    @contextmanager
    def stays_awake(self) -> Iterator[None]:
        """While the block runs, /healthz is 200 and a bad token 401, each within 2 s, again and
        again.
        """
        wrong: list[tuple[str, int, float]] = []
        over = threading.Event()

        def watch() -> None:
            while True:
                for target, expected in (("/healthz", 200), ("/api/tasks", 401)):
                    ask = partial(self.ask, "GET", target, authorization="Bearer x")
                    response, seconds = timed(ask)
                    if response.status != expected or seconds > 2:
                        wrong.append((target, response.status, seconds))
                if over.wait(0.2):
                    return

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join(30)
        assert not watcher.is_alive()
        assert wrong == []


def timed(ask: Callable[[], Response]) -> tuple[Response, float]:
    """The answer, and the seconds it took."""
    started = time.monotonic()
    return ask(), time.monotonic() - started


def assert_unavailable(response: Response) -> None:
    """A 503 that says when to come back, and nothing of what is behind it."""
    text = "The service is temporarily unavailable, please try again"
    body = {
        "type": "about:blank", "title": "Service Unavailable", "status": 503, "detail": text,
        "error": text, "code": "unavailable", "request_id": response.headers["x-request-id"],
    }  # fmt: skip
    assert (response.status, response.json) == (503, body)
    assert response.headers["retry-after"] == "2"
