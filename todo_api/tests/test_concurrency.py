"""Limit on the concurrent requests of one user in a process."""

from typing import Any

import pytest
from rest_framework.exceptions import Throttled

from conftest import ALICE, client_of
from todo_api.limits import concurrency
from todo_api.request.context import RequestContext, active


@pytest.fixture(autouse=True)
def _limit(settings: Any) -> None:
    settings.REQUESTS_AT_WORK_PER_USER = 2


def started(user_id: str) -> RequestContext:
    """Returns the context of a request of this user that is in progress."""
    with active(RequestContext(user_id=user_id)) as context:
        concurrency.acquire(user_id)
    return context


def test_only_the_user_at_the_limit_is_refused() -> None:
    in_progress = [started("alice"), started("alice"), started("bob")]

    with pytest.raises(Throttled) as refused:
        started("alice")
    concurrency.release(in_progress.pop(0))
    in_progress.append(started("alice"))

    assert vars(refused.value)["wait"] == 1
    for context in in_progress:
        concurrency.release(context)
    assert not concurrency._running


def test_a_refused_request_is_not_counted() -> None:
    in_progress = [started("alice"), started("alice")]
    refused = RequestContext(user_id="alice")

    concurrency.release(refused)
    with pytest.raises(Throttled):
        started("alice")

    for context in in_progress:
        concurrency.release(context)


@pytest.mark.django_db
def test_the_refusal_has_retry_after_and_finished_requests_are_not_counted() -> None:
    client = client_of(ALICE)
    in_progress = [started(ALICE), started(ALICE)]

    refused = client.get("/api/tasks")
    for context in in_progress:
        concurrency.release(context)
    statuses = [client.get("/api/tasks").status_code for _ in range(4)]

    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert refused["Retry-After"] == "1"
    assert statuses == [200] * 4
    assert not concurrency._running
