"""A test client that records its requests and their responses."""

import json
import re
from pathlib import Path
from typing import Any

from rest_framework.test import APIClient

from conftest import ALICE, token_for
from tasks.models import Task

SHOWN_HEADERS = ("Ignored-Fields", "Link", "Retry-After", "WWW-Authenticate", "X-Total-Count")
VARYING = (
    (r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"', '"<time>"'),
    (r'("request_?[iI]d":)"\w{32}"', r'\1"<request id>"'),
    (r"(Retry-After: )\d+", r"\1<seconds>"),
    (r"(cursor=)[^&>]+", r"\1<cursor>"),
    (r"Expected available in \d+ seconds?", "Expected available in <seconds>"),
    (r"Content Too Large", "Request Entity Too Large"),  # its name in Python 3.13
)


class RecordingClient:
    """Sends requests as Alice, with the names of the contract (snake case or camel case)."""

    def __init__(self, *, camel: bool) -> None:
        self.camel, self.client, self.bearer = camel, APIClient(), f"Bearer {token_for(ALICE)}"
        self.ids: list[str] = []
        self.exchanges: list[tuple[str, Any]] = []  # "GET /api/tasks" and its response
        self.transcript: list[str] = []

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Sends a request with a JSON body. Names are given in snake case."""
        if self.camel:
            path, body = camel(path), with_camel_names(body)
        return self.raw(method, path, None if body is None else json.dumps(body), **headers)

    def raw(self, method: str, path: str, body: str | None, **headers: str) -> Any:
        """Sends a request unchanged. Headers with an empty value are not sent."""
        all_headers = {"Authorization": self.bearer, **headers}
        # A request without a body has no content type: None for Django's client.
        content_type: Any = all_headers.pop(
            "Content-Type", None if body is None else "application/json"
        )
        response: Any = self.client.generic(
            method,
            path,
            body or "",
            content_type=content_type,
            headers={name: value for name, value in all_headers.items() if value},
        )
        response.body = response.getvalue()  # a stream can be read once
        self.exchanges.append((f"{method} {path}", response))
        sent = [f"{name}: {value}" for name, value in headers.items() if name != "Authorization"]
        shown = [f"{name}: {response[name]}" for name in SHOWN_HEADERS if name in response]
        request = " | ".join([f"{method} {path}", *sent, *([body[:100]] if body else [])])
        lines = [request, " | ".join([str(response.status_code), *shown]), response.body.decode()]
        self.transcript.append("\n".join(line for line in lines if line))
        return response

    def create(self, **fields: Any) -> str:
        """Creates a task and returns its id."""
        self("POST", "/api/tasks", fields)
        return self.newest()

    def newest(self) -> str:
        """Returns the id of the newest task. Contracts have it in different places of the body."""
        self.ids.append(str(Task.objects.latest("created_at").pk))
        return self.ids[-1]

    def written(self) -> str:
        """Returns the transcript, with placeholders for values that differ between runs."""
        text = "\n\n".join(self.transcript) + "\n"
        for number, pk in enumerate(self.ids, 1):
            text = text.replace(pk, f"<task {number}>")
        for pattern, replacement in VARYING:
            text = re.sub(pattern, replacement, text)
        return text


def camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def with_camel_names(body: Any) -> Any:
    """Returns a body with all member names in camel case."""
    if isinstance(body, dict):
        return {camel(name): with_camel_names(value) for name, value in body.items()}
    return [with_camel_names(each) for each in body] if isinstance(body, list) else body


def golden(name: str) -> Path:
    return Path(__file__).with_name(f"{name}.txt")
