"""Operators look at tasks, and change none."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from conftest import make_task
from tasks.models import Task

TASKS = "/admin/tasks/task/"


@pytest.fixture
def operator(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("operator@todo.test", "pass-word-1"))
    return client


def found(operator: Client, query: str) -> int:
    response = operator.get(f"{TASKS}?{query}")
    assert response.status_code == 200
    return len(response.context["cl"].result_list)


def test_the_list_shows_tasks_without_a_query_for_each(
    operator: Client, alice: User, bob: User
) -> None:
    make_task(alice)
    with CaptureQueriesContext(connection) as few:
        first = operator.get(TASKS)
    for _ in range(20):
        make_task(bob)
    with CaptureQueriesContext(connection) as many:
        second = operator.get(TASKS)

    assert (first.status_code, second.status_code) == (200, 200)
    assert b"Water the plants" in first.content
    assert alice.pk.encode() in first.content
    assert len(few) == len(many)


def test_no_query_counts_the_whole_table(operator: Client, alice: User) -> None:
    make_task(alice)

    with CaptureQueriesContext(connection) as queries:
        operator.get(TASKS)

    counting = [query["sql"] for query in queries if "COUNT(*)" in query["sql"]]
    assert counting
    assert all("LIMIT 10000" in sql for sql in counting)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("completed__exact=1", 1),
        ("priority__exact=4", 0),
        ("q=alice-Zk3xQ9", 1),
        ("q=ALICE@", 1),
        ("q=lice@", 0),
        ("q=ALICE-ZK3XQ9", 0),
        ("q=plants", 0),
        ("q=%27%22%25", 0),
        ("o=1.-2.3&p=1", 2),
    ],
)
def test_it_is_searched_and_filtered(
    operator: Client, alice: User, bob: User, query: str, count: int
) -> None:
    make_task(alice)
    make_task(bob, completed=True)

    assert found(operator, query) == count


def test_it_is_searched_by_a_whole_task_id(operator: Client, alice: User) -> None:
    task, _ = make_task(alice), make_task(alice)

    assert found(operator, f"q={task.pk}") == 1


def test_the_page_of_a_task_shows_everything_and_changes_nothing(
    operator: Client, alice: User
) -> None:
    task = make_task(alice, description="Twice")
    page = reverse("admin:tasks_task_change", args=[task.pk])

    shown = operator.get(page).content.decode()
    statuses = [
        operator.post(page, {"title": "Changed"}).status_code,
        operator.get(f"{TASKS}add/").status_code,
        operator.get(f"{TASKS}{task.pk}/delete/").status_code,
        operator.post(f"{TASKS}{task.pk}/delete/", {"post": "yes"}).status_code,
    ]

    for part in (str(task.pk), alice.pk, "Water the plants", "Twice", "Medium"):
        assert part in shown
    assert statuses == [403] * 4
    assert operator.get(f"{TASKS}{task.pk}/history/").status_code == 200
    assert Task.objects.get().title == "Water the plants"
    assert b"delete_selected" not in operator.get(TASKS).content
