"""The log of operators' actions in the admin: operators can read it, and no user can change it."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from conftest import make_task, operator_with

LOG = "/admin/admin/logentry/"


def log(operator: User, user: User, message: str = "Suspended. Reason: Ticket 12") -> LogEntry:
    LogEntry.objects.log_actions(operator.pk, [user], 2, message)
    return LogEntry.objects.latest("pk")


def shown(page: Any) -> list[int]:
    return [entry.pk for entry in page.context["cl"].result_list]


def test_it_shows_operator_user_action_and_reason(
    operator: Client, superuser: User, alice: User
) -> None:
    first, second = log(superuser, alice), log(superuser, alice, "Reactivated. Reason: A mistake")

    page = operator.get(LOG)

    assert shown(page) == [second.pk, first.pk]
    text = page.content.decode()
    for part in ("boss@todo.test", "Suspended. Reason: Ticket 12", "Reason: A mistake"):
        assert part in text
    assert f'<a href="/admin/accounts/user/{alice.pk}/change/">' in text
    assert "alice@todo.test" not in text


def test_it_is_filtered_by_operator(operator: Client, superuser: User, alice: User) -> None:
    other = User.objects.create(id="other", email="", password="!", is_staff=True)
    log(superuser, alice)
    entry = log(other, alice)

    page = operator.get(f"{LOG}?user__id__exact=other")

    assert shown(page) == [entry.pk]
    assert "boss@todo.test</a>" in page.content.decode()
    assert "alice@todo.test" not in page.content.decode()


def test_it_is_filtered_by_time_and_kind_and_searched_by_id(
    operator: Client, superuser: User, alice: User
) -> None:
    task = make_task(alice)
    of_user = log(superuser, alice)
    LogEntry.objects.log_actions(superuser.pk, [task], 2, "Read title. Reason: Ticket 12")
    LogEntry.objects.filter(pk=of_user.pk).update(action_time="2001-01-01T00:00Z")
    of_task = LogEntry.objects.latest("pk")

    assert shown(operator.get(f"{LOG}?kind=user")) == [of_user.pk]
    assert shown(operator.get(f"{LOG}?kind=task")) == [of_task.pk]
    assert shown(operator.get(f"{LOG}?action_time__gte=2002-01-01T00:00Z")) == [of_task.pk]
    assert shown(operator.get(f"{LOG}?q={task.pk}")) == [of_task.pk]
    assert shown(operator.get(f"{LOG}?q={alice.pk[:-1]}")) == []
    page = operator.get(LOG).text
    assert f">Task {str(task.pk)[:11]}…</a>" in page
    assert f">User {alice.pk}</a>" in page


def test_the_number_of_queries_does_not_grow_with_the_entries(
    operator: Client, superuser: User, alice: User
) -> None:
    for _ in range(3):
        log(superuser, alice)
    with CaptureQueriesContext(connection) as few:
        operator.get(LOG)
    for number in range(30):
        log(User.objects.create(id=f"o{number}", password="!"), alice)
    with CaptureQueriesContext(connection) as many:
        operator.get(LOG)

    assert len(few) == len(many)
    counting = [query["sql"] for query in many if "COUNT(*)" in query["sql"]]
    assert counting
    assert all("LIMIT 10001" in sql for sql in counting)


def test_it_cannot_be_changed(operator: Client, superuser: User, alice: User) -> None:
    entry = log(superuser, alice)
    page = f"{LOG}{entry.pk}/"

    statuses = [
        operator.post(f"{page}change/", {"change_message": "Nothing"}).status_code,
        operator.post(f"{page}delete/", {"post": "yes"}).status_code,
        operator.get(f"{LOG}add/").status_code,
    ]

    assert operator.get(f"{page}change/").status_code == 200
    assert b"delete_selected" not in operator.get(LOG).content
    assert statuses == [403] * 3
    assert LogEntry.objects.get().change_message == entry.change_message


@pytest.mark.parametrize(("permission", "status"), [("view_logentry", 200), ("view_user", 403)])
def test_only_operators_with_the_permission_can_read_it(
    db: None, permission: str, status: int
) -> None:
    assert operator_with(permission).get(LOG).status_code == status
