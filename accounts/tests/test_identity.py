"""Statements of API requests run as their user or not at all. Real connection, autocommit."""

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
from accounts.tests.libpq_trace import sent_messages
from accounts.tokens import Claims
from conftest import ALICE, BOB, client_of, database_url, make_task
from todo_api.request.context import RequestContext, active

pytestmark = pytest.mark.django_db(transaction=True)

# Not imported: accounts must not depend on tasks, but these tests need rows of users.
Task = apps.get_model("tasks", "Task")

STATE = (
    "SELECT current_user = session_user, current_setting('app.user_id', true),"
    " current_setting('statement_timeout'), current_setting('lock_timeout')"
)


@contextmanager
def running_as(user_id: str) -> Iterator[None]:
    with active(RequestContext()), identity.required():
        identity.identify(Claims(user_id, f"{len(user_id)}@todo.test", "Name", 0, 0, 0))
        yield


def fetch_one(sql: str, params: Any = None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()


@pytest.mark.parametrize("together", [False, True], ids=["autocommit", "atomic"])
def test_every_kind_of_statement_affects_only_own_rows(
    alice: User, bob: User, together: bool
) -> None:
    own, foreign = make_task(alice), make_task(bob)
    before = Task.objects.filter(user=bob).values().get()
    insert = "INSERT INTO tasks_task SELECT gen_random_uuid(), title, description, completed,"
    insert += " completed_at, priority, due_date, created_at, updated_at, user_id"
    insert += " FROM tasks_task RETURNING user_id"

    with running_as(ALICE), transaction.atomic() if together else nullcontext():
        assert [task.pk for task in Task.objects.all()] == [own.pk]
        assert (Task.objects.count(), Task.objects.filter(pk=foreign.pk).exists()) == (1, False)
        assert fetch_one(insert) == (ALICE,)
        make_task(alice)
        Task.objects.bulk_create([Task(user=alice, title=title) for title in ("a", "b")])
        own.title = "Changed"
        own.save(update_fields=["title"])
        assert Task.objects.update(title="All") == 5
        with transaction.atomic():
            assert len(Task.objects.select_for_update()) == 5
        assert len(list(Task.objects.iterator(chunk_size=2))) == 5
        assert Task.objects.filter(pk=foreign.pk).delete()[0] == 0
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
def test_any_id_is_passed_literally(user_id: str, bob: User) -> None:
    make_task(bob)

    with running_as(user_id):
        Task.objects.create(user_id=user_id, title="50% {done} \\ 'quoted'")
        titles = list(Task.objects.values_list("user_id", "title"))
        state = fetch_one("SELECT current_user::text, current_setting('app.user_id')")

    assert titles == [(user_id, "50% {done} \\ 'quoted'")]
    assert state == ("todo_user", user_id)
    assert User.objects.filter(pk=user_id).exists()


def test_a_percent_sign_means_the_same_as_without_the_prefix(alice: User) -> None:
    with running_as("100%"):
        assert fetch_one("SELECT 'a%' LIKE 'a%', '%s'") == (True, "%s")
        assert fetch_one("SELECT '%%', %s", ["%"]) == ("%", "%")
        assert fetch_one("SELECT '%%'", ()) == ("%",)


def test_a_statement_is_one_message(alice: User) -> None:
    User.objects.record_seen(Claims(ALICE, "", "", 0, 0, 0))

    with running_as(ALICE), sent_messages() as messages:
        Task.objects.create(user=alice, title="One")
        list(Task.objects.all())

    assert [message.split()[0] for message in messages] == ["Query", "Query"]


def test_without_an_identity_nothing_is_sent(alice: User) -> None:
    with active(RequestContext()), identity.required(), sent_messages() as messages:
        with pytest.raises(NoIdentity):
            Task.objects.count()
        with pytest.raises(NoIdentity), transaction.atomic():
            Task.objects.count()

    assert messages == []


def test_executemany_is_refused(alice: User) -> None:
    refused = pytest.raises(NoIdentity, match="bulk_create")

    with running_as(ALICE), sent_messages() as messages, connection.cursor() as cursor, refused:
        cursor.executemany("DELETE FROM tasks_task WHERE title = %s", [["a"], ["b"]])

    assert messages == []


def test_identify_outside_a_request_is_refused() -> None:
    with pytest.raises(NoIdentity):
        identity.identify(Claims(ALICE, "", "", 0, 0, 0))


def test_identify_after_the_view_is_refused() -> None:
    with active(RequestContext()):
        with identity.required():
            pass
        with pytest.raises(NoIdentity):
            identity.identify(Claims(ALICE, "", "", 0, 0, 0))


def test_no_setting_stays_on_the_connection(alice: User) -> None:
    with running_as(ALICE):
        inside = fetch_one(STATE)
        with sent_messages() as after:
            pass

    assert inside == (False, ALICE, "5s", "2s")
    assert (fetch_one(STATE), after) == ((True, "", "0", "0"), [])


def test_an_outer_transaction_continues_as_the_owner(alice: User, bob: User) -> None:
    make_task(bob)

    with transaction.atomic():
        with running_as(ALICE):
            assert Task.objects.count() == 0
        assert fetch_one(STATE)[:2] == (True, "")
        assert Task.objects.count() == 1


def test_a_statement_after_an_error_works(alice: User) -> None:
    with running_as(ALICE):
        with pytest.raises(IntegrityError):
            Task.objects.create(user=alice, title=" ")
        with pytest.raises(ProgrammingError):
            fetch_one("SELECT nonsense")
        assert Task.objects.count() == 0

    assert fetch_one(STATE)[:2] == (True, "")


def test_a_savepoint_rolls_back_only_its_own_statements(alice: User) -> None:
    with running_as(ALICE), transaction.atomic():
        make_task(alice, "Before")
        with pytest.raises(IntegrityError), transaction.atomic():
            Task.objects.create(user=alice, title=" ")
        make_task(alice, "After")
        assert fetch_one("SELECT current_user::text") == ("todo_user",)

    assert {task.title for task in Task.objects.all()} == {"Before", "After"}


def test_a_transaction_is_rolled_back_as_a_whole(alice: User) -> None:
    def two_tasks() -> None:
        with running_as(ALICE), transaction.atomic():
            make_task(alice, "Before")
            Task.objects.create(user=alice, title=" ")

    with pytest.raises(IntegrityError):
        two_tasks()

    assert Task.objects.count() == 0


def test_on_commit_hooks_run_as_the_user(alice: User, bob: User) -> None:
    make_task(bob)
    seen: list[int] = []

    with running_as(ALICE), transaction.atomic():
        transaction.on_commit(lambda: seen.append(Task.objects.count()))

    assert seen == [0]


@pytest.mark.parametrize("together", [False, True], ids=["autocommit", "atomic"])
def test_a_policy_refuses_writes_to_other_users_rows(
    alice: User, bob: User, together: bool
) -> None:
    refused = pytest.raises(ProgrammingError, match="row-level security")

    with running_as(ALICE), refused, transaction.atomic() if together else nullcontext():
        make_task(bob)

    assert Task.objects.count() == 0


@pytest.mark.parametrize("table", ["auth_group", "accounts_attempts", "django_session"])
def test_other_tables_are_not_accessible(alice: User, table: str) -> None:
    with running_as(ALICE), pytest.raises(ProgrammingError, match="permission denied"):
        fetch_one(f"SELECT FROM {table}")


def test_as_owner_switches_the_role_and_can_be_nested(alice: User, bob: User) -> None:
    make_task(bob)

    for together in (False, True):
        with running_as(ALICE), transaction.atomic() if together else nullcontext():
            assert Task.objects.count() == 0
            with as_owner("a test"):
                with as_owner("another"):
                    assert Task.objects.count() == 1
                assert fetch_one(STATE) == (True, "", "5s", "2s")
            assert Task.objects.count() == 0


def test_as_owner_ends_after_an_error_in_its_block(alice: User) -> None:
    with running_as(ALICE):
        with pytest.raises(DatabaseError), as_owner("a test"):
            fetch_one("SELECT nonsense")
        assert fetch_one("SELECT current_user::text") == ("todo_user",)


def test_a_suspension_during_a_transaction_is_detected_afterwards(alice: User) -> None:
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


def test_a_user_deleted_during_a_request_is_created_again(alice: User) -> None:
    with running_as(ALICE):
        assert Task.objects.count() == 0
        with psycopg.connect(database_url(), autocommit=True) as elsewhere:
            elsewhere.execute("DELETE FROM accounts_user")
        make_task(alice)

    assert Task.objects.get().user_id == ALICE


def test_a_killed_connection_raises_operational_error(alice: User) -> None:
    def killed_in_between() -> None:
        with running_as(ALICE), transaction.atomic():
            assert Task.objects.count() == 0
            with psycopg.connect(database_url(), autocommit=True) as elsewhere:
                # Behind a pooler the process id that libpq knows is not the server's.
                (pid,) = fetch_one("SELECT pg_backend_pid()")
                elsewhere.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
            with as_owner("a test"):
                Task.objects.count()

    with pytest.raises(OperationalError):
        killed_in_between()

    connection.close()
    with running_as(ALICE):
        assert Task.objects.count() == 0


def test_identify_replaces_the_previous_user(alice: User, bob: User) -> None:
    make_task(alice)
    make_task(bob)

    with running_as(ALICE):
        identity.identify(Claims(BOB, "", "", 0, 0, 0))
        owners = [task.user_id for task in Task.objects.all()]

    assert owners == [BOB]


# --- First requests, and last_seen_at -------------------------------------------------------------

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
def test_any_first_request_creates_the_user(method: str, path: str, status: int) -> None:
    client = client_of("new-Person", name="New")

    response = client.generic(method, path, '{"title": "x"}', content_type="application/json")

    assert response.status_code == status
    user = User.objects.get()
    assert (user.pk, user.email, user.name) == ("new-Person", "new-Person@todo.test", "New")
    assert not user.has_usable_password()
    assert user.last_seen_at


def test_twenty_concurrent_first_requests_create_one_user() -> None:
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


def test_a_user_created_during_a_statement_writes_once() -> None:
    def create_user() -> None:
        User.objects.create(pk="new-Person", password="!")
        connection.close()

    insert = "INSERT INTO tasks_task SELECT '00000000-0000-0000-0000-000000000001', 'x', NULL,"
    insert += " false, NULL, 2, NULL, now(), now(), 'new-Person'"
    timer = Timer(0.2, create_user)

    # The prefix finds no user; the insert runs half a second later and finds one.
    with running_as("new-Person"):
        timer.start()
        fetch_one(f"SELECT pg_sleep(0.5); {insert}")
    timer.join()

    assert Task.objects.count() == 1


@pytest.mark.parametrize(("minutes", "refreshed"), [(59, False), (61, True)])
def test_last_seen_at_is_updated_at_most_once_an_hour(
    alice: User, minutes: int, refreshed: bool
) -> None:
    before = timezone.now() - timedelta(minutes=minutes)
    User.objects.update(last_seen_at=before)

    client_of(ALICE, name="Alice B.", email="b@todo.test").get("/api/tasks")

    alice.refresh_from_db()
    assert (alice.last_seen_at != before) == refreshed
    expected = ("Alice B.", "b@todo.test") if refreshed else ("Alice", "alice@todo.test")
    assert (alice.name, alice.email) == expected


def test_a_locked_user_row_does_not_block_reads(alice: User) -> None:
    with psycopg.connect(database_url()) as elsewhere:
        elsewhere.execute("SELECT FROM accounts_user FOR UPDATE")
        response = client_of(ALICE).get("/api/tasks")

    # The read succeeds; only last_seen_at is not updated.
    assert response.status_code == 200
    alice.refresh_from_db()
    assert alice.last_seen_at is None
