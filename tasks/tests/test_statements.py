"""SQL is compiled once for each kind of request, and reused with other values (ADR 19, ADR 24)."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from conftest import make_task
from todo_api.postgresql.statements import Bind
from todo_api.web.views import KEPT_STATEMENTS, compiled


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    compiled.cache_clear()


def send_requests(client: APIClient, task: Any, count: int) -> None:
    """Sends `count` requests of each kind, with different values."""
    for number in range(count):
        one, tags = f"/api/tasks/{task.pk}", ",".join(f'"{tag:x}"' for tag in range(1, number + 2))
        client.get(f"/api/tasks?search={number}&limit={number + 1}&offset={number}")
        client.get(f"/api/tasks?due_before=2026-01-{number + 1:02}&status=pending")
        client.get(one)
        client.patch(one, {"title": f"Changed {number}", "priority": "low"})
        client.patch(one, {"title": "Not"}, headers={"If-Match": tags})
        client.post("/api/tasks", {"title": f"New {number}"})


def test_requests_with_other_values_reuse_compiled_statements(
    as_alice: APIClient, alice: User, as_bob: APIClient
) -> None:
    task = make_task(alice)
    send_requests(as_alice, task, 1)
    known = compiled.cache_info().misses

    send_requests(as_alice, task, 20)
    send_requests(as_bob, task, 2)

    assert compiled.cache_info().misses == known


def test_a_compiled_statement_contains_no_values_of_a_request(
    as_alice: APIClient, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled_statements: list[Any] = []
    compile_statement = compiled.__wrapped__

    def record(key: Any) -> Any:
        compiled_statements.append(compile_statement(key))
        return compiled_statements[-1]

    monkeypatch.setattr("todo_api.web.views.compiled", record)
    send_requests(as_alice, make_task(alice), 2)

    for statement in compiled_statements:
        constants = [param for param in statement.params if not isinstance(param, Bind)]
        assert [param for param in constants if isinstance(param, str)] == [], statement.sql
        assert alice.pk not in statement.sql
        if not statement.sql.startswith('WITH "tasks_task" AS (INSERT'):
            assert "user" in [param.name for param in statement.params if isinstance(param, Bind)]


def test_the_number_of_cached_statements_is_bounded(
    as_alice: APIClient,
) -> None:
    assert compiled.cache_info().maxsize == KEPT_STATEMENTS

    for words in range(11):
        for sort in ("title", "-priority", "due_date"):
            search = " ".join(str(word) for word in range(words))
            assert as_alice.get("/api/tasks", {"search": search, "sort": sort}).status_code == 200

    assert compiled.cache_info().currsize == 33
