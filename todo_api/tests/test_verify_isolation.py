"""`manage.py verify_isolation`: it succeeds on an intact database, and names each hole."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import identity
from accounts.models import Attempts, User
from accounts.tests.key_server import KeyServer
from conftest import POOLED
from tasks.models import Task
from tasks.querysets import TaskQuerySet
from tasks.views import TaskViewSet
from todo_api.maintenance import isolation
from todo_api.web.scopes import METHODS, READ
from todo_api.web.views import compiled

IDENTITY = "(SELECT nullif(current_setting('app.user_id', true), ''))"


def verify() -> tuple[str, bool]:
    """Returns the output at verbosity 0 (the holes and the count), and whether it succeeded."""
    output = StringIO()
    try:
        call_command("verify_isolation", verbosity=0, stdout=output)
    except CommandError:
        return output.getvalue(), False
    return output.getvalue(), True


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db(transaction=True)
def test_it_passes_and_leaves_no_rows() -> None:
    output = StringIO()

    call_command("verify_isolation", stdout=output)

    assert output.getvalue().endswith("checks, no hole\n")
    assert "HOLE" not in output.getvalue()
    assert "ok    table tasks_task " in output.getvalue()
    assert "ok    table axes_accessattempt " in output.getvalue()
    assert "HTTP as a user: DELETE /api/other-id/tasks/{id}" in " ".join(output.getvalue().split())
    assert (User.objects.count(), Task.objects.count(), Attempts.objects.count()) == (0, 0, 0)


@pytest.mark.django_db
def test_its_requests_are_not_rate_limited(settings: Any) -> None:
    settings.RATE_LIMIT_PER_MINUTE = settings.RATE_LIMIT_ANONYMOUS_PER_MINUTE = 1

    holes, passed = verify()

    assert passed, holes


@pytest.mark.django_db
def test_it_passes_with_users_of_a_better_auth_server(better_auth: KeyServer) -> None:
    better_auth.go_down()  # no key is fetched for this

    holes, passed = verify()
    better_auth.come_back()

    assert passed, holes


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("damage", "hole"),
    [
        (
            "CREATE POLICY open ON tasks_idempotencyrecord TO todo_user USING "
            "(current_setting('app.user_id', true) <> '')",
            "SQL as a user: read another user's stored responses",
        ),
        ("ALTER TABLE tasks_task DISABLE ROW LEVEL SECURITY", "granted without row-level security"),
        ("DROP POLICY tasks_task_own ON tasks_task", "no policy for todo_user"),
        (
            "DROP POLICY tasks_task_own ON tasks_task; CREATE POLICY half ON tasks_task"
            f" TO todo_user USING (user_id = {IDENTITY})",
            "half without WITH CHECK",
        ),
        ("CREATE POLICY unrestricted ON tasks_task USING (true)", "unrestricted without USING"),
        (
            "CREATE POLICY reads ON tasks_task FOR SELECT TO todo_user USING (true)",
            "reads without USING",
        ),
        (
            "DROP POLICY tasks_task_update_active ON tasks_task",
            "SQL as a suspended user: change the own task",
        ),
        ("ALTER TABLE accounts_user DISABLE ROW LEVEL SECURITY", "read another user's e-mail"),
        ("GRANT SELECT ON accounts_user TO todo_user", "read the own password"),
        ("GRANT SELECT ON auth_group TO todo_user", "table auth_group"),
        ("GRANT UPDATE ON tasks_syncstate TO todo_user",
         "SQL as a user: change the own sync state"),
        ("GRANT INSERT ON tasks_syncstate TO todo_user; CREATE POLICY open ON tasks_syncstate"
         " TO todo_user WITH CHECK (true)", "SQL as a user: insert a sync state"),
        ("GRANT DELETE ON tasks_syncstate TO todo_user",
         "SQL as a user: delete the own sync state"),
        ("CREATE POLICY open ON tasks_syncstate TO todo_user USING (user_id <> '')",
         "SQL as a user: read another user's sync state"),
        ("REVOKE SELECT ON tasks_syncstate FROM todo_user",
         "SQL as a user: read the own sync state"),
        ("CREATE POLICY open ON tasks_calendarfeed TO todo_user USING (user_id <> '')",
         "SQL as a user: revoke another user's calendar feed"),
        ("DROP POLICY tasks_calendarfeed_insert_active ON tasks_calendarfeed",
         "SQL as a suspended user: make a second own calendar feed"),
        ("DROP POLICY tasks_calendarfeed_update_active ON tasks_calendarfeed",
         "SQL as a suspended user: change the own calendar feed"),
        ("DROP POLICY tasks_calendarfeed_delete_active ON tasks_calendarfeed",
         "SQL as a suspended user: revoke the own calendar feed"),
        ("REVOKE DELETE ON tasks_calendarfeed FROM todo_user",
         "SQL as a user: revoke the own calendar feed"),
        ("CREATE POLICY trash ON tasks_task TO todo_user USING (deleted_at IS NOT NULL)",
         "SQL as a user: restore another user's task"),
        ("ALTER FUNCTION todo_number() SECURITY INVOKER", "SQL as a user: insert an own task"),
        ("ALTER FUNCTION todo_purge() SECURITY INVOKER", "SQL as a user: delete the own task"),
        ("GRANT SELECT (id) ON django_admin_log TO PUBLIC", "table django_admin_log"),
        ("GRANT TRUNCATE ON tasks_task TO todo_user",
         "tasks_task: privileges that bypass policies"),
        ("CREATE VIEW all_tasks AS TABLE tasks_task; GRANT SELECT ON all_tasks TO todo_user",
         "table all_tasks"),
        ("CREATE TABLE notes (user_id text); GRANT ALL ON notes TO todo_user", "table notes"),
        ("REVOKE SELECT ON tasks_task FROM todo_user", "SQL as a user: read the own task"),
        (
            "CREATE OR REPLACE FUNCTION todo_become(person text) RETURNS text LANGUAGE sql AS"
            " $$ SELECT set_config('app.user_id', person, true) $$",
            "this connection can run as todo_user",
        ),
        pytest.param(
            "ALTER ROLE todo_user BYPASSRLS", "todo_user has rolbypassrls",
            marks=pytest.mark.skipif(POOLED, reason="only a superuser can"),
        ),
        ("ALTER ROLE todo_user LOGIN", "todo_user has rolcanlogin"),
        ("GRANT pg_read_all_data TO todo_user", "todo_user belongs to"),
        ("GRANT CREATE ON SCHEMA public TO todo_user; ALTER TABLE tasks_task OWNER TO todo_user",
         "todo_user owns"),
    ],
)  # fmt: skip
def test_it_names_a_hole(damage: str, hole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "try_operations", lambda *_: iter(()))  # SQL finds these
    execute(damage)  # the transaction of the test rolls it back

    holes, passed = verify()

    assert not passed
    assert hole in holes


@pytest.mark.django_db
def test_it_names_a_missing_role() -> None:
    execute("ALTER ROLE todo_user RENAME TO renamed")

    holes, passed = verify()

    assert (passed, holes.count("HOLE")) == (False, 1)
    assert "missing: migrate" in holes


@pytest.mark.django_db
def test_it_finds_a_view_without_permission_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    def check_nothing(self: TaskViewSet, *args: Any) -> None:
        return

    monkeypatch.setattr(TaskViewSet, "check_permissions", check_nothing)

    holes, passed = verify()

    assert not passed
    assert "HTTP without token: GET /api/tasks" in holes


@pytest.mark.django_db
def test_it_finds_operations_that_change_tasks_of_other_users(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without policies, and in views without the filter by the user."""
    monkeypatch.setattr(TaskQuerySet, "owned_by", lambda tasks, user: tasks.all())
    compiled.cache_clear()
    execute("CREATE POLICY open ON tasks_task TO todo_user USING (true)")

    holes, passed = verify()
    compiled.cache_clear()

    assert not passed
    holes = " ".join(holes.split())
    for claim in (
        "HTTP as a user: PATCH /api/tasks/{id} changed another user's tasks",
        "HTTP as a user: POST /api/tasks/{id}/restore, in the trash changed another user's tasks",
        "HTTP as a user: DELETE /api/tasks/{id}, forever changed another user's tasks",
        "HTTP as a user: DELETE /api/tasks/{id}, in the trash, forever changed another user's",
        "HTTP as a user: GET /api/tasks, of the trash read another user's data",
        "HTTP as a user: POST /api/batch changed another user's tasks",
        "HTTP as a user: POST /api/batch, in the trash changed another user's tasks",
        "HTTP as a user: GET /api/sync read another user's data",
        "HTTP without token: GET /api/calendar/{secret}.ics read another user's data",
        "HTTP as a user: GET /api/tags read another user's data",
        "HTTP as a user: PATCH /api/tags/{name} changed another user's tasks",
        "HTTP as a user: DELETE /api/tags/{name} changed another user's tasks",
        "HTTP as a user: DELETE /api/tags/{name}, in the trash changed another user's tasks",
    ):
        assert claim in holes, claim


def test_its_help_says_that_it_is_safe_in_production(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("verify_isolation", "--help")

    assert "Safe in production" in " ".join(capsys.readouterr().out.split())


@pytest.mark.django_db
def test_it_finds_operations_that_write_for_a_token_that_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Views with the wrong scope, without read-only transactions."""
    monkeypatch.setattr(TaskViewSet, "required_scopes", dict.fromkeys(METHODS, READ))
    monkeypatch.setattr(identity, "AS_READER", identity.AS_USER)

    holes, passed = verify()

    assert not passed
    holes = " ".join(holes.split())
    for operation in ("PATCH /api/tasks/{id}", "POST /api/batch", "DELETE /api/tags/{name}"):
        assert f"HTTP with the scope tasks:read: {operation} changed" in holes, operation


@pytest.mark.django_db
def test_read_only_transactions_alone_keep_a_token_that_reads_from_writing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(TaskViewSet, "required_scopes", dict.fromkeys(METHODS, READ))

    holes, passed = verify()

    assert passed, holes
