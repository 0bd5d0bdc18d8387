"""The admin pages of tasks are read-only, and log the reason for reading a title."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from conftest import make_task, operator_with
from tasks.models import Task

TASKS = "/admin/tasks/task/"


def result_count(operator: Client, query: str) -> int:
    response = operator.get(f"{TASKS}?{query}")
    assert response.status_code == 200
    return len(response.context["cl"].result_list)


def test_the_list_runs_the_same_number_of_queries_for_any_number_of_tasks(
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
    assert all("LIMIT 10001" in sql for sql in counting)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("trash=no", 1),
        ("trash=yes", 1),
        ("trash=nonsense", 2),
        ("trash=yes&user__id__exact=alice-Zk3xQ9", 0),
        ("tagged=yes", 2),
        ("user__id__exact=alice-Zk3xQ9&tagged=yes", 1),
        ("user__id__exact=alice-Zk3xQ9&tagged=no", 0),
        ("user__id__exact=alice-Zk3xQ9&tagged=home", 1),
        ("completed__exact=1", 1),
        ("q=bob", 1),
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
def test_the_list_can_be_searched_and_filtered(
    operator: Client, alice: User, bob: User, query: str, count: int
) -> None:
    make_task(alice, tags=["home", "Balcony"])
    make_task(bob, completed=True, deleted_at=timezone.now())

    assert result_count(operator, query) == count


def test_the_list_marks_tasks_in_the_trash_and_shows_numbers_of_tags(
    operator: Client, alice: User
) -> None:
    make_task(alice, tags=["Balcony", "home"])
    make_task(alice, completed=True)
    make_task(alice, completed=True, deleted_at=timezone.now())

    page = operator.get(TASKS).content.decode()

    assert re.findall(r'field-status"><span class="badge \w+">([^<]+)', page) == [
        "In the trash", "Completed", "Open",
    ]  # fmt: skip
    assert re.findall(r'field-tag_count">(\d)', page) == ["0", "0", "2"]
    assert "Balcony" not in page


def test_the_page_of_a_task_says_that_it_is_in_the_trash(operator: Client, alice: User) -> None:
    task = make_task(alice, deleted_at=datetime(2026, 11, 30, 8, 5, tzinfo=UTC))

    page = operator.get(f"{TASKS}{task.pk}/change/").content.decode()

    assert '<span class="badge trash">In the trash</span>' in page
    assert "In the trash since" in page
    assert "2026-11-30 08:05 UTC" in page


def test_the_trash_lists_the_newest_deletion_first(operator: Client, alice: User) -> None:
    now = timezone.now()
    tasks = [make_task(alice, deleted_at=now - timedelta(days=days)) for days in (2, 1, 3)]

    page = operator.get(f"{TASKS}?trash=yes")

    listed = [task.pk for task in page.context["cl"].result_list]
    assert listed == [tasks[number].pk for number in (1, 0, 2)]
    assert page.content.decode().count("field-in_trash_since") == 3
    assert page.context["cl"].sortable_by == ()
    assert operator.get(TASKS).context["cl"].sortable_by == ("created_at",)
    assert b"field-in_trash_since" not in operator.get(TASKS).content


def test_the_list_can_be_searched_by_task_id(operator: Client, alice: User) -> None:
    task, _ = make_task(alice), make_task(alice)

    for term in (task.pk, str(task.pk)[:8], str(task.pk)[:8].upper(), str(task.pk)[:15]):
        assert result_count(operator, f"q={term}") == 1
    for term in (str(task.pk)[:7], f"{task.pk}0", "x" * 8):
        assert result_count(operator, f"q={term}") == 0
    assert f'title="{task.pk}">{str(task.pk)[:8]}<' in operator.get(TASKS).text


def test_the_list_names_users_like_the_list_of_users(
    operator: Client, alice: User, superuser: User
) -> None:
    unknown = User.objects.create(id="user-7", password="!")
    for user in (alice, superuser, unknown):
        make_task(user)

    cells = re.findall(r'field-user_link"><a [^>]+>(.*?)</td>', operator.get(TASKS).text)

    assert cells == [
        "user-7</a>", "boss@todo.test</a>",
        'Alice</a> <span class="below">alice@todo.test</span>',
    ]  # fmt: skip


def test_the_filter_of_completed_tasks_uses_the_words_of_the_list(operator: Client) -> None:
    page = operator.get(TASKS).text.partition("By status")[2].partition("</ul>")[0]

    assert re.findall(r">([A-Z]\w+)</a>", page) == ["All", "Completed", "Open"]


def test_a_search_that_matches_too_many_users_shows_a_warning(
    operator: Client, alice: User
) -> None:
    make_task(alice)
    users = [User(id=f"p{n}", email=f"alice{n}@todo.test", password="!") for n in range(100)]
    User.objects.bulk_create(users)

    page = operator.get(f"{TASKS}?q=alice")

    assert len(page.context["cl"].result_list) == 0
    text = page.content.decode()
    assert "More than 100 users match" in text
    assert '<a href="/admin/accounts/user/?q=alice">these users</a>' in text
    assert "No tasks match" not in text
    assert len(operator.get("/admin/accounts/user/?q=alice").context["cl"].result_list) == 100


def test_a_list_filtered_by_user_shows_the_user(operator: Client, alice: User, bob: User) -> None:
    make_task(alice)
    make_task(bob)

    page = operator.get(f"{TASKS}?user__id__exact={alice.pk}")

    assert len(page.context["cl"].result_list) == 1
    text = page.content.decode()
    assert "<h1>Tasks of Alice (alice@todo.test)</h1>" in text
    assert f'<a href="/admin/accounts/user/{alice.pk}/change/">Page of Alice</a>' in text
    assert re.search(r"By user.*?>Alice</a>", text, re.DOTALL)
    assert b"By user" in page.content
    assert b"By user" not in operator.get(TASKS).content


def test_the_page_of_a_task_is_read_only_and_hides_title_description_and_tags(
    operator: Client, alice: User
) -> None:
    task = make_task(alice, description="Twice", tags=["Balcony"])
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
    assert "Balcony" not in shown
    assert statuses == [403] * 4
    assert operator.get(f"{TASKS}{task.pk}/history/").status_code == 200
    assert Task.objects.get().title == "Water the plants"
    assert b"delete_selected" not in operator.get(TASKS).content


def test_the_page_of_a_task_shows_its_times_and_when_it_repeats(
    operator: Client, alice: User
) -> None:
    task = make_task(
        alice, due_date=date(2026, 12, 24), due_at=datetime(2026, 12, 24, 8, 5, tzinfo=UTC),
        time_zone="Europe/Berlin", remind_at=datetime(2026, 12, 23, 7, 35, tzinfo=UTC),
        repeat={"rule": "FREQ=WEEKLY", "from": "completion"},
    )  # fmt: skip

    page = operator.get(f"{TASKS}{task.pk}/change/").content.decode()

    for part in ("2026-12-24 08:05 UTC", "Europe/Berlin", "2026-12-23 07:35 UTC", "FREQ=WEEKLY"):
        assert part in page, part


@pytest.mark.parametrize(
    "query",
    ["title=Water", "description=Twice", "tags={Private}", "tags__0=Private", "tags__contains=a",
     "folded=WATER%0ATWICE", "folded__exact=WATER%0ATWICE", "repeat__rule=FREQ%3DDAILY"],
)  # fmt: skip
def test_the_list_cannot_be_filtered_by_private_texts(
    operator: Client, alice: User, query: str
) -> None:
    make_task(alice, "Water", description="Twice", tags=["Private"])

    refused = operator.get(f"{TASKS}?{query}")

    assert refused.status_code in {302, 400}


# --- Titles ---------------------------------------------------------------------------------------


def test_a_title_is_shown_after_the_reason_is_logged(operator: Client, alice: User) -> None:
    task = make_task(
        alice, "Water <the> plants", description="Twice\na day", tags=["<home>", "Balcony"]
    )

    response = operator.post(f"{TASKS}{task.pk}/read/", {"reason": "Ticket 12"})

    page = response.content.decode()
    assert "Water &lt;the&gt; plants" in page
    assert "Twice<br>a day" in page
    assert "&lt;home&gt;, Balcony" in page
    assert f'<a href="/admin/accounts/user/{alice.pk}/change/">Alice (alice@todo.test)</a>' in page
    assert "no-store" in response.headers["Cache-Control"]
    head, _, body = page.partition('<div id="content-main">')
    assert "Water" in body
    assert "Water" not in head
    entries = LogEntry.objects.order_by("id").values_list(
        "user_id", "object_id", "object_repr", "change_message"
    )
    action = "Read title, description and tags"
    assert list(entries) == [
        ("boss", str(task.pk), str(task.pk), f"{action}. Reason: Ticket 12"),
        ("boss", alice.pk, alice.pk, f"{action} of task {task.pk}. Reason: Ticket 12"),
    ]


@pytest.mark.parametrize("reason", [None, "", " "])
def test_no_title_is_shown_without_a_reason(
    operator: Client, alice: User, reason: str | None
) -> None:
    task = make_task(alice, description="Twice", tags=["Balcony"])
    page = f"{TASKS}{task.pk}/read/"

    response = operator.get(page) if reason is None else operator.post(page, {"reason": reason})

    assert response.status_code == 200
    assert b'value="Show title, description and tags"' in response.content
    assert f'href="{TASKS}{task.pk}/change/">Back</a>' in response.text
    assert b"Water" not in response.content
    assert b"Twice" not in response.content
    assert b"Balcony" not in response.content
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


def test_view_task_and_read_titles_are_enough_to_read_a_title(alice: User) -> None:
    staff = operator_with("view_task", "read_titles")
    task = make_task(alice)

    offered = staff.get(f"{TASKS}{task.pk}/change/")
    shown = staff.post(f"{TASKS}{task.pk}/read/", {"reason": "Ticket 12"})

    assert b"Show title" in offered.content
    assert b"Water the plants" in shown.content


@pytest.mark.parametrize("task_id", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_reading_the_title_of_an_unknown_task_returns_404(operator: Client, task_id: str) -> None:
    response = operator.post(f"{TASKS}{task_id}/read/", {"reason": "Ticket 12"})

    assert response.status_code == 404


def test_reading_a_title_without_a_csrf_token_returns_403(superuser: User, alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(superuser)
    task = make_task(alice)

    response = client.post(f"{TASKS}{task.pk}/read/", {"reason": "Ticket 12"})

    assert response.status_code == 403
    assert b"Water" not in response.content


# --- Query plans ----------------------------------------------------------------------------------

INSERT_TASKS = """
INSERT INTO tasks_task
    (id, user_id, title, completed, completed_at, priority, created_at, updated_at, deleted_at)
SELECT gen_random_uuid(), users.id, 'x', false, null, 1 + i % 4, now() - i * interval '1 s', now(),
    CASE WHEN i > 98 THEN now() END
FROM generate_series(1, 100) AS i, (SELECT id FROM accounts_user) AS users
"""


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "tasks_task_everybodys"),
        ("completed__exact=0", "tasks_task_everybodys"),
        ("priority__exact=4", "tasks_task_everybodys"),
        ("created_at__gte=2001-01-01T00:00Z", "tasks_task_everybodys"),
        ("o=6", "tasks_task_everybodys"),
        ("trash=no", "tasks_task_everybodys"),
        ("trash=yes", "tasks_task_purgeable"),
        ("trash=yes&o=4", "tasks_task_purgeable"),
        ("user__id__exact=user-7&tagged=yes", "tasks_task_changed"),
        ("user__id__exact=user-7", "tasks_task_changed"),
        ("user__id__exact=user-7&completed__exact=0", "tasks_task_changed"),
        ("user__id__exact=user-7&trash=yes", "tasks_task_trashed"),
        ("q=user-7", "tasks_task_changed"),
        ("q=USER77@", "tasks_task_changed"),
        ("q=00000000-0000-0000-0000-000000000000", "tasks_task_pkey"),
        ("q=00000000", "tasks_task_pkey"),
    ],
)
def test_the_list_uses_an_index(operator: Client, query: str, index: str) -> None:
    users = [User(id=f"user-{n}", email=f"user{n}@todo.test", password="!") for n in range(200)]
    User.objects.bulk_create(users)
    with connection.cursor() as cursor:
        cursor.execute(INSERT_TASKS)
        cursor.execute("ANALYZE tasks_task, accounts_user")

    with CaptureQueriesContext(connection) as queries:
        operator.get(f"{TASKS}?{query}")

    task_queries = [query["sql"] for query in queries if 'FROM "tasks_task"' in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {task_queries[-1]}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert index in plan, plan
    assert "Seq Scan on tasks_task" not in plan
