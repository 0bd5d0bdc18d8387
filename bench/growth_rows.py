"""Ten million tasks in a minute or two, as they would have come in a year."""

from typing import Any

import psycopg

AT_ONCE = 500_000  # rows
PEOPLE = """
INSERT INTO accounts_user (id, email, name, password, is_active, is_staff, is_superuser,
    date_joined, last_seen_at)
SELECT md5(n::text), n || '@todo.test', 'Person ' || n, '!', true, false, false, now(), now()
FROM generate_series(0, %s - 1) AS n
"""
# In the order in which they are made, each by another person than the one before: a page of one
# person's tasks is as many blocks of the table.
TASKS = """
INSERT INTO tasks_task (id, user_id, title, description, completed, completed_at, priority,
    due_date, created_at, updated_at)
SELECT gen_random_uuid(), md5((i %% %(people)s)::text),
    (ARRAY['Call the dentist', 'Write to the bank', 'Water the plants', 'Ask the neighbours',
        'Thank the choir', 'Visit the library', 'Pay the plumber', 'Order flowers'])[1 + k %% 8],
    CASE WHEN k %% 2 = 0 THEN 'Before the holidays, and write down what they say' END,
    k %% 5 < 3, CASE WHEN k %% 5 < 3 THEN made_at END, 1 + k %% 4,
    CASE WHEN k %% 3 = 0 THEN made_at::date + 7 END, made_at, made_at
FROM (
    SELECT i, i / %(people)s AS k,
        now() - (%(rows)s - i) * (interval '1 year' / %(rows)s) AS made_at
    FROM generate_series(%(first)s::int, %(last)s) AS i
) AS made
"""
INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = 'tasks_task' AND indexname <> 'tasks_task_pkey'
"""


def fill(superuser: psycopg.Connection, rows: int, each: int, bar: Any) -> None:
    """So many tasks, each person with the same number. Indexes are built last, as for an import."""
    users = rows // each
    superuser.execute("SET maintenance_work_mem = '1GB'")
    superuser.execute("SET session_replication_role = replica")  # no foreign key is looked up
    # VACUUM calls no row visible to all before its commit is on disk.
    superuser.execute("SET synchronous_commit = on")
    superuser.execute(PEOPLE, [users])
    indexes = superuser.execute(INDEXES).fetchall()
    for name, _ in indexes:
        superuser.execute(f"DROP INDEX {name}".encode())
    for first in range(0, rows, AT_ONCE):
        last = min(first + AT_ONCE, rows) - 1
        values = {"people": users, "rows": rows, "first": first, "last": last}
        superuser.execute(TASKS, values)
        bar.update(last + 1 - first)
    for _, definition in indexes:
        superuser.execute(definition.encode())
    superuser.execute("VACUUM ANALYZE accounts_user, tasks_task")
    superuser.execute("CHECKPOINT")
