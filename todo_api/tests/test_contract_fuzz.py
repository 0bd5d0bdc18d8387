"""Property-based tests with schemathesis: responses conform to the OpenAPI document."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
)

from accounts.models import User
from conftest import ALICE, make_task, token_for
from todo_api.wsgi import application

pytestmark = pytest.mark.django_db

LENGTH_CHECKS = [negative_data_rejection, positive_data_acceptance]

# Parameters whose unknown words are ignored.
WORDS = {
    "status", "completed", "priority", "deleted", "forever", "sort", "sort_by", "order",
    "sort_order", "due",
}  # fmt: skip
# Fields whose formats the document cannot describe: February has no 30th, zones have names.
FORMATS = ("due_date", "due_at", "time_zone", "remind_at", "repeat", "tags")
DAYS = {"due_from", "due_until", "due_after", "due_before"}
ERASURES = {("DELETE", path) for path in ("/api/me", "/api/auth/me", "/api/users/me")}

# The excluded paths have the same views; `{user_id}` would have to be Alice.
contract = schemathesis.openapi.from_wsgi("/api/schema", application).exclude(
    path_regex=r"^/api/(v1|users|\{user_id\})/"
)


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Keeps the application from closing the connection of the test's transaction."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


def exclusions(case: Any) -> list[Any]:
    """Returns the checks to skip for this case, because the API deliberately differs from them."""
    body = case.body if isinstance(case.body, dict) else {}
    query, headers = case.query or {}, case.headers or {}
    tags = [each for each in (body.get("tags"), query.get("tag")) if isinstance(each, list)]
    lines = [body.get("title"), body.get("name"), *chain.from_iterable(tags)]
    if any(isinstance(line, str) and line != line.strip() for line in lines):
        return LENGTH_CHECKS  # the length of a title or tag counts after trimming
    known = {parameter.name for parameter in case.operation.query}
    is_put = case.method == "PUT"
    accepts_more = (
        set(query) - known or WORDS & set(query),  # unknown names and words: in Ignored-Fields
        "" in query.values(),  # an empty parameter counts as absent
        # The key is read only when PUT creates.
        is_put and "Idempotency-Key" in headers and "*" not in headers.get("If-None-Match", ""),
        case.path == "/api/batch",  # an operation ignores the members of other operations
        case.path in {"/api/import", "/api/mcp"},  # a file; a message of JSON-RPC
        body.get("tags", []) is None,  # no tags
    )
    accepts_less = (
        (case.method, case.path) in ERASURES,  # only the own e-mail is accepted
        any(body.get(name) for name in FORMATS),
        case.path in {"/api/import", "/api/mcp"},
        "Time-Zone" in headers,
        DAYS & set(query),  # the first and the last day of the calendar have no day before or after
        # Only the current version, or a new id, is accepted.
        "If-Match" in headers or (is_put and "If-None-Match" in headers),
        "\\x00" in repr([body, query]),  # text in JSON Schema, not in PostgreSQL
    )
    skipped = {negative_data_rejection: accepts_more, positive_data_acceptance: accepts_less}
    return [check for check, reasons in skipped.items() if any(reasons)]


@contract.parametrize()
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_response_conforms_to_the_document(case: Any, alice: User) -> None:
    # Only cursors from a `Link` header and checkpoints of responses are valid; the document cannot
    # describe that.
    for name in ("cursor", "since"):
        case.query.pop(name, None)
    with transaction.atomic():  # each example starts from the same database
        if "id" in case.path_parameters:
            case.path_parameters["id"] = str(make_task(alice).pk)
        if "name" in case.path_parameters:
            make_task(alice, tags=["home"])
            case.path_parameters["name"] = "home"

        case.call_and_validate(
            headers={"Authorization": f"Bearer {token_for(ALICE)}"},
            excluded_checks=exclusions(case),
        )

        transaction.set_rollback(True)
