"""The user page of the admin: tasks and operator actions, without task titles or descriptions."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import quote
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from conftest import make_task, operator_with
from tasks.models import Task

USERS, TASKS = "/admin/accounts/user/", "/admin/tasks/task/"
TITLE, DESCRIPTION = "Only Alice knows", "a secret description"


def page_of(user: User) -> str:
    return f"{USERS}{quote(user.pk)}/change/"


def test_the_user_page_lists_the_newest_tasks(operator: Client, alice: User, bob: User) -> None:
    tasks = [make_task(alice) for _ in range(12)]
    foreign, trashed = make_task(bob), make_task(alice, deleted_at=timezone.now())

    page = operator.get(page_of(alice)).content.decode()

    shown = [f"{TASKS}{task.pk}/change/" in page for task in tasks]
    assert shown == [False] * 2 + [True] * 10
    assert str(foreign.pk) not in page
    assert str(trashed.pk) not in page


def test_the_user_page_counts_tasks_and_links_to_their_lists(
    operator: Client, alice: User, bob: User
) -> None:
    for tags in ([], ["guitar"], ["Guitar", "Balcony"]):
        make_task(alice, tags=tags)
    make_task(alice, tags=["attic"], deleted_at=timezone.now())
    make_task(bob, tags=["work"])

    page = operator.get(page_of(alice)).content.decode()

    links = re.findall(rf'<li><a href="{re.escape(TASKS)}\?([^"]+)">([^<]+)</a>([^<]*)', page)
    assert [number + text for _, number, text in links] == [
        "3 tasks", "1 in the trash", "2 with tags, 2 different tags",
    ]  # fmt: skip
    for query, number, _ in links:
        listed = operator.get(f"{TASKS}?{unescape(query)}")
        assert str(listed.context["cl"].result_count) == number
    for tag in ("guitar", "balcony", "attic"):
        assert tag not in page.lower()


def test_tasks_are_counted_up_to_a_limit(operator: Client, alice: User) -> None:
    tasks = (Task(user=alice, title="x") for _ in range(10_001))
    Task.objects.bulk_create(tasks, batch_size=1_000)

    page = operator.get(page_of(alice)).content.decode()
    listed = operator.get(f"{TASKS}?user__id__exact={alice.pk}").content.decode()

    assert ">more than 10,000</a> tasks" in page
    assert "more than 10,000 tasks" in listed


def test_the_number_of_queries_does_not_grow_with_tasks_and_actions(
    operator: Client, superuser: User, alice: User, bob: User
) -> None:
    for user, number in ((alice, 3), (bob, 30)):
        for _ in range(number):
            make_task(user)
            LogEntry.objects.log_actions(superuser.pk, [user], 2, "Suspended. Reason: Ticket 12")

    with CaptureQueriesContext(connection) as few:
        first = operator.get(page_of(alice))
    with CaptureQueriesContext(connection) as many:
        second = operator.get(page_of(bob))

    assert (first.status_code, second.status_code) == (200, 200)
    assert len(few) == len(many)


def test_the_user_page_lists_operator_actions_with_their_reasons(
    operator: Client, superuser: User, alice: User, bob: User
) -> None:
    for user in (alice, bob):
        operator.post(f"{USERS}act/suspend/", {"person": user.pk, "reason": f"Ticket of {user.pk}"})

    page = operator.get(page_of(alice)).content.decode()

    assert f"Suspended. Reason: Ticket of {alice.pk}" in page
    assert superuser.email in page
    assert f"Ticket of {bob.pk}" not in page


def test_operator_actions_are_shown_only_with_the_permission_for_the_log(
    superuser: User, alice: User
) -> None:
    LogEntry.objects.log_actions(superuser.pk, [alice], 2, "Suspended. Reason: Ticket 12")
    LogEntry.objects.log_actions(superuser.pk, [alice], 2, "Reactivated. Reason: Ticket 13")
    history = f"{USERS}{quote(alice.pk)}/history/"

    without = operator_with("view_user")
    page = without.get(page_of(alice)).content.decode()
    status = without.get(history).status_code
    User.objects.filter(email="staff@todo.test").delete()
    allowed = operator_with("view_user", "view_logentry").get(history).content.decode()

    assert "Ticket" not in page
    assert "Operator actions" not in page
    assert "History" not in page
    assert status == 403
    assert re.findall(r"Ticket \d+", allowed) == ["Ticket 13", "Ticket 12"]  # newest first


def test_the_query_for_operator_actions_uses_an_index(
    operator: Client, superuser: User, alice: User
) -> None:
    about = ContentType.objects.get_for_model(User)
    log = [
        LogEntry(user=superuser, content_type=about, object_id=f"person-{number}", action_flag=2)
        for number in range(5_000)
    ]
    LogEntry.objects.bulk_create(log)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE django_admin_log")

    with CaptureQueriesContext(connection) as queries:
        operator.get(page_of(alice))

    (statement,) = [query["sql"] for query in queries if 'FROM "django_admin_log"' in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "accounts_log_of_object" in plan


def test_tasks_are_hidden_without_the_permission_to_view_them(alice: User) -> None:
    task = make_task(alice)

    page = operator_with("view_user").get(page_of(alice))

    assert page.status_code == 200
    assert str(task.pk)[:8] not in page.content.decode()


def pages(user: User, task: Task, entries: list[int]) -> Iterator[str]:
    """Yields the URL of every admin page about users, tasks and the log, confirmation pages too."""
    for model in admin.site._registry:
        yield f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    for label in {model._meta.app_label for model in admin.site._registry}:
        yield f"/admin/{label}/"
    yield "/admin/"
    for term in (TITLE, DESCRIPTION, "Only", user.pk, user.email, str(task.pk)):
        yield f"{TASKS}?q={term}"
        yield f"{USERS}?q={term}"
    yield f"{TASKS}?user__id__exact={user.pk}"
    yield f"{TASKS}?o=1.2.3.4.5.6"
    for below in ("change", "history", "delete"):
        yield f"{USERS}{quote(user.pk)}/{below}/"
        yield f"{TASKS}{task.pk}/{below}/"
        yield from (f"/admin/admin/logentry/{entry}/{below}/" for entry in entries)
    yield f"{TASKS}{task.pk}/read/"
    for act in ("suspend", "reactivate", "export", "erase"):
        yield f"{USERS}act/{act}/?person={user.pk}"
    for name in ("tasks.task&field_name=user", "tasks.task&field_name=id"):
        app, _, rest = name.partition(".")
        yield f"/admin/autocomplete/?app_label={app}&model_name={rest}&term=Only"


@pytest.mark.parametrize("erased", [False, True])
def test_no_page_shows_a_title_until_the_operator_gives_a_reason(
    operator: Client, superuser: User, alice: User, erased: bool
) -> None:
    task = make_task(alice, TITLE, description=DESCRIPTION)
    operator.post(f"{TASKS}{task.pk}/read/", {"reason": "Ticket 12"})
    operator.post(f"{USERS}act/export/", {"person": alice.pk, "reason": "Ticket 12"})
    entries = list(LogEntry.objects.values_list("pk", flat=True))
    assert len(entries) == 3
    urls = pages(alice, task, entries)
    if erased:
        sent = {"person": alice.pk, "reason": "Ticket 12", "typed": "erase 1"}
        operator.post(f"{USERS}act/erase/", sent)

    for page in urls:
        response = operator.get(page, follow=True)
        text = response.content.decode()
        searched = f'value="{TITLE}"', f'value="{DESCRIPTION}"', f'value="{alice.email}"'
        for attribute in searched:  # the search box repeats the search term
            text = text.replace(attribute, "")
        assert response.status_code in {200, 403, 404}, page
        assert TITLE not in text, page
        assert DESCRIPTION not in text, page
        if erased:
            assert alice.email not in text, page
