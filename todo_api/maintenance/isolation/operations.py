"""Requests by which one user tries to access tasks of another, through every API operation."""

import json
import secrets
import time
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any
from urllib.parse import quote

import jwt
from django.conf import settings
from django.db import DatabaseError
from django.test import Client, override_settings
from drf_spectacular.generators import SchemaGenerator

from accounts.models import User
from accounts.tokens import verifier
from tasks.models import Task
from todo_api.maintenance.isolation.check import Check, rolled_back
from todo_api.web.scopes import READ

TOOLS = "/api/mcp"
# By method and end of the path, further requests: name, query, headers, expected statuses.
VARIANTS: dict[tuple[str, str], tuple[str, str, dict[str, str], set[int]]] = {
    ("GET", "tasks"): ("of the trash", "?deleted=true", {}, {200, 403}),
    ("PUT", "{id}"): ("to create", "", {"If-None-Match": "*"}, {403, 412}),
    ("DELETE", "{id}"): ("forever", "?forever=true", {}, {403, 404}),
}


def try_operations(
    user: User, other_task: Task, trashed: Task, feeds: list[str]
) -> Iterator[Check]:
    """Tries every API operation on another user's tasks, one of them in the trash, with and without
    a token; and on the own tasks with the scope to read. `feeds` are the secrets of the calendar
    feeds of both users.

    The tokens are signed with a new secret: no real key is used.
    """
    secret, other_user = secrets.token_urlsafe(48), other_task.user
    tokens = {"BETTER_AUTH_TOKENS": ["hs256"], "BETTER_AUTH_SECRET": secret}
    authenticated, anonymous = _client(_token(user, secret)), _client()
    reader = _client(_token(other_user, secret, scope=READ))
    unlimited = {"RATE_LIMIT_PER_MINUTE": 0, "RATE_LIMIT_ANONYMOUS_PER_MINUTE": 0}
    with override_settings(**tokens, **unlimited, BETTER_AUTH_ISSUER="", BETTER_AUTH_AUDIENCE=""):
        verifier.cache_clear()
        try:
            with rolled_back():
                response = _client(_token(other_user, secret)).get(f"/api/tasks/{other_task.pk}")
            yield Check("HTTP as a user: GET the own task", "200", str(response.status_code))
            own_secret, other_secret = feeds
            actual = _request(
                anonymous, "GET", f"/api/calendar/{other_secret}.ics", other_task, {200}
            )
            yield Check("HTTP with the secret: GET the feed", "read another user's data", actual)
            for method, path, public in _operations():
                is_on_one = "{id}" in path or "{name}" in path
                refusals = {403, 404} if is_on_one else set(range(500))
                owners = (user, other_user) if "{user_id}" in path else (other_user,)
                names_task = is_on_one or path.endswith("/batch")
                tasks = (other_task, trashed) if names_task else (other_task,)
                for owner, task in product(owners, tasks):
                    url = path.replace("{user_id}", owner.pk).replace("{id}", str(task.pk))
                    url = url.replace("{secret}", own_secret)
                    url = url.replace("{name}", quote(task.tags[0]))
                    name = path.replace("{user_id}", "own-id" if owner == user else "other-id")
                    name += ", in the trash" if task == trashed else ""
                    actual = _request(authenticated, method, url, task, refusals)
                    yield Check(f"HTTP as a user: {method} {name}", "nothing", actual)
                    if not public and owner == other_user:
                        actual = _request(reader, method, url, task, set(range(500)))
                        wrote = actual if actual.startswith("changed") else "nothing"
                        yield Check(
                            f"HTTP with the scope {READ}: {method} {name}", "nothing", wrote
                        )
                    statuses = refusals if public else {401}
                    actual = _request(anonymous, method, url, task, statuses)
                    yield Check(f"HTTP without token: {method} {name}", "nothing", actual)
                    if (variant := VARIANTS.get((method, path.rpartition("/")[2]))) is None:
                        continue
                    words, query, headers, statuses = variant
                    actual = _request(authenticated, method, url + query, task, statuses, headers)
                    yield Check(f"HTTP as a user: {method} {name}, {words}", "nothing", actual)
            yield from _try_tools(authenticated, reader, (other_task, trashed))
        finally:
            verifier.cache_clear()


def _try_tools(authenticated: Client, reader: Client, tasks: tuple[Task, ...]) -> Iterator[Check]:
    """Calls every tool of agents on another user's tasks; and on the own ones with the scope to
    read.
    """
    listed = authenticated.post(TOOLS, _message("tools/list"), content_type="application/json")
    for tool, task in product(listed.json()["result"]["tools"], tasks):
        values = {"id": str(task.pk), "title": "Changed", "deleted": task.deleted_at is not None}
        arguments = {
            name: values[name] for name in tool["inputSchema"]["properties"] & values.keys()
        }
        body = _message("tools/call", name=tool["name"], arguments=arguments)
        where = ", in the trash" if task.deleted_at else ""
        actual = _request(authenticated, "POST", TOOLS, task, {200}, body=body)
        yield Check(f"HTTP as a user: tool {tool['name']}{where}", "nothing", actual)
        actual = _request(reader, "POST", TOOLS, task, {200, 403}, body=body)
        wrote = actual if actual.startswith("changed") else "nothing"
        yield Check(f"HTTP with the scope {READ}: tool {tool['name']}{where}", "nothing", wrote)


def _message(method: str, **params: Any) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})


@cache
def _operations() -> list[tuple[str, str, bool]]:
    """Returns method, path and whether it is public, of each operation in the OpenAPI document."""
    generator: Any = SchemaGenerator  # has no types
    document = generator().get_schema(request=None, public=True)
    return [
        (method.upper(), path, {} in (operation.get("security") or [{}]))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if path.startswith(settings.API_PREFIXES)
    ]


def _request(
    client: Client,
    method: str,
    url: str,
    task: Task,
    statuses: set[int],
    headers: dict[str, str] | None = None,
    body: str = "",
) -> str:
    """Returns what a request accessed: "nothing" if no task of the task's user is returned or
    changed.
    """
    rows = Task.objects.filter(user=task.user).values()
    before = list(rows.all())
    tags = (tag for row in before for tag in row["tags"])
    private = {task.user.email, *(row["title"] for row in before), *tags}
    with rolled_back():
        response = client.generic(
            method, url, body or _body(url, task), content_type="application/json", headers=headers
        )
        try:
            text = response.getvalue().decode()  # reads a streaming response
        except DatabaseError:
            text = ""
        try:
            changed = list(rows.all()) != before
        except DatabaseError:
            changed = False  # a failed statement of the request has aborted the transaction
    if changed:
        return "changed another user's tasks"
    if any(value in text for value in private):
        return "read another user's data"
    return "nothing" if response.status_code in statuses else f"status {response.status_code}"


def _body(url: str, task: Task) -> str:
    body: dict[str, Any] = {"title": "Changed", "completed": True, "user_id": task.user_id}
    if "/tags/" in url:
        body = {"name": "Changed"}
    if url.endswith("/batch"):
        names = ("create", "update", "complete", "delete", "restore")
        fields = {"title": "Changed"}
        operations = [{"op": name, "id": str(task.pk), "fields": fields} for name in names]
        body = {"atomic": False, "operations": operations}
    return json.dumps(body)


def _client(token: str = "") -> Client:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client(raise_request_exception=False, SERVER_NAME="localhost", headers=headers)


def _token(user: User, secret: str, **claims: str) -> str:
    claims |= {"sub": user.pk}
    return jwt.encode({**claims, "exp": int(time.time()) + 3600}, secret, "HS256")
