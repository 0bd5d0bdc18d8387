"""The log contains nothing of what an agent sends and reads, in both formats."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import User
from conftest import make_task
from tasks.views import TaskViewSet
from todo_api.request import logs
from todo_api.tests.mcp.agent import Agent, scoped
from todo_api.web.scopes import READ

pytestmark = pytest.mark.django_db

SECRET = "Only-Alice-knows"
FORMATS: dict[str, logging.Formatter] = {
    "json": logs.JsonLines(),
    "plain": logs.PlainLines(debug=False),
}


@pytest.fixture(params=FORMATS)
def log(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[Any]:
    """The log of all loggers at level INFO, also of those that are quieter by default."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(FORMATS[request.param])
    caplog.set_level(logging.INFO)
    for name in ("django_mcpz", "django_mcpz.calls"):
        caplog.set_level(logging.INFO, name)
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def test_calls_and_their_results_are_not_logged(alice: User, log: Any) -> None:
    task_id = str(make_task(alice, f"A {SECRET}", description=SECRET, tags=[SECRET]).pk)
    agent = Agent()

    agent.called("list_tasks", search=SECRET, tag=[SECRET])
    agent.called("get_task", id=task_id)
    agent.called("add_task", title=SECRET, tags=[SECRET])
    agent.called("update_task", id=task_id, description=SECRET)
    for tool in ("complete_task", "delete_task", "restore_task"):
        agent.called(tool, id=task_id)
    agent.called("list_tags")

    logged = log.getvalue()
    assert logged.count("POST /api/mcp 200") == 8
    assert SECRET not in logged
    assert task_id not in logged


def test_refused_calls_are_not_logged(alice: User, log: Any) -> None:
    Agent().called("add_task", title=SECRET, due_date=SECRET, tags=SECRET)
    Agent().called("add_task", **{SECRET: SECRET})
    Agent().called("list_tasks", due=SECRET, cursor=SECRET)
    Agent().called("get_task", id=SECRET)
    Agent().called(SECRET)
    Agent().send(SECRET)
    Agent().post(f'{{"method": "{SECRET}'.encode())
    Agent().post(f'["{SECRET}"]'.encode())
    scoped(READ).called("add_task", title=SECRET)

    logged = log.getvalue()
    assert logged.count("POST /api/mcp") == 9
    assert SECRET not in logged


def test_an_unexpected_error_is_logged_once_without_the_arguments(
    alice: User, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(view: Any, request: Any, **_: Any) -> Any:
        raise RuntimeError(f"wrong: {request.data}")

    monkeypatch.setattr(TaskViewSet, "create", fail)

    response = Agent().called("add_task", title=SECRET)

    assert (response.status_code, SECRET in response.content.decode()) == (500, False)
    logged = log.getvalue()
    assert logged.count("Unhandled error") == 1
    assert "RuntimeError" in logged
    assert SECRET not in logged
