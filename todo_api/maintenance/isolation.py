"""Verifies the isolation of users: test users, with and without an identity, try to access rows of
another user.

Everything runs in one transaction that is rolled back. All statements address rows of the test
users, so that even with a hole no other row is changed or locked.
"""

import json
import secrets
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

import jwt
from django.db import DatabaseError, connection, transaction
from django.test import Client, override_settings
from drf_spectacular.generators import SchemaGenerator
from psycopg.errors import InsufficientPrivilege

from accounts.identity import AS_USER
from accounts.models import User
from accounts.tokens import Claims, verifier
from tasks.models import IdempotencyRecord, Task

TITLE = "Only its user may read this"
NONE, ONE, REFUSED = "0 rows", "1 rows", "refused"

FORBIDDEN_ATTRIBUTES = ("rolcanlogin", "rolbypassrls", "rolsuper", "rolcreaterole", "rolcreatedb")
# Without the tables of extensions, which hold no user data.
TABLES = r"""
SELECT c.oid::regclass::text,
    has_table_privilege('todo_user', c.oid, 'SELECT, INSERT, UPDATE, DELETE')
        OR has_any_column_privilege('todo_user', c.oid, 'SELECT, INSERT, UPDATE'),
    -- Policies do not apply to these.
    has_table_privilege('todo_user', c.oid, 'TRUNCATE, REFERENCES, TRIGGER'),
    c.relrowsecurity,
    EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive
        AND 'todo_user'::regrole = ANY (p.polroles)),
    ARRAY (SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive
        AND p.polcmd IN ('*', 'r', 'w', 'd')
        AND coalesce(pg_get_expr(p.polqual, c.oid), '') !~ 'app\.user_id|^false$'),
    ARRAY (SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive
        AND p.polcmd IN ('*', 'a', 'w')
        AND coalesce(pg_get_expr(p.polwithcheck, c.oid), '') !~ 'app\.user_id|^false$')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_|^information_schema$'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
        AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1
"""

INSERT = (
    "INSERT INTO tasks_task (id, user_id, title, completed, priority, created_at, updated_at)"
    " VALUES (%(new_id)s, %(user)s, 'Inserted', false, 2, now(), now())"
)
INSERT_FOR_OTHER = INSERT.replace("%(user)s", "%(other_user)s")
TAKE_OVER = (
    INSERT.replace("%(new_id)s", "%(other_task)s")
    + " ON CONFLICT (id) DO UPDATE SET user_id = %(user)s"
)
INSERT_RESPONSE = (
    "INSERT INTO tasks_idempotencyrecord"
    " (user_id, key, fingerprint, status, headers, body, created_at)"
    " VALUES (%(user)s, 'inserted', '', 201, '{}', '{}', now())"
)
ATTEMPTS = (
    # Name, SQL, and the expected results for a user, a suspended user, and without an identity. The
    # last six must succeed: a database that shows no rows at all would pass the others.
    ("read another user's task", "SELECT title FROM tasks_task WHERE id = %(other_task)s",
     NONE, NONE, NONE),
    ("list another user's tasks", "SELECT title FROM tasks_task WHERE user_id = %(other_user)s",
     NONE, NONE, NONE),
    ("lock another user's task",
     "SELECT title FROM tasks_task WHERE id = %(other_task)s FOR UPDATE",
     NONE, NONE, NONE),
    ("insert a task for another user", INSERT_FOR_OTHER, REFUSED, REFUSED, REFUSED),
    ("take over another user's task by its id", TAKE_OVER, REFUSED, REFUSED, REFUSED),
    ("move another user's task to oneself",
     "UPDATE tasks_task SET user_id = %(user)s WHERE id = %(other_task)s", NONE, NONE, NONE),
    ("move the own task to another user",
     "UPDATE tasks_task SET user_id = %(other_user)s WHERE id = %(own_task)s", REFUSED, NONE, NONE),
    ("change another user's task",
     "UPDATE tasks_task SET title = 'x' WHERE id = %(other_task)s", NONE, NONE, NONE),
    ("delete another user's task", "DELETE FROM tasks_task WHERE id = %(other_task)s",
     NONE, NONE, NONE),
    ("read another user's e-mail", "SELECT email FROM accounts_user WHERE id = %(other_user)s",
     NONE, NONE, NONE),
    ("read the own password", "SELECT password FROM accounts_user WHERE id = %(user)s",
     REFUSED, REFUSED, REFUSED),
    ("end the own suspension", "UPDATE accounts_user SET is_active = true WHERE id = %(user)s",
     REFUSED, REFUSED, REFUSED),
    ("insert a user", "INSERT INTO accounts_user (id) VALUES (%(new_id)s)",
     REFUSED, REFUSED, REFUSED),
    ("delete a user", "DELETE FROM accounts_user WHERE id = %(other_user)s",
     REFUSED, REFUSED, REFUSED),
    ("read another user's stored responses",
     "SELECT body FROM tasks_idempotencyrecord WHERE user_id = %(other_user)s", NONE, NONE, NONE),
    ("delete another user's stored responses",
     "DELETE FROM tasks_idempotencyrecord WHERE user_id = %(other_user)s", NONE, NONE, NONE),
    ("store a response for another user",
     INSERT_RESPONSE.replace("%(user)s", "%(other_user)s"), REFUSED, REFUSED, REFUSED),
    ("store an own response", INSERT_RESPONSE, ONE, REFUSED, REFUSED),
    ("read the own stored responses",
     "SELECT body FROM tasks_idempotencyrecord WHERE user_id = %(user)s", ONE, ONE, NONE),
    ("read the own task", "SELECT id FROM tasks_task WHERE id = %(own_task)s", ONE, ONE, NONE),
    ("insert an own task", INSERT, ONE, REFUSED, REFUSED),
    ("change the own task",
     "UPDATE tasks_task SET title = 'x' WHERE id = %(own_task)s", ONE, NONE, NONE),
    ("delete the own task", "DELETE FROM tasks_task WHERE id = %(own_task)s", ONE, NONE, NONE),
)  # fmt: skip


RUNS_AS_TODO_USER = "SELECT 1 WHERE current_user = 'todo_user'"


@dataclass(frozen=True)
class Check:
    """The expected and the actual result of one check. Contains no data of real users."""

    claim: str
    expected: str
    actual: str

    @property
    def holds(self) -> bool:
        return self.actual == self.expected


def checks() -> Iterator[Check]:
    """Runs and yields all checks. Leaves no rows behind."""
    with _rolled_back():
        if (yield from _rules()):
            own = Task.objects.add(user=_user(), title="A task of the first user")
            other = Task.objects.add(user=_user(), title=TITLE)
            for task in (own, other):
                IdempotencyRecord.objects.create(
                    user=task.user, key="test", status=201, headers={}, body={}
                )
            yield from _statements(own, other)
            yield from _requests(own.user, other)


def rules() -> Iterator[Check]:
    """Runs and yields the checks of the role and the tables, which need no test users."""
    with _rolled_back():
        yield from _rules()


def _rules() -> Generator[Check, None, bool]:
    """Yields the checks. Returns whether the role exists, as the other checks require."""
    found = bool(_query("SELECT 1 FROM pg_roles WHERE rolname = 'todo_user'"))
    yield Check("the role todo_user", "exists", "exists" if found else "missing: migrate")
    if found:
        yield from _role()
        yield from _tables()
    return found


def _role() -> Iterator[Check]:
    """Checks the attributes of todo_user, and that this connection can run as todo_user."""
    for name in FORBIDDEN_ATTRIBUTES:
        ((value,),) = _query(f"SELECT {name} FROM pg_roles WHERE rolname = 'todo_user'")  # noqa: S608
        yield Check(f"todo_user has {name}", "False", str(value))
    groups = "SELECT roleid::regrole::text FROM pg_auth_members WHERE member = "
    owned = "SELECT oid::regclass::text FROM pg_class WHERE relowner = "
    for claim, sql in (("todo_user belongs to", groups), ("todo_user owns", owned)):
        names = [name for (name,) in _query(sql + "'todo_user'::regrole")]
        yield Check(claim, "nothing", ", ".join(names) or "nothing")
    yield Check("this connection can run as todo_user", ONE, _as("", RUNS_AS_TODO_USER))


def _tables() -> Iterator[Check]:
    """Checks that todo_user has no access to a table, or only through policies by the identity."""
    for table, granted, bypassing, enabled, has_policy, no_using, no_check in _query(TABLES):
        if bypassing:
            yield Check(f"{table}: privileges that bypass policies", "none", "granted")
        if not granted:
            yield Check(f"table {table}", REFUSED, _as("", f"SELECT FROM {table} LIMIT 1"))
        elif not enabled:
            yield Check(f"table {table}", "guarded", "granted without row-level security")
        elif not has_policy:
            yield Check(f"table {table}", "guarded", "no policy for todo_user")
        else:
            holes = [f"{name} without USING the identity" for name in no_using]
            holes += [f"{name} without WITH CHECK of the identity" for name in no_check]
            yield Check(f"table {table}", "guarded", ", ".join(holes) or "guarded")


def _statements(own: Task, other: Task) -> Iterator[Check]:
    """Reads, inserts, moves, updates and deletes as todo_user."""
    user_id = own.user_id
    values = {
        "user": user_id, "other_user": other.user_id, "own_task": own.pk, "other_task": other.pk,
        "new_id": uuid4(),
    }  # fmt: skip
    for name, sql, user, suspended, without_identity in ATTEMPTS:
        yield Check(f"SQL as a user: {name}", user, _as(user_id, sql, values))
        yield Check(f"SQL without identity: {name}", without_identity, _as("", sql, values))
        with _rolled_back():
            User.objects.filter(pk=user_id).update(is_active=False)
            actual = _as(user_id, sql, values)
        yield Check(f"SQL as a suspended user: {name}", suspended, actual)


def _requests(user: User, other_task: Task) -> Iterator[Check]:
    """Tries every API operation on another user's task, with and without a token.

    The tokens are signed with a new secret: no real key is used.
    """
    secret, other_user = secrets.token_urlsafe(48), other_task.user
    tokens = {"BETTER_AUTH_TOKENS": ["hs256"], "BETTER_AUTH_SECRET": secret}
    authenticated, anonymous = _client(_token(user, secret)), _client()
    unlimited = {"RATE_LIMIT_PER_MINUTE": 0, "RATE_LIMIT_ANONYMOUS_PER_MINUTE": 0}
    with override_settings(**tokens, **unlimited, BETTER_AUTH_ISSUER="", BETTER_AUTH_AUDIENCE=""):
        verifier.cache_clear()
        try:
            with _rolled_back():
                response = _client(_token(other_user, secret)).get(f"/api/tasks/{other_task.pk}")
            yield Check("HTTP as a user: GET the own task", "200", str(response.status_code))
            for method, path, public in _operations():
                refusals = {403, 404} if "{id}" in path else set(range(500))
                for owner in (user, other_user) if "{user_id}" in path else (other_user,):
                    url = path.replace("{user_id}", owner.pk).replace("{id}", str(other_task.pk))
                    name = path.replace("{user_id}", "own-id" if owner == user else "other-id")
                    actual = _request(authenticated, method, url, other_task, refusals)
                    yield Check(f"HTTP as a user: {method} {name}", "nothing", actual)
                    statuses = refusals if public else {401}
                    actual = _request(anonymous, method, url, other_task, statuses)
                    yield Check(f"HTTP without token: {method} {name}", "nothing", actual)
        finally:
            verifier.cache_clear()


@cache
def _operations() -> list[tuple[str, str, bool]]:
    """Returns method, path and whether it is public, of each operation in the OpenAPI document."""
    generator: Any = SchemaGenerator  # has no types
    document = generator().get_schema(request=None, public=True)
    return [
        (method.upper(), path, {} in (operation.get("security") or [{}]))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if path.startswith("/api/")
    ]


def _request(client: Client, method: str, url: str, other_task: Task, statuses: set[int]) -> str:
    """Returns what a request accessed: "nothing" if the task is neither returned nor changed."""
    body = json.dumps({"title": "Changed", "completed": True, "user_id": other_task.user_id})
    rows = Task.objects.filter(user=other_task.user).values()
    before = list(rows.all())
    with _rolled_back():
        response = client.generic(method, url, body, content_type="application/json")
        try:
            text = response.getvalue().decode()  # reads a streaming response
        except DatabaseError:
            text = ""
        try:
            changed = list(rows.all()) != before
        except DatabaseError:
            changed = False  # a failed statement of the request has aborted the transaction
    if changed:
        return "changed another user's tasks"
    if any(secret in text for secret in (TITLE, other_task.user.email)):
        return "read another user's data"
    return "nothing" if response.status_code in statuses else f"status {response.status_code}"


def _client(token: str = "") -> Client:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client(raise_request_exception=False, SERVER_NAME="localhost", headers=headers)


def _token(user: User, secret: str) -> str:
    return jwt.encode({"sub": user.pk, "exp": int(time.time()) + 3600}, secret, "HS256")


def _user() -> User:
    """Creates a test user, as the first request of a user does. No real token has its id."""
    name = f"isolation-{uuid4()}"
    claims = Claims(name, f"{name}@todo.invalid", "Test user", 0, 0, 0)
    User.objects.first_contact(claims)
    return User.objects.get(pk=name)


def _as(user_id: str, sql: str, values: dict[str, Any] | None = None) -> str:
    """Runs a statement as todo_user with this identity, rolls it back and returns its result."""
    try:
        with _rolled_back(), connection.cursor() as cursor:
            cursor.execute(AS_USER, [user_id])
            cursor.execute(sql, values)
            return f"{cursor.rowcount} rows"
    except DatabaseError as exc:
        refused = isinstance(exc.__cause__, InsufficientPrivilege)
        return REFUSED if refused else type(exc.__cause__).__name__


def _query(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


@contextmanager
def _rolled_back() -> Iterator[None]:
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)
