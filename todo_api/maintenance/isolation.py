"""The proof of isolation: two made-up people and nobody try to reach what is not theirs.

Everything happens in one transaction that is rolled back. The statements name rows of the made-up
people only, so that even through a hole nothing else is changed or locked.
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

from accounts.identity import AS_PERSON
from accounts.models import User
from accounts.tokens import Claims, verifier
from tasks.models import IdempotencyRecord, Task

TITLE = "Nobody else may read this"
GONE, ONE, REFUSED = "0 rows", "1 rows", "refused"

NEVER = ("rolcanlogin", "rolbypassrls", "rolsuper", "rolcreaterole", "rolcreatedb")
# Extensions bring tables of their own, which hold nothing of people.
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
    " VALUES (%(id)s, %(user)s, 'Slipped in', false, 2, now(), now())"
)
OWN, OTHERS = INSERT.replace("%(user)s", "%(one)s"), INSERT.replace("%(user)s", "%(other)s")
TAKE_OVER = (
    OWN.replace("%(id)s", "%(theirs)s") + " ON CONFLICT (id) DO UPDATE SET user_id = %(one)s"
)
ANSWER = (
    "INSERT INTO tasks_idempotencyrecord"
    " (user_id, key, fingerprint, status, headers, body, created_at)"
    " VALUES (%(user)s, 'slipped in', '', 201, '{}', '{}', now())"
)
TRIES = (
    # what, how, and what comes of it for a person, a suspended one, and nobody. The last six are
    # there because a database that shows nothing to anybody would pass the others.
    ("read another's task", "SELECT title FROM tasks_task WHERE id = %(theirs)s",
     GONE, GONE, GONE),
    ("list another's tasks", "SELECT title FROM tasks_task WHERE user_id = %(other)s",
     GONE, GONE, GONE),
    ("lock another's task", "SELECT title FROM tasks_task WHERE id = %(theirs)s FOR UPDATE",
     GONE, GONE, GONE),
    ("insert a task for another", OTHERS, REFUSED, REFUSED, REFUSED),
    ("take over another's task by its id", TAKE_OVER, REFUSED, REFUSED, REFUSED),
    ("move another's task here",
     "UPDATE tasks_task SET user_id = %(one)s WHERE id = %(theirs)s", GONE, GONE, GONE),
    ("move the own task to another",
     "UPDATE tasks_task SET user_id = %(other)s WHERE id = %(mine)s", REFUSED, GONE, GONE),
    ("change another's task",
     "UPDATE tasks_task SET title = 'x' WHERE id = %(theirs)s", GONE, GONE, GONE),
    ("delete another's task", "DELETE FROM tasks_task WHERE id = %(theirs)s", GONE, GONE, GONE),
    ("read another's e-mail", "SELECT email FROM accounts_user WHERE id = %(other)s",
     GONE, GONE, GONE),
    ("read the own password", "SELECT password FROM accounts_user WHERE id = %(one)s",
     REFUSED, REFUSED, REFUSED),
    ("end the own suspension", "UPDATE accounts_user SET is_active = true WHERE id = %(one)s",
     REFUSED, REFUSED, REFUSED),
    ("make a person", "INSERT INTO accounts_user (id) VALUES (%(id)s)",
     REFUSED, REFUSED, REFUSED),
    ("delete a person", "DELETE FROM accounts_user WHERE id = %(other)s",
     REFUSED, REFUSED, REFUSED),
    ("read another's answers",
     "SELECT body FROM tasks_idempotencyrecord WHERE user_id = %(other)s", GONE, GONE, GONE),
    ("delete another's answers",
     "DELETE FROM tasks_idempotencyrecord WHERE user_id = %(other)s", GONE, GONE, GONE),
    ("keep an answer for another",
     ANSWER.replace("%(user)s", "%(other)s"), REFUSED, REFUSED, REFUSED),
    ("keep an own answer", ANSWER.replace("%(user)s", "%(one)s"), ONE, REFUSED, REFUSED),
    ("read the own answers",
     "SELECT body FROM tasks_idempotencyrecord WHERE user_id = %(one)s", ONE, ONE, GONE),
    ("read the own task", "SELECT id FROM tasks_task WHERE id = %(mine)s", ONE, ONE, GONE),
    ("insert an own task", OWN, ONE, REFUSED, REFUSED),
    ("change the own task",
     "UPDATE tasks_task SET title = 'x' WHERE id = %(mine)s", ONE, GONE, GONE),
    ("delete the own task", "DELETE FROM tasks_task WHERE id = %(mine)s", ONE, GONE, GONE),
)  # fmt: skip


BECOME = "SELECT 1 WHERE current_user = 'todo_user'"


@dataclass(frozen=True)
class Check:
    """What must hold, what was expected and what came. Names nothing of real people."""

    claim: str
    expected: str
    came: str

    @property
    def holds(self) -> bool:
        return self.came == self.expected


def checks() -> Iterator[Check]:
    """Each check with its outcome. Leaves nothing behind, whatever it finds."""
    with _rolled_back():
        if (yield from _rules()):
            mine = Task.objects.add(user=_person(), title="One of their own")
            theirs = Task.objects.add(user=_person(), title=TITLE)
            for task in (mine, theirs):
                IdempotencyRecord.objects.create(
                    user=task.user, key="made up", status=201, headers={}, body={}
                )
            yield from _statements(mine, theirs)
            yield from _requests(mine.user, theirs)


def rules() -> Iterator[Check]:
    """The role and the tables alone: what can be told without making anybody."""
    with _rolled_back():
        yield from _rules()


def _rules() -> Generator[Check, None, bool]:
    """Returns whether the role is there, so that more can be tried."""
    found = bool(_ask("SELECT 1 FROM pg_roles WHERE rolname = 'todo_user'"))
    yield Check("the role todo_user", "is there", "is there" if found else "missing: migrate")
    if found:
        yield from _role()
        yield from _tables()
    return found


def _role() -> Iterator[Check]:
    """What todo_user is, and that this connection may become it."""
    for name in NEVER:
        ((value,),) = _ask(f"SELECT {name} FROM pg_roles WHERE rolname = 'todo_user'")  # noqa: S608
        yield Check(f"todo_user has {name}", "False", str(value))
    groups = "SELECT roleid::regrole::text FROM pg_auth_members WHERE member = "
    owned = "SELECT oid::regclass::text FROM pg_class WHERE relowner = "
    for claim, sql in (("todo_user belongs to", groups), ("todo_user owns", owned)):
        names = [name for (name,) in _ask(sql + "'todo_user'::regrole")]
        yield Check(claim, "nothing", ", ".join(names) or "nothing")
    yield Check("this connection becomes todo_user", ONE, _as("", BECOME))


def _tables() -> Iterator[Check]:
    """Each table is closed to todo_user, or policies in both halves name the person."""
    for table, granted, beyond, enabled, named, no_using, no_check in _ask(TABLES):
        if beyond:
            yield Check(f"{table} past its policies", "closed", "open")
        if not granted:
            yield Check(f"table {table}", REFUSED, _as("", f"SELECT FROM {table} LIMIT 1"))
        elif not enabled:
            yield Check(f"table {table}", "guarded", "granted without row-level security")
        elif not named:
            yield Check(f"table {table}", "guarded", "no policy for todo_user")
        else:
            holes = [f"{name} without USING the identity" for name in no_using]
            holes += [f"{name} without WITH CHECK of the identity" for name in no_check]
            yield Check(f"table {table}", "guarded", ", ".join(holes) or "guarded")


def _statements(mine: Task, theirs: Task) -> Iterator[Check]:
    """Read, insert, move, update and delete, as todo_user."""
    one = mine.user_id
    values = {"one": one, "other": theirs.user_id, "mine": mine.pk, "theirs": theirs.pk}
    values["id"] = uuid4()
    for what, sql, user, suspended, nobody in TRIES:
        yield Check(f"SQL: a person tries to {what}", user, _as(one, sql, values))
        yield Check(f"SQL: nobody tries to {what}", nobody, _as("", sql, values))
        with _rolled_back():
            User.objects.filter(pk=one).update(is_active=False)
            came = _as(one, sql, values)
        yield Check(f"SQL: a suspended person tries to {what}", suspended, came)


def _requests(one: User, theirs: Task) -> Iterator[Check]:
    """Every API operation, aimed at another's task, by a person and by nobody.

    The tokens are signed with a secret made for this run: no real key is needed, or used.
    """
    secret, other = secrets.token_urlsafe(48), theirs.user
    ours = {"BETTER_AUTH_TOKENS": ["hs256"], "BETTER_AUTH_SECRET": secret}
    person, nobody = _client(_token(one, secret)), _client()
    unlimited = {"RATE_LIMIT_PER_MINUTE": 0, "RATE_LIMIT_ANONYMOUS_PER_MINUTE": 0}
    with override_settings(**ours, **unlimited, BETTER_AUTH_ISSUER="", BETTER_AUTH_AUDIENCE=""):
        verifier.cache_clear()
        try:
            with _rolled_back():
                response = _client(_token(other, secret)).get(f"/api/tasks/{theirs.pk}")
            yield Check("HTTP: a person gets their own task", "200", str(response.status_code))
            for method, path, public in _operations():
                refusals = {403, 404} if "{id}" in path else set(range(500))
                for user in (one, other) if "{user_id}" in path else (other,):
                    target = path.replace("{user_id}", user.pk).replace("{id}", str(theirs.pk))
                    name = path.replace("{user_id}", "own-id" if user == one else "other-id")
                    came = _request(person, method, target, theirs, refusals)
                    yield Check(f"HTTP: a person tries {method} {name}", "nothing", came)
                    came = _request(nobody, method, target, theirs, refusals if public else {401})
                    yield Check(f"HTTP: nobody tries {method} {name}", "nothing", came)
        finally:
            verifier.cache_clear()


@cache
def _operations() -> list[tuple[str, str, bool]]:
    """Method, path and whether it asks for no token: all that the OpenAPI document knows."""
    generator: Any = SchemaGenerator  # it has no types
    document = generator().get_schema(request=None, public=True)
    return [
        (method.upper(), path, {} in (operation.get("security") or [{}]))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if path.startswith("/api/")
    ]


def _request(client: Client, method: str, target: str, theirs: Task, statuses: set[int]) -> str:
    """What a request got hold of: "nothing", if the other's task is neither shown nor changed."""
    body = json.dumps({"title": "Mine now", "completed": True, "user_id": theirs.user_id})
    rows = Task.objects.filter(user=theirs.user).values()
    before = list(rows.all())
    with _rolled_back():
        response = client.generic(method, target, body, content_type="application/json")
        try:
            told = response.getvalue().decode()  # a stream is made now
        except DatabaseError:
            told = ""
        try:
            changed = list(rows.all()) != before
        except DatabaseError:
            changed = False  # a statement of the request failed, and with it all that it wrote
    if changed:
        return "another's tasks, changed"
    if any(text in told for text in (TITLE, theirs.user.email)):
        return "another's data"
    return "nothing" if response.status_code in statuses else f"status {response.status_code}"


def _client(token: str = "") -> Client:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client(raise_request_exception=False, SERVER_NAME="localhost", headers=headers)


def _token(user: User, secret: str) -> str:
    return jwt.encode({"sub": user.pk, "exp": int(time.time()) + 3600}, secret, "HS256")


def _person() -> User:
    """Somebody whom no real token speaks of, made as everybody is made: on first contact."""
    name = f"isolation-{uuid4()}"
    claims = Claims(name, f"{name}@todo.invalid", "Made up", 0, 0, 0)
    User.objects.first_contact(claims)
    return User.objects.get(pk=name)


def _as(user_id: str, sql: str, values: dict[str, Any] | None = None) -> str:
    """What comes of a statement as todo_user with this identity. Undone at once."""
    try:
        with _rolled_back(), connection.cursor() as cursor:
            cursor.execute(AS_PERSON, [user_id])
            cursor.execute(sql, values)
            return f"{cursor.rowcount} rows"
    except DatabaseError as exc:
        refused = isinstance(exc.__cause__, InsufficientPrivilege)
        return REFUSED if refused else type(exc.__cause__).__name__


def _ask(sql: str) -> list[tuple[Any, ...]]:
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
