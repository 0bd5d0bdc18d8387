"""SQL is compiled once for each shape of a request, and binds other values ever after."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from conftest import make_task
from todo_api.postgresql.statements import Bind
from todo_api.web.views import KEPT, compiled


@pytest.fixture(autouse=True)
def _none_compiled() -> None:
    compiled.cache_clear()


def many(client: APIClient, task: Any, count: int) -> None:
    """Each kind of request, with other values each time."""
    for number in range(count):
        one, tags = f"/api/tasks/{task.pk}", ",".join(f'"{tag:x}"' for tag in range(1, number + 2))
        client.get(f"/api/tasks?search={number}&limit={number + 1}&offset={number}")
        client.get(f"/api/tasks?due_before=2026-01-{number + 1:02}&status=pending")
        client.get(one)
        client.patch(one, {"title": f"Changed {number}", "priority": "low"})
        client.patch(one, {"title": "Not"}, headers={"If-Match": tags})
        client.post("/api/tasks", {"title": f"New {number}"})


def test_other_values_compile_nothing(as_alice: APIClient, alice: User, as_bob: APIClient) -> None:
    task = make_task(alice)
    many(as_alice, task, 1)
    known = compiled.cache_info().misses

    many(as_alice, task, 20)
    many(as_bob, task, 2)

    assert compiled.cache_info().misses == known


def test_a_statement_holds_nobodys_values(
    as_alice: APIClient, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Any] = []
    remember = compiled.__wrapped__

    def noted(key: Any) -> Any:
        kept.append(remember(key))
        return kept[-1]

    monkeypatch.setattr("todo_api.web.views.compiled", noted)
    many(as_alice, make_task(alice), 2)

    for statement in kept:
        constants = [param for param in statement.params if not isinstance(param, Bind)]
        assert [param for param in constants if isinstance(param, str)] == [], statement.sql
        assert alice.pk not in statement.sql
        if not statement.sql.startswith('WITH "tasks_task" AS (INSERT'):
            assert "user" in [param.name for param in statement.params if isinstance(param, Bind)]


def test_however_many_shapes_are_asked_for_a_process_keeps_a_bounded_number(
    as_alice: APIClient,
) -> None:
    assert compiled.cache_info().maxsize == KEPT

    for words in range(11):
        for sort in ("title", "-priority", "due_date"):
            search = " ".join(str(word) for word in range(words))
            assert as_alice.get("/api/tasks", {"search": search, "sort": sort}).status_code == 200

    assert compiled.cache_info().currsize == 33
