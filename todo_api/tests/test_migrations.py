"""Migrations run by an owner that is not a superuser, forward and back."""

from importlib import import_module
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from accounts.identity import AS_USER
from accounts.models import User
from conftest import client_of, make_task
from tasks.models import Task
from todo_api.tests.owners import manage, query


@pytest.mark.django_db
def test_the_models_need_no_further_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


ROLES = "SELECT rolname FROM pg_roles WHERE rolname = 'todo_user'"
GUARDED = "SELECT relname FROM pg_class WHERE relrowsecurity ORDER BY relname"
POLICIES = "SELECT polname FROM pg_policy"
INSERT_USER = (
    "INSERT INTO accounts_user (id, password, email, name, is_active, is_staff, is_superuser,"
    " date_joined) VALUES (%s, '!', '', '', true, false, false, now())"
)
# Without the columns of later releases.
OLD_INSERT = (
    "INSERT INTO tasks_task (id, user_id, title, completed, priority, created_at, updated_at)"
    " VALUES (gen_random_uuid(), %s, 'Old', false, 2, now(), now())"
)
TASKS = "SELECT id, user_id, title, created_at, updated_at FROM tasks_task ORDER BY id"
STATES = "SELECT user_id, seq, purged_seq FROM tasks_syncstate ORDER BY user_id"
GRANTS = "SELECT table_name FROM information_schema.role_column_grants WHERE grantee = 'todo_user'"


@pytest.mark.slow
def test_an_owner_without_superuser_migrates_forward_back_and_forward(
    owned: tuple[str, str],
) -> None:
    superuser, owner = owned

    manage(owner, "migrate", "--verbosity=0")
    assert manage(owner, "verify_isolation", "--verbosity=0").endswith("checks, no hole\n")

    manage(owner, "migrate", "accounts", "0001", "--verbosity=0")
    left = [query(superuser, sql) for sql in (ROLES, GUARDED, POLICIES, GRANTS)]
    assert left == [[], [], [], []]

    manage(owner, "migrate", "--verbosity=0")
    guarded = [
        "accounts_user", "tasks_calendarfeed", "tasks_idempotencyrecord", "tasks_syncstate",
        "tasks_task",
    ]  # fmt: skip
    assert query(superuser, GUARDED) == [(table,) for table in guarded]
    assert manage(owner, "verify_isolation", "--verbosity=0").endswith("checks, no hole\n")


@pytest.mark.slow
def test_a_role_that_exists_before_is_used_and_kept(
    owned: tuple[str, str],
) -> None:
    superuser, owner = owned
    with psycopg.connect(superuser, autocommit=True) as administrator:
        administrator.execute("ALTER ROLE owner NOCREATEROLE")
        administrator.execute("CREATE ROLE todo_user NOLOGIN")
        administrator.execute("GRANT todo_user TO owner")

    manage(owner, "migrate", "--verbosity=0")
    assert manage(owner, "verify_isolation", "--verbosity=0").endswith("checks, no hole\n")

    manage(owner, "migrate", "accounts", "0001", "--verbosity=0")
    left = [query(superuser, sql) for sql in (ROLES, GUARDED, POLICIES, GRANTS)]
    assert left == [[("todo_user",)], [], [], []]


@pytest.mark.slow
def test_tasks_survive_the_migrations_of_the_trash_in_both_directions(
    owned: tuple[str, str],
) -> None:
    superuser, owner = owned
    manage(owner, "migrate", "tasks", "0009", "--verbosity=0")
    with psycopg.connect(superuser) as administrator:
        for user, tasks in (("alice", 3), ("bob", 1), ("idle", 0)):
            administrator.execute(INSERT_USER, [user])
            for _ in range(tasks):
                administrator.execute(OLD_INSERT, [user])
    before = query(superuser, TASKS)

    manage(owner, "migrate", "--verbosity=0")

    assert query(superuser, TASKS) == before
    assert query(superuser, STATES) == [("alice", 0, 0), ("bob", 0, 0)]
    numbers = "SELECT DISTINCT deleted_at, seq FROM tasks_task"
    assert query(superuser, numbers) == [(None, 0)]
    with psycopg.connect(superuser) as administrator:
        administrator.execute("UPDATE tasks_task SET deleted_at = now() WHERE user_id = 'bob'")

    manage(owner, "migrate", "tasks", "0009", "--verbosity=0")

    assert query(superuser, TASKS) == before  # out of the trash

    manage(owner, "migrate", "tasks", "zero", "--verbosity=0")
    functions = "SELECT proname FROM pg_proc WHERE proname IN ('todo_number', 'todo_purge')"
    assert query(superuser, functions) == []
    manage(owner, "migrate", "--verbosity=0")
    assert manage(owner, "verify_isolation", "--verbosity=0").endswith("checks, no hole\n")


@pytest.mark.django_db
def test_statements_of_the_release_before_the_trash_work(alice: User) -> None:
    def run(sql: str) -> list[tuple[Any, ...]]:
        """Runs it as a request does, and returns tasks and the state of sync."""
        with connection.cursor() as cursor:
            cursor.execute(AS_USER, [alice.pk])
            cursor.execute(sql, [alice.pk])
            cursor.execute("RESET ROLE")
            cursor.execute("SELECT title, deleted_at, seq FROM tasks_task")
            tasks = cursor.fetchall()
            cursor.execute("SELECT seq, purged_seq FROM tasks_syncstate")
            return [*tasks, *cursor.fetchall()]

    (task, state) = run(OLD_INSERT)
    number = state[0]
    assert (task, state) == (("Old", None, number), (number, 0))

    (task, (changed, purged)) = run("UPDATE tasks_task SET title = 'New' WHERE user_id = %s")
    assert (task, purged) == (("New", None, changed), 0)
    assert changed >= number  # the same in one transaction and instant

    ((last, purged),) = run("DELETE FROM tasks_task WHERE user_id = %s")
    assert last == purged > changed  # clients must start again: the deletion left no row


# --- Tags, due times and the folded text ----------------------------------------------------------

FOLDED = "SELECT title, folded FROM tasks_task ORDER BY title"
NUMBERS = "SELECT id, seq, updated_at FROM tasks_task ORDER BY id"
# Between the migrations, the new code runs on rows without a folded text.
SEARCH = """
from django.test import Client
from accounts.models import User
from accounts.own_tokens import mint
headers = {"Authorization": f"Bearer {mint(User.objects.get(pk='alice'))}"}
for query in ("search=oLd", "search=new", "tag=a", "sort=title", "due=none"):
    found = Client().get(f"/api/tasks?{query}", headers=headers, SERVER_NAME="localhost")
    print([task["title"] for task in found.json()])
"""


@pytest.mark.slow
def test_tasks_survive_the_migrations_of_tags_in_both_directions(owned: tuple[str, str]) -> None:
    superuser, owner = owned
    manage(owner, "migrate", "accounts", "--verbosity=0")
    manage(owner, "migrate", "tasks", "0012", "--verbosity=0")
    with psycopg.connect(superuser) as administrator:
        for user, tasks in (("alice", 2), ("bob", 1), ("idle", 0)):
            administrator.execute(INSERT_USER, [user])
            for _ in range(tasks):
                administrator.execute(OLD_INSERT, [user])
    before, numbers = query(superuser, TASKS), query(superuser, NUMBERS)
    states = query(superuser, STATES)

    manage(owner, "migrate", "tasks", "0013", "--verbosity=0")

    assert query(superuser, FOLDED) == [("Old", None)] * 3

    manage(owner, "migrate", "--verbosity=0")

    assert query(superuser, FOLDED) == [("Old", "OLD")] * 3
    assert (query(superuser, TASKS), query(superuser, STATES)) == (before, states)
    assert query(superuser, NUMBERS) == numbers
    assert query(superuser, "SELECT DISTINCT tags, due_at, repeat FROM tasks_task") == [
        ([], None, None)
    ]
    both = "['Old', 'Old']"
    found = manage(owner, "shell", "--no-imports", "-c", SEARCH).splitlines()
    assert found == [both, "[]", "[]", both, both]
    assert manage(owner, "verify_isolation", "--verbosity=0").endswith("checks, no hole\n")

    manage(owner, "migrate", "tasks", "0012", "--verbosity=0")

    functions = (
        "SELECT proname FROM pg_proc WHERE proname IN ('todo_fold', 'todo_tag', 'todo_natural')"
    )
    assert query(superuser, functions) == []
    assert query(superuser, "SELECT FROM pg_collation WHERE collname = 'todo_title'") == []
    with psycopg.connect(superuser) as administrator:
        administrator.execute("UPDATE tasks_task SET title = 'New' WHERE user_id = 'bob'")
    assert query(superuser, "SELECT seq > 0 FROM tasks_syncstate WHERE user_id = 'bob'") == [
        (True,)
    ]
    manage(owner, "migrate", "--verbosity=0")
    assert query(superuser, FOLDED) == [("New", "NEW"), ("Old", "OLD"), ("Old", "OLD")]
    assert manage(owner, "verify_isolation", "--verbosity=0").endswith("checks, no hole\n")


@pytest.mark.django_db
def test_statements_of_the_release_before_tags_work(alice: User) -> None:
    client = client_of(alice.pk)

    def run(sql: str) -> str | None:
        """Runs it as a request does, and returns the folded text of the task."""
        with connection.cursor() as cursor:
            cursor.execute(AS_USER, [alice.pk])
            cursor.execute(sql, [alice.pk])
            cursor.execute("RESET ROLE")
        return Task.objects.get().folded

    assert run(OLD_INSERT) == "OLD"
    assert run("UPDATE tasks_task SET title = 'Caf\u00e9' WHERE user_id = %s") == "CAFE"
    (shown,) = client.get("/api/tasks?search=cafe").json()
    new = ("due_at", "time_zone", "remind_at", "repeat", "tags")
    assert [shown[name] for name in new] == [None, None, None, None, []]


@pytest.mark.django_db
def test_a_write_folds_a_text_that_was_not_folded_yet(alice: User) -> None:
    task, client = make_task(alice, "Caf\u00e9"), client_of(alice.pk)
    Task.objects.update(folded=None)

    client.patch(f"/api/tasks/{task.pk}", {"priority": "high"})

    assert Task.objects.get().folded == "CAFE"


class Interrupted(Exception):
    pass


@pytest.mark.django_db
def test_folding_can_be_interrupted_and_repeated_and_numbers_nothing(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration: Any = import_module("tasks.migrations.0014_fold_texts")
    monkeypatch.setattr(migration, "ROWS", 2)
    for number in range(7):
        make_task(alice if number % 2 else bob, f"Caf\u00e9 {number}", description="Cr\u00e8me")
    Task.objects.update(folded=None)
    Task.objects.filter(title__endswith="3").update(title="Changed since")
    with connection.cursor() as cursor:
        cursor.execute(STATES)
        states = cursor.fetchall()
    numbers = list(Task.objects.order_by("pk").values_list("pk", "seq", "updated_at"))
    steps = 0

    def stop_after_two(execute: Any, *arguments: Any) -> Any:
        nonlocal steps
        steps += 1
        if steps > 2:
            raise Interrupted
        return execute(*arguments)

    with connection.schema_editor(atomic=False) as editor:
        with connection.execute_wrapper(stop_after_two), pytest.raises(Interrupted):
            migration.fold(None, editor)
        left = Task.objects.filter(folded=None).count()
        for _ in range(2):
            migration.fold(None, editor)

    assert left in {3, 2}  # of seven, two were read in each step, and one of them was written since
    assert not Task.objects.filter(folded=None).exists()
    assert set(Task.objects.exclude(title="Changed since").values_list("folded", flat=True)) == {
        f"CAFE {number}\nCREME" for number in (0, 1, 2, 4, 5, 6)
    }
    assert list(Task.objects.order_by("pk").values_list("pk", "seq", "updated_at")) == numbers
    with connection.cursor() as cursor:
        cursor.execute(STATES)
        assert cursor.fetchall() == states
