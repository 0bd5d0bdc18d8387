"""Errors that an agent cannot correct: those of the HTTP response, as everywhere in the API."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError

from accounts.models import User
from conftest import client_of, make_task
from tasks.models import Task
from tasks.views import TaskViewSet
from todo_api.limits import concurrency
from todo_api.limits.rate_limits import counter
from todo_api.tests.mcp.agent import Agent, ToolFailed, scoped
from todo_api.web.exceptions import Unavailable
from todo_api.web.scopes import READ

pytestmark = pytest.mark.django_db


@pytest.fixture
def rate_limit(settings: Any) -> Iterator[int]:
    settings.RATE_LIMIT_PER_MINUTE = 3
    settings.RATE_LIMIT_ANONYMOUS_PER_MINUTE = 1
    counter.cache_clear()
    yield 3
    counter.cache_clear()


@pytest.mark.django_db(transaction=True)
def test_a_suspended_user_is_forbidden(alice: User) -> None:
    User.objects.update(is_active=False)

    for agent in (Agent(), scoped(READ)):
        response = agent.called("list_tasks")

        assert (response.status_code, response.json()["code"]) == (403, "account_suspended")


def test_a_call_counts_once_against_the_rate_limit(alice: User, rate_limit: int) -> None:
    responses = [Agent().called("add_task", title="Read") for _ in range(rate_limit + 1)]

    assert [each.status_code for each in responses] == [200] * rate_limit + [429]
    left = [each.headers["RateLimit"].split(";")[1] for each in responses]
    assert left == ["r=2", "r=1", "r=0", "r=0"]
    assert "Retry-After" in responses[-1].headers
    assert Task.objects.count() == rate_limit


def test_an_unavailable_service_says_when_to_retry(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: Any, **__: Any) -> Any:
        raise Unavailable

    monkeypatch.setattr(TaskViewSet, "list", unavailable)

    response = Agent().called("list_tasks")

    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert response.headers["Retry-After"] == "2"


@pytest.mark.parametrize("error", [RuntimeError, IntegrityError, KeyError, RecursionError])
def test_an_unexpected_error_shows_nothing_of_the_call(
    alice: User, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(view: Any, request: Any, **_: Any) -> Any:
        raise error(f"wrong: {request.data}")

    monkeypatch.setattr(TaskViewSet, "create", fail)

    response = Agent().called("add_task", title="Only Alice knows")

    body = response.json()
    assert body.pop("request_id")
    assert body == {
        "type": "about:blank", "title": "Internal Server Error", "status": 500,
        "detail": "Something went wrong on our side",
        "error": "Something went wrong on our side", "code": "internal_error",
    }  # fmt: skip


def test_an_error_frees_the_slot_of_the_request(
    alice: User, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.REQUESTS_AT_WORK_PER_USER = 1
    monkeypatch.setattr(TaskViewSet, "retrieve", None)
    calls: list[tuple[str, dict[str, str]]] = [
        ("list_tasks", {}),
        ("get_task", {"id": "1"}),
        ("add_task", {"title": ""}),
        ("list_tasks", {}),
    ]

    statuses = [Agent().called(tool, **arguments).status_code for tool, arguments in calls]

    assert statuses == [200, 500, 200, 200]
    assert not concurrency._running


def test_a_user_with_too_many_requests_at_once_is_told_to_wait(alice: User, settings: Any) -> None:
    settings.REQUESTS_AT_WORK_PER_USER = 1
    concurrency._running[alice.pk] = 1
    try:
        response = Agent().called("list_tasks")
    finally:
        del concurrency._running[alice.pk]

    assert (response.status_code, response.headers["Retry-After"]) == (429, "1")


def test_the_quota_of_tasks_is_an_error_that_the_agent_reads(alice: User, settings: Any) -> None:
    settings.TASKS_PER_USER = 1
    make_task(alice)

    with pytest.raises(ToolFailed, match=r"^A user can have 1 tasks"):
        Agent().call("add_task", title="One too many")

    refused = client_of(alice.pk).post("/api/tasks", {"title": "One too many"})
    assert refused.status_code == 409
    assert Task.objects.count() == 1


def test_an_invalid_token_is_refused(db: None) -> None:
    response = Agent(claims={"exp": 1}).called("list_tasks")

    assert (response.status_code, response.json()["code"]) == (401, "token_expired")
    assert 'error="invalid_token", resource_metadata="' in response.headers["WWW-Authenticate"]
