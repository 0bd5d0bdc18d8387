"""A client of a running service, and assertions about its responses during faults."""

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
    """Sends requests to the service at `address` with `token`, by default Alice's."""

    address: str
    token: str = field(default_factory=lambda: token_for(ALICE))

    def send_request(
        self, method: str, target: str, body: object = None, **headers: str
    ) -> Response:
        signed_in: dict[str, Any] = {"authorization": f"Bearer {self.token}", **headers}
        text = b"" if body is None else json.dumps(body).encode()
        raw = request(method, target, text, **(JSON if text else {}), **signed_in)
        return send(self.address, raw, seconds=30)

    def list(self) -> Response:
        return self.send_request("GET", "/api/tasks")

    def create(self, title: str = "Water the plants") -> Response:
        return self.send_request("POST", "/api/tasks", {"title": title})

    def change(self, task: Response, **fields: Any) -> Response:
        return self.send_request("PATCH", f"/api/tasks/{task.json['id']}", fields)

    @contextmanager
    def stays_responsive(self) -> Iterator[None]:
        """Asserts repeatedly, while the block runs, that /healthz returns 200 and a bad token 401,
        each within 2 s.
        """
        wrong: list[tuple[str, int, float]] = []
        stop = threading.Event()

        def watch() -> None:
            while True:
                for target, expected in (("/healthz", 200), ("/api/tasks", 401)):
                    call = partial(self.send_request, "GET", target, authorization="Bearer x")
                    response, seconds = timed(call)
                    if response.status != expected or seconds > 2:
                        wrong.append((target, response.status, seconds))
                if stop.wait(0.2):
                    return

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            stop.set()
            watcher.join(30)
        assert not watcher.is_alive()
        assert wrong == []


def timed(call: Callable[[], Response]) -> tuple[Response, float]:
    """Returns the response and the seconds until it was complete."""
    started = time.monotonic()
    return call(), time.monotonic() - started


def assert_unavailable(response: Response) -> None:
    """Asserts that the response is a 503 with Retry-After and without internal details."""
    text = "The service is temporarily unavailable, please try again"
    body = {
        "type": "about:blank", "title": "Service Unavailable", "status": 503, "detail": text,
        "error": text, "code": "unavailable", "request_id": response.headers["x-request-id"],
    }  # fmt: skip
    assert (response.status, response.json) == (503, body)
    assert response.headers["retry-after"] == "2"
