"""Operators look at tasks, change none, and read a title only with a reason that is kept."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from conftest import make_task, operator_with
from tasks.models import Task

TASKS = "/admin/tasks/task/"


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


def test_a_search_that_finds_too_many_people_says_so(operator: Client, alice: User) -> None:
    make_task(alice)
    users = [User(id=f"p{n}", email=f"alice{n}@todo.test", password="!") for n in range(100)]
    User.objects.bulk_create(users)

    page = operator.get(f"{TASKS}?q=alice")

    assert len(page.context["cl"].result_list) == 0
    assert b"More than 100 people match" in page.content


def test_the_list_of_one_person_shows_whose_it_is(operator: Client, alice: User, bob: User) -> None:
    make_task(alice)
    make_task(bob)

    page = operator.get(f"{TASKS}?user__id__exact={alice.pk}")

    assert len(page.context["cl"].result_list) == 1
    assert f">{alice.pk}</a>" in page.content.decode()
    assert b"By person" in page.content
    assert b"By person" not in operator.get(TASKS).content


def test_the_page_of_a_task_shows_all_but_the_words_and_changes_nothing(
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

    for part in (str(task.pk), "alice@todo.test", "Medium"):
        assert part in shown
    assert "Water the plants" not in shown
    assert "Twice" not in shown
    assert statuses == [403] * 4
    assert operator.get(f"{TASKS}{task.pk}/history/").status_code == 200
    assert Task.objects.get().title == "Water the plants"
    assert b"delete_selected" not in operator.get(TASKS).content


# --- Titles ---------------------------------------------------------------------------------------


def test_a_title_is_shown_for_a_reason_that_is_kept(operator: Client, alice: User) -> None:
    task = make_task(alice, "Water <the> plants", description="Twice\na day")

    response = operator.post(f"{TASKS}{task.pk}/read/", {"reason": "Ticket 12"})

    page = response.content.decode()
    assert "Water &lt;the&gt; plants" in page
    assert "Twice<br>a day" in page
    assert "no-store" in response.headers["Cache-Control"]
    head, _, body = page.partition('<div id="content-main">')
    assert "Water" in body
    assert "Water" not in head
    entries = LogEntry.objects.order_by("id").values_list(
        "user_id", "object_id", "object_repr", "change_message"
    )
    what = "Read title and description"
    assert list(entries) == [
        ("boss", str(task.pk), str(task.pk), f"{what}. Reason: Ticket 12"),
        ("boss", alice.pk, alice.pk, f"{what} of task {task.pk}. Reason: Ticket 12"),
    ]


@pytest.mark.parametrize("reason", [None, "", " "])
def test_no_title_is_shown_without_a_reason(
    operator: Client, alice: User, reason: str | None
) -> None:
    task = make_task(alice, description="Twice")
    page = f"{TASKS}{task.pk}/read/"

    response = operator.get(page) if reason is None else operator.post(page, {"reason": reason})

    assert response.status_code == 200
    assert b"Show title" in response.content
    assert b"Water" not in response.content
    assert b"Twice" not in response.content
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("permissions", [("view_task",), ("read_titles",), ("change_task",)])
def test_no_title_is_shown_without_the_permission(
    alice: User, permissions: tuple[str, ...]
) -> None:
    staff = operator_with(*permissions)
    task = make_task(alice)

    response = staff.post(f"{TASKS}{task.pk}/read/", {"reason": "Ticket 12"})

    assert response.status_code == 403
    assert b"Show title" not in staff.get(f"{TASKS}{task.pk}/change/").content
    assert not LogEntry.objects.exists()


def test_who_may_read_titles_needs_no_more(alice: User) -> None:
    staff = operator_with("view_task", "read_titles")
    task = make_task(alice)

    offered = staff.get(f"{TASKS}{task.pk}/change/")
    shown = staff.post(f"{TASKS}{task.pk}/read/", {"reason": "Ticket 12"})

    assert b"Show title" in offered.content
    assert b"Water the plants" in shown.content


@pytest.mark.parametrize("task_id", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_the_title_of_no_task_is_not_found(operator: Client, task_id: str) -> None:
    response = operator.post(f"{TASKS}{task_id}/read/", {"reason": "Ticket 12"})

    assert response.status_code == 404


def test_reading_needs_the_form_of_the_page(boss: User, alice: User) -> None:
    careless = Client(enforce_csrf_checks=True)
    careless.force_login(boss)
    task = make_task(alice)

    response = careless.post(f"{TASKS}{task.pk}/read/", {"reason": "Ticket 12"})

    assert response.status_code == 403
    assert b"Water" not in response.content


# --- Made for ten million tasks -------------------------------------------------------------------

MANY = """
INSERT INTO tasks_task
    (id, user_id, title, completed, completed_at, priority, created_at, updated_at)
SELECT gen_random_uuid(), users.id, 'x', false, null, 1 + i % 4, now() - i * interval '1 s', now()
FROM generate_series(1, 100) AS i, (SELECT id FROM accounts_user) AS users
"""


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "tasks_task_everybodys"),
        ("completed__exact=0", "tasks_task_everybodys"),
        ("priority__exact=4", "tasks_task_everybodys"),
        ("created_at__gte=2001-01-01T00:00Z", "tasks_task_everybodys"),
        ("o=5", "tasks_task_everybodys"),
        ("user__id__exact=person-7", "tasks_task_listed"),
        ("user__id__exact=person-7&completed__exact=0", "tasks_task_listed"),
        ("q=person-7", "tasks_task_listed"),
        ("q=PERSON77@", "tasks_task_listed"),
        ("q=00000000-0000-0000-0000-000000000000", "tasks_task_pkey"),
    ],
)
def test_the_list_reads_an_index(operator: Client, query: str, index: str) -> None:
    users = [User(id=f"person-{n}", email=f"person{n}@todo.test", password="!") for n in range(200)]
    User.objects.bulk_create(users)
    with connection.cursor() as cursor:
        cursor.execute(MANY)
        cursor.execute("ANALYZE tasks_task, accounts_user")

    with CaptureQueriesContext(connection) as queries:
        operator.get(f"{TASKS}?{query}")

    of_tasks = [query["sql"] for query in queries if 'FROM "tasks_task"' in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {of_tasks[-1]}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert index in plan, plan
    assert "Seq Scan on tasks_task" not in plan
