"""How many requests of one user are at work in a process at a time."""

from typing import Any

import pytest
from rest_framework.exceptions import Throttled

from conftest import ALICE, client_of
from todo_api.limits import at_work
from todo_api.request.context import RequestContext, active


@pytest.fixture(autouse=True)
def _limit(settings: Any) -> None:
    settings.REQUESTS_AT_WORK_PER_USER = 2


def begun(user_id: str) -> RequestContext:
    """A request of this user that has begun."""
    with active(RequestContext(user_id=user_id)) as context:
        at_work.begin(user_id)
    return context


def test_a_user_with_enough_at_work_is_refused_and_others_are_not() -> None:
    at_once = [begun("alice"), begun("alice"), begun("bob")]

    with pytest.raises(Throttled) as refused:
        begun("alice")
    at_work.end(at_once.pop(0))
    at_once.append(begun("alice"))

    assert vars(refused.value)["wait"] == 1
    for noted in at_once:
        at_work.end(noted)
    assert not at_work._at_work


def test_a_request_that_was_refused_was_not_at_work() -> None:
    at_once = [begun("alice"), begun("alice")]
    refused = RequestContext(user_id="alice")

    at_work.end(refused)
    with pytest.raises(Throttled):
        begun("alice")

    for noted in at_once:
        at_work.end(noted)


@pytest.mark.django_db
def test_the_refusal_says_when_to_come_back_and_requests_leave_nothing_behind() -> None:
    client = client_of(ALICE)
    at_once = [begun(ALICE), begun(ALICE)]

    refused = client.get("/api/tasks")
    for noted in at_once:
        at_work.end(noted)
    statuses = [client.get("/api/tasks").status_code for _ in range(4)]

    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert refused["Retry-After"] == "1"
    assert statuses == [200] * 4
    assert not at_work._at_work
