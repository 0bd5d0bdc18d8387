"""All registered routes, requested without a token and as another user."""

import itertools
import json
import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from accounts.models import User
from conftest import ALICE, BOB, METADATA, client_of, make_task
from tasks.models import Task

pytestmark = pytest.mark.django_db

# Each entry needs a reason why its route requires no token.
# Their clients have no token yet. Log-out is stateless: an expired token may sign out as well.
PUBLIC_ACCOUNTS = ("signup", "register", "login", "signin", "logout", "signout")
PUBLIC = {
    *(("POST", f"/api/auth/{name}") for name in PUBLIC_ACCOUNTS),
    *(("POST", f"/api/v1/auth/{name}") for name in PUBLIC_ACCOUNTS),
    ("GET", "/health"),  # probes
    ("GET", "/api/health"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    # OAuth clients read them to find out where to get a token.
    ("GET", "/.well-known/oauth-protected-resource"),
    ("GET", "/.well-known/oauth-protected-resource/api/mcp"),
}
# The secret in the path opens them; without a known one they are a 404.
FEEDS = {("GET", "/api/calendar/{secret}.ics"), ("GET", "/api/v1/calendar/{secret}.ics")}
# The document and pages; the admin and the metrics have an authentication of their own.
UNDOCUMENTED = {"/api/schema", "/api/docs", "/admin", "/", "/metrics"}
DOCUMENT = SchemaGenerator().get_schema(request=None, public=True)
OPERATIONS = [
    (method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods
]
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}


def registered_paths() -> Iterator[str]:
    """Yields each path of the URL configuration outside the admin, as the document writes it."""

    def walk(entries: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
        for entry in entries:
            path = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry.url_patterns, path)
            else:
                yield path

    for path in walk(get_resolver().url_patterns, "/"):
        if not path.startswith("/admin/"):
            named = re.sub(r"\(\?P<pk>[^)]*\)", "{id}", path)
            named = re.sub(r"\(\?P<secret>[^)]*\)\\.", "{secret}.", named)
            named = re.sub(r"\(\?P<name>\(.*\)\)", "{name}", named)
            named = re.sub(r"<str:(\w+)>", r"{\1}", named)
            yield named.replace("^", "").replace("/?$", "").replace("$", "")


def fill(path: str, user_id: str, task: Task) -> str:
    path = path.replace("{user_id}", user_id).replace("{id}", str(task.pk))
    return path.replace("{name}", "private")


def test_every_registered_path_is_in_the_document() -> None:
    assert set(registered_paths()) - UNDOCUMENTED == set(DOCUMENT["paths"])


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_only_public_routes_accept_requests_without_a_token(
    method: str, path: str, alice: User, anonymous: APIClient
) -> None:
    task = make_task(alice, tags=["private"])

    response = anonymous.generic(method, fill(path, ALICE, task))

    if (method, path) in PUBLIC:
        assert response.status_code not in {401, 403, 404, 405}
    elif (method, path) in FEEDS:
        assert response.status_code == 404
    else:
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == f"Bearer {METADATA}"


@pytest.mark.parametrize("path", sorted(DOCUMENT["paths"]))
def test_another_user_sees_and_changes_nothing(path: str, alice: User, as_bob: APIClient) -> None:
    task = make_task(
        alice, "Only Alice knows", description="private", tags=["private"],
        due_date="2026-12-01", repeat={"rule": "FREQ=DAILY", "from": "due"},
    )  # fmt: skip
    before = Task.objects.values().get()
    sent = {"title": "Mine now", "name": "Mine now", "user_id": BOB, "completed": True}
    body = json.dumps(sent)

    for method, slash, user_id in itertools.product(sorted(METHODS), ("", "/"), (ALICE, BOB)):
        target = fill(path, user_id, task) + slash
        with transaction.atomic():  # each request starts from the same database
            response = as_bob.generic(method, target, body, content_type="application/json")
            after = Task.objects.filter(user=alice).values().get()
            transaction.set_rollback(True)

        named = f"{method} {target}"
        assert response.status_code != 301, named
        assert response.status_code < 500, named
        content = response.getvalue()
        assert b"Only Alice knows" not in content, named
        assert b"alice" not in content, named
        assert b"private" not in content, named
        if "{id}" in path or "{name}" in path:
            expected = {403, 405} if user_id == ALICE and "{user_id}" in path else {404, 405}
            assert response.status_code in expected, named
        assert after == before, named


def test_a_foreign_task_a_deleted_task_and_a_malformed_id_return_the_same_404(
    alice: User, as_alice: APIClient
) -> None:
    foreign, deleted = make_task(alice), make_task(alice)
    deleted.delete()

    responses = [
        client_of("bob-Wp7yR2").get(f"/api/tasks/{task_id}").json()
        for task_id in (foreign.pk, deleted.pk, "nonsense", "0", "%F0%9F%92%A9", "a.b")
    ]

    for response in responses:
        response.pop("request_id")
    assert responses == [responses[0]] * 6
    assert responses[0]["detail"] == "Task not found"
