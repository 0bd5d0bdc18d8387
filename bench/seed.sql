-- The same users and tasks as in bench/peer/schema.sql. All users were seen within the last hour: a user who was not
-- costs one more statement, once. A tenth of the tasks have 20 tags, the most that a task can have.
INSERT INTO accounts_user (id, email, name, password, is_active, is_staff, is_superuser, date_joined, last_seen_at)
    SELECT 'user-' || u, 'user' || u || '@todo.test', '', '!', true, false, false, now(), now()
    FROM generate_series(1, 1000) u;
INSERT INTO tasks_task (id, user_id, title, description, completed, completed_at, priority, tags, created_at, updated_at)
    SELECT gen_random_uuid(), 'user-' || u, 'Task number ' || t, 'Some longer description of task ' || t || ' of user ' || u,
           t % 3 = 0, CASE WHEN t % 3 = 0 THEN timestamptz '2026-01-01' END, 2,
           CASE WHEN t % 10 = 0 THEN ARRAY(SELECT 'tag number ' || n FROM generate_series(1, 20) n) ELSE '{}' END,
           timestamptz '2026-01-01' - (t * 1000 + u) * interval '1 second', timestamptz '2026-01-01'
    FROM generate_series(1, 100) t, generate_series(1, 1000) u ORDER BY random();
