"""Statements run as the person who calls, or not at all; on a real connection, in autocommit."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from threading import Barrier, Timer
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from django.db.utils import OperationalError
from django.utils import timezone

from accounts import identity
from accounts.identity import NoIdentity, as_owner
from accounts.models import User
from accounts.tests.wire import sent
from accounts.tokens import Claims
from conftest import ALICE, BOB, client_of, database_url, make_task
from todo_api.request.context import RequestContext, active

pytestmark = pytest.mark.django_db(transaction=True)

Task = apps.get_model("tasks", "Task")  # accounts imports no tasks, but somebody's rows are needed

STATE = (
    "SELECT current_user = session_user, current_setting('app.user_id', true),"
    " current_setting('statement_timeout'), current_setting('lock_timeout')"
)


@contextmanager
def running_as(user_id: str) -> Iterator[None]:
    with active(RequestContext()), identity.required():
        identity.identify(Claims(user_id, f"{len(user_id)}@todo.test", "Somebody", 0, 0, 0))
        yield


def ask(sql: str, params: Any = None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()


@pytest.mark.parametrize("together", [False, True], ids=["autocommit", "atomic"])
def test_every_form_of_statement_touches_own_rows_only(
    alice: User, bob: User, together: bool
) -> None:
    mine, theirs = make_task(alice), make_task(bob)
    before = Task.objects.filter(user=bob).values().get()
    insert = "INSERT INTO tasks_task SELECT gen_random_uuid(), title, description, completed,"
    insert += " completed_at, priority, due_date, created_at, updated_at, user_id"
    insert += " FROM tasks_task RETURNING user_id"

    with running_as(ALICE), transaction.atomic() if together else nullcontext():
        assert [task.pk for task in Task.objects.all()] == [mine.pk]
        assert (Task.objects.count(), Task.objects.filter(pk=theirs.pk).exists()) == (1, False)
        assert ask(insert) == (ALICE,)
        make_task(alice)
        Task.objects.bulk_create([Task(user=alice, title=title) for title in ("a", "b")])
        mine.title = "Changed"
        mine.save(update_fields=["title"])
        assert Task.objects.update(title="All of mine") == 5
        with transaction.atomic():
            assert len(Task.objects.select_for_update()) == 5
        assert len(list(Task.objects.iterator(chunk_size=2))) == 5
        assert Task.objects.filter(pk=theirs.pk).delete()[0] == 0
        assert Task.objects.all().delete()[0] == 5

    assert Task.objects.values().get() == before


@pytest.mark.parametrize(
    "user_id",
    [
        "o'hara\\ %s {x}",
        "100%",
        "%(id)s %%",
        "back\\",
        "'; RESET ROLE; --",
        'two "words"',
        "日本 é",
    ],
)
def test_any_id_is_the_person_and_nothing_else(user_id: str, bob: User) -> None:
    make_task(bob)

    with running_as(user_id):
        Task.objects.create(user_id=user_id, title="50% {done} \\ 'quoted'")
        titles = list(Task.objects.values_list("user_id", "title"))
        state = ask("SELECT current_user::text, current_setting('app.user_id')")

    assert titles == [(user_id, "50% {done} \\ 'quoted'")]
    assert state == ("todo_user", user_id)
    assert User.objects.filter(pk=user_id).exists()


def test_a_percent_sign_means_the_same_as_without_the_prefix(alice: User) -> None:
    with running_as("100%"):
        assert ask("SELECT 'a%' LIKE 'a%', '%s'") == (True, "%s")
        assert ask("SELECT '%%', %s", ["%"]) == ("%", "%")
        assert ask("SELECT '%%'", ()) == ("%",)


def test_a_statement_is_one_message(alice: User) -> None:
    User.objects.seen(Claims(ALICE, "", "", 0, 0, 0))

    with running_as(ALICE), sent() as messages:
        Task.objects.create(user=alice, title="One")
        list(Task.objects.all())

    assert [message.split()[0] for message in messages] == ["Query", "Query"]


def test_without_an_identity_nothing_is_sent(alice: User) -> None:
    with active(RequestContext()), identity.required(), sent() as messages:
        with pytest.raises(NoIdentity):
            Task.objects.count()
        with pytest.raises(NoIdentity), transaction.atomic():
            Task.objects.count()

    assert messages == []


def test_executemany_is_refused(alice: User) -> None:
    refused = pytest.raises(NoIdentity, match="bulk_create")

    with running_as(ALICE), sent() as messages, connection.cursor() as cursor, refused:
        cursor.executemany("DELETE FROM tasks_task WHERE title = %s", [["a"], ["b"]])

    assert messages == []


def test_nobody_can_be_identified_outside_a_request() -> None:
    with pytest.raises(NoIdentity):
        identity.identify(Claims(ALICE, "", "", 0, 0, 0))


def test_nothing_stays_on_the_connection(alice: User) -> None:
    with running_as(ALICE):
        inside = ask(STATE)
        with sent() as leaving:
            pass

    assert inside == (False, ALICE, "5s", "2s")
    assert (ask(STATE), leaving) == ((True, "", "0", "0"), [])


def test_an_outer_transaction_gets_the_owner_back(alice: User, bob: User) -> None:
    make_task(bob)

    with transaction.atomic():
        with running_as(ALICE):
            assert Task.objects.count() == 0
        assert ask(STATE)[:2] == (True, "")
        assert Task.objects.count() == 1


def test_an_error_leaves_the_connection_to_the_next_statement(alice: User) -> None:
    with running_as(ALICE):
        with pytest.raises(IntegrityError):
            Task.objects.create(user=alice, title=" ")
        with pytest.raises(ProgrammingError):
            ask("SELECT nonsense")
        assert Task.objects.count() == 0

    assert ask(STATE)[:2] == (True, "")


def test_a_savepoint_takes_back_an_error_and_no_more(alice: User) -> None:
    with running_as(ALICE), transaction.atomic():
        make_task(alice, "Before")
        with pytest.raises(IntegrityError), transaction.atomic():
            Task.objects.create(user=alice, title=" ")
        make_task(alice, "After")
        assert ask("SELECT current_user::text") == ("todo_user",)

    assert {task.title for task in Task.objects.all()} == {"Before", "After"}


def test_a_transaction_is_rolled_back_as_a_whole(alice: User) -> None:
    def two_tasks() -> None:
        with running_as(ALICE), transaction.atomic():
            make_task(alice, "Before")
            Task.objects.create(user=alice, title=" ")

    with pytest.raises(IntegrityError):
        two_tasks()

    assert Task.objects.count() == 0


def test_what_runs_on_commit_runs_as_the_person(alice: User, bob: User) -> None:
    make_task(bob)
    seen: list[int] = []

    with running_as(ALICE), transaction.atomic():
        transaction.on_commit(lambda: seen.append(Task.objects.count()))

    assert seen == [0]


@pytest.mark.parametrize("together", [False, True], ids=["autocommit", "atomic"])
def test_a_policy_refuses_what_is_not_ones_own(alice: User, bob: User, together: bool) -> None:
    refused = pytest.raises(ProgrammingError, match="row-level security")

    with running_as(ALICE), refused, transaction.atomic() if together else nullcontext():
        make_task(bob)

    assert Task.objects.count() == 0


@pytest.mark.parametrize("table", ["auth_group", "accounts_attempts", "django_session"])
def test_other_tables_are_closed(alice: User, table: str) -> None:
    with running_as(ALICE), pytest.raises(ProgrammingError, match="permission denied"):
        ask(f"SELECT FROM {table}")


def test_the_owner_answers_for_a_reason_only_and_nested(alice: User, bob: User) -> None:
    make_task(bob)

    for together in (False, True):
        with running_as(ALICE), transaction.atomic() if together else nullcontext():
            assert Task.objects.count() == 0
            with as_owner("a test"):
                with as_owner("another"):
                    assert Task.objects.count() == 1
                assert ask(STATE) == (True, "", "5s", "2s")
            assert Task.objects.count() == 0


def test_the_reason_ends_with_its_block_whatever_happens_inside(alice: User) -> None:
    with running_as(ALICE):
        with pytest.raises(DatabaseError), as_owner("a test"):
            ask("SELECT nonsense")
        assert ask("SELECT current_user::text") == ("todo_user",)


def test_whoever_is_suspended_during_a_transaction_is_told_so_afterwards(alice: User) -> None:
    refused = pytest.raises(ProgrammingError, match="row-level security")

    with running_as(ALICE):
        with refused, transaction.atomic():
            assert Task.objects.count() == 0
            before = identity.suspended_meanwhile()
            with psycopg.connect(database_url(), autocommit=True) as elsewhere:
                elsewhere.execute("UPDATE accounts_user SET is_active = false")
            make_task(alice)
        after = identity.suspended_meanwhile()

    assert (before, after) == (False, True)


def test_whoever_is_deleted_during_a_request_is_new_again(alice: User) -> None:
    with running_as(ALICE):
        assert Task.objects.count() == 0
        with psycopg.connect(database_url(), autocommit=True) as elsewhere:
            elsewhere.execute("DELETE FROM accounts_user")
        make_task(alice)

    assert Task.objects.get().user_id == ALICE


def test_a_killed_connection_is_an_operational_error_and_nothing_else(alice: User) -> None:
    def killed_in_between() -> None:
        with running_as(ALICE), transaction.atomic():
            assert Task.objects.count() == 0
            with psycopg.connect(database_url(), autocommit=True) as elsewhere:
                # Behind a pooler the one that libpq knows is made up.
                (pid,) = ask("SELECT pg_backend_pid()")
                elsewhere.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
            with as_owner("a test"):
                Task.objects.count()

    with pytest.raises(OperationalError):
        killed_in_between()

    connection.close()
    with running_as(ALICE):
        assert Task.objects.count() == 0


def test_another_persons_identity_takes_over_at_once(alice: User, bob: User) -> None:
    make_task(alice)
    make_task(bob)

    with running_as(ALICE):
        identity.identify(Claims(BOB, "", "", 0, 0, 0))
        owners = [task.user_id for task in Task.objects.all()]

    assert owners == [BOB]


# --- First contact, and being seen again ----------------------------------------------------------

TASK = "/api/tasks/00000000-0000-0000-0000-000000000001"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/tasks", 200),
        ("POST", "/api/tasks", 201),
        ("PATCH", TASK, 404),
        ("DELETE", TASK, 404),
        ("GET", "/api/me", 200),
    ],
)
def test_a_first_contact_of_any_kind_makes_the_person(method: str, path: str, status: int) -> None:
    client = client_of("new-Person", name="New")

    response = client.generic(method, path, '{"title": "x"}', content_type="application/json")

    assert response.status_code == status
    user = User.objects.get()
    assert (user.pk, user.email, user.name) == ("new-Person", "new-Person@todo.test", "New")
    assert not user.has_usable_password()
    assert user.last_seen_at


def test_twenty_first_contacts_at_once_make_one_person() -> None:
    start = Barrier(20)

    def first_contact(number: int) -> int:
        client = client_of("new-Person")
        start.wait()
        try:
            return int(client.post("/api/tasks", {"title": str(number)}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        responses = list(threads.map(first_contact, range(20)))

    assert responses == [201] * 20
    assert (User.objects.count(), Task.objects.filter(user_id="new-Person").count()) == (1, 20)


def test_whoever_appears_while_a_statement_waits_writes_once() -> None:
    def appear() -> None:
        User.objects.create(pk="new-Person", password="!")
        connection.close()

    insert = "INSERT INTO tasks_task SELECT '00000000-0000-0000-0000-000000000001', 'x', NULL,"
    insert += " false, NULL, 2, NULL, now(), now(), 'new-Person'"
    timer = Timer(0.2, appear)

    # The prefix finds no person; the insert, half a second later, does.
    with running_as("new-Person"):
        timer.start()
        ask(f"SELECT pg_sleep(0.5); {insert}")
    timer.join()

    assert Task.objects.count() == 1


@pytest.mark.parametrize(("minutes", "refreshed"), [(59, False), (61, True)])
def test_a_person_is_noted_as_seen_at_most_once_an_hour(
    alice: User, minutes: int, refreshed: bool
) -> None:
    before = timezone.now() - timedelta(minutes=minutes)
    User.objects.update(last_seen_at=before)

    client_of(ALICE, name="Alice B.", email="b@todo.test").get("/api/tasks")

    alice.refresh_from_db()
    assert (alice.last_seen_at != before) == refreshed
    expected = ("Alice B.", "b@todo.test") if refreshed else ("Alice", "alice@todo.test")
    assert (alice.name, alice.email) == expected


def test_a_locked_row_delays_nobody_for_long(alice: User) -> None:
    with psycopg.connect(database_url()) as elsewhere:
        elsewhere.execute("SELECT FROM accounts_user FOR UPDATE")
        response = client_of(ALICE).get("/api/tasks")

    # The read is answered, only last_seen_at is not written this time.
    assert response.status_code == 200
    alice.refresh_from_db()
    assert alice.last_seen_at is None
