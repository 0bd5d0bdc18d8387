"""A caller who writes down what was asked and answered."""

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
)


class Caller:
    """Alice, with a client that spells names as the contract does."""

    def __init__(self, *, camel: bool) -> None:
        self.camel, self.client, self.bearer = camel, APIClient(), f"Bearer {token_for(ALICE)}"
        self.ids: list[str] = []
        self.answers: list[tuple[str, Any]] = []  # "GET /api/tasks" and what came
        self.transcript: list[str] = []

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One request with a body in JSON, in names that have no case yet (`due_date`)."""
        if self.camel:
            path, body = camel(path), body and {camel(name): body[name] for name in body}
        return self.raw(method, path, None if body is None else json.dumps(body), **headers)

    def raw(self, method: str, path: str, sent: str | None, **headers: str) -> Any:
        """One request as it is. An empty header is not sent."""
        given = {"Authorization": self.bearer, **headers}
        # Without a body there is no type either, and the client takes None for it.
        kind: Any = given.pop("Content-Type", None if sent is None else "application/json")
        response: Any = self.client.generic(
            method,
            path,
            sent or "",
            content_type=kind,
            headers={name: value for name, value in given.items() if value},
        )
        response.body = response.getvalue()  # a stream can be read once
        self.answers.append((f"{method} {path}", response))
        told = [f"{name}: {value}" for name, value in headers.items() if name != "Authorization"]
        shown = [f"{name}: {response[name]}" for name in SHOWN_HEADERS if name in response]
        request = " | ".join([f"{method} {path}", *told, *([sent[:100]] if sent else [])])
        lines = [request, " | ".join([str(response.status_code), *shown]), response.body.decode()]
        self.transcript.append("\n".join(line for line in lines if line))
        return response

    def create(self, **fields: Any) -> str:
        """Creates a task and returns its id, which no contract puts in the same place."""
        self("POST", "/api/tasks", fields)
        self.ids.append(str(Task.objects.latest("created_at").pk))
        return self.ids[-1]

    def written(self) -> str:
        """The transcript, with what differs from run to run replaced."""
        text = "\n\n".join(self.transcript) + "\n"
        for number, pk in enumerate(self.ids, 1):
            text = text.replace(pk, f"<task {number}>")
        for pattern, replacement in VARYING:
            text = re.sub(pattern, replacement, text)
        return text


def camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def golden(name: str) -> Path:
    return Path(__file__).with_name(f"{name}.txt")
