"""Statements by which one user tries to access rows of another."""

from collections.abc import Iterator
from uuid import uuid4

from accounts.models import User
from tasks.models import Task
from todo_api.maintenance.isolation.check import NONE, ONE, REFUSED, Check, rolled_back, run_as

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
INSERT_STATE = (
    "INSERT INTO tasks_syncstate (user_id, seq, purged_seq) VALUES (%(other_user)s, 1, 0)"
)
INSERT_FEED = (
    "INSERT INTO tasks_calendarfeed (user_id, secret_hash, created_at)"
    " VALUES (%(user)s, 'inserted', now()) ON CONFLICT DO NOTHING"
)
ATTEMPTS = (
    # Name, SQL, and the expected results for a user, a suspended user, and without an identity. The
    # last eleven must succeed: a database that shows no rows at all would pass the others.
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
    ("move another user's task to the trash",
     "UPDATE tasks_task SET deleted_at = now() WHERE id = %(other_task)s", NONE, NONE, NONE),
    ("read another user's trash", "SELECT title FROM tasks_task WHERE id = %(other_trashed)s",
     NONE, NONE, NONE),
    ("restore another user's task",
     "UPDATE tasks_task SET deleted_at = null WHERE id = %(other_trashed)s", NONE, NONE, NONE),
    ("empty another user's trash",
     "DELETE FROM tasks_task WHERE user_id = %(other_user)s AND deleted_at IS NOT NULL",
     NONE, NONE, NONE),
    ("read another user's sync state",
     "SELECT seq FROM tasks_syncstate WHERE user_id = %(other_user)s", NONE, NONE, NONE),
    ("insert a sync state", INSERT_STATE, REFUSED, REFUSED, REFUSED),
    ("change the own sync state", "UPDATE tasks_syncstate SET seq = 0 WHERE user_id = %(user)s",
     REFUSED, REFUSED, REFUSED),
    ("change another user's sync state",
     "UPDATE tasks_syncstate SET seq = 0 WHERE user_id = %(other_user)s",
     REFUSED, REFUSED, REFUSED),
    ("delete the own sync state", "DELETE FROM tasks_syncstate WHERE user_id = %(user)s",
     REFUSED, REFUSED, REFUSED),
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
    ("read another user's calendar feed",
     "SELECT secret_hash FROM tasks_calendarfeed WHERE user_id = %(other_user)s", NONE, NONE, NONE),
    ("make a calendar feed for another user",
     INSERT_FEED.replace("%(user)s", "%(other_user)s"), REFUSED, REFUSED, REFUSED),
    ("change another user's calendar feed",
     "UPDATE tasks_calendarfeed SET secret_hash = 'x' WHERE user_id = %(other_user)s",
     NONE, NONE, NONE),
    ("take over another user's calendar feed",
     "UPDATE tasks_calendarfeed SET user_id = %(user)s WHERE user_id = %(other_user)s",
     NONE, NONE, NONE),
    ("move the own calendar feed to another user",
     "UPDATE tasks_calendarfeed SET user_id = %(other_user)s WHERE user_id = %(user)s",
     REFUSED, NONE, NONE),
    ("revoke another user's calendar feed",
     "DELETE FROM tasks_calendarfeed WHERE user_id = %(other_user)s", NONE, NONE, NONE),
    ("make a second own calendar feed", INSERT_FEED, NONE, REFUSED, REFUSED),
    ("change the own calendar feed",
     "UPDATE tasks_calendarfeed SET secret_hash = 'x' WHERE user_id = %(user)s", ONE, NONE, NONE),
    ("read the own calendar feed",
     "SELECT created_at FROM tasks_calendarfeed WHERE user_id = %(user)s", ONE, ONE, NONE),
    ("revoke the own calendar feed",
     "DELETE FROM tasks_calendarfeed WHERE user_id = %(user)s", ONE, NONE, NONE),
    ("store an own response", INSERT_RESPONSE, ONE, REFUSED, REFUSED),
    ("read the own stored responses",
     "SELECT body FROM tasks_idempotencyrecord WHERE user_id = %(user)s", ONE, ONE, NONE),
    ("read the own sync state", "SELECT seq FROM tasks_syncstate WHERE user_id = %(user)s",
     ONE, ONE, NONE),
    ("read the own task", "SELECT id FROM tasks_task WHERE id = %(own_task)s", ONE, ONE, NONE),
    ("insert an own task", INSERT, ONE, REFUSED, REFUSED),
    ("change the own task",
     "UPDATE tasks_task SET title = 'x' WHERE id = %(own_task)s", ONE, NONE, NONE),
    ("move the own task to the trash",
     "UPDATE tasks_task SET deleted_at = now() WHERE id = %(own_task)s", ONE, NONE, NONE),
    ("delete the own task", "DELETE FROM tasks_task WHERE id = %(own_task)s", ONE, NONE, NONE),
)  # fmt: skip


def try_statements(own: Task, other: Task, trashed: Task) -> Iterator[Check]:
    """Reads, inserts, moves, updates and deletes as the user of `own`. `trashed` is a task in the
    trash of the user of `other`.
    """
    user_id = own.user_id
    values = {
        "user": user_id, "other_user": other.user_id, "own_task": own.pk, "other_task": other.pk,
        "other_trashed": trashed.pk, "new_id": uuid4(),
    }  # fmt: skip
    for name, sql, user, suspended, without_identity in ATTEMPTS:
        yield Check(f"SQL as a user: {name}", user, run_as(user_id, sql, values))
        yield Check(f"SQL without identity: {name}", without_identity, run_as("", sql, values))
        with rolled_back():
            User.objects.filter(pk=user_id).update(is_active=False)
            actual = run_as(user_id, sql, values)
        yield Check(f"SQL as a suspended user: {name}", suspended, actual)
