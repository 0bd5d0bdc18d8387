"""Inserts up to ten million tasks, as if they had been created over a year."""

from typing import Any

import psycopg

BATCH = 500_000  # rows
USERS = """
INSERT INTO accounts_user (id, email, name, password, is_active, is_staff, is_superuser,
    date_joined, last_seen_at)
SELECT md5(n::text), n || '@todo.test', 'User ' || n, '!', true, false, false, now(), now()
FROM generate_series(0, %s - 1) AS n
"""
# Consecutive rows belong to different users, so that each task of a page is in another block of the
# table.
TASKS = """
INSERT INTO tasks_task (id, user_id, title, description, completed, completed_at, priority,
    due_date, created_at, updated_at)
SELECT gen_random_uuid(), md5((i %% %(users)s)::text),
    (ARRAY['Call the dentist', 'Write to the bank', 'Water the plants', 'Ask the neighbours',
        'Thank the choir', 'Visit the library', 'Pay the plumber', 'Order flowers'])[1 + k %% 8],
    CASE WHEN k %% 2 = 0 THEN 'Before the holidays, and write down what they say' END,
    k %% 5 < 3, CASE WHEN k %% 5 < 3 THEN made_at END, 1 + k %% 4,
    CASE WHEN k %% 3 = 0 THEN made_at::date + 7 END, made_at, made_at
FROM (
    SELECT i, i / %(users)s AS k,
        now() - (%(rows)s - i) * (interval '1 year' / %(rows)s) AS made_at
    FROM generate_series(%(first)s::int, %(last)s) AS i
) AS made
"""
INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = 'tasks_task' AND indexname <> 'tasks_task_pkey'
"""


def fill(superuser: psycopg.Connection, rows: int, per_user: int, bar: Any) -> None:
    """Inserts `rows` tasks, the same number for each user. Builds indexes at the end."""
    users = rows // per_user
    superuser.execute("SET maintenance_work_mem = '1GB'")
    superuser.execute("SET session_replication_role = replica")  # no foreign key is looked up
    # VACUUM marks rows as visible to all only when their commit is on disk.
    superuser.execute("SET synchronous_commit = on")
    superuser.execute(USERS, [users])
    indexes = superuser.execute(INDEXES).fetchall()
    for name, _ in indexes:
        superuser.execute(f"DROP INDEX {name}".encode())
    for first in range(0, rows, BATCH):
        last = min(first + BATCH, rows) - 1
        values = {"users": users, "rows": rows, "first": first, "last": last}
        superuser.execute(TASKS, values)
        bar.update(last + 1 - first)
    for _, definition in indexes:
        superuser.execute(definition.encode())
    superuser.execute("VACUUM ANALYZE accounts_user, tasks_task")
    superuser.execute("CHECKPOINT")
