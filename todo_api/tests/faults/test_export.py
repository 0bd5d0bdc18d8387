"""Memory of the worker during a large export, which is streamed."""

import json
from pathlib import Path

import psutil
import pytest
from django.db import connection

from accounts.models import User
from conftest import ALICE, Serve, token_for
from todo_api.tests.faults.test_durability import workers
from todo_api.tests.http import request, send

TASKS, LETTERS = 3_000, 10_000
# Four bytes each in UTF-8.
INSERT = """
INSERT INTO tasks_task
    (id, user_id, title, description, completed, priority, created_at, updated_at)
SELECT gen_random_uuid(), %s, 'Much', repeat('😀', %s), false, 2, now(), now()
FROM generate_series(1, %s)
"""
MAX_GROWTH = 32 * 1024 * 1024


@pytest.mark.slow
def test_an_export_of_120_mb_is_not_held_in_memory(serve: Serve, tmp_path: Path) -> None:
    address = serve("--workers", "1")
    alice = User.objects.create(id=ALICE, password="!")
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [alice.pk, LETTERS, TASKS])
    (pid,) = workers(tmp_path / "gunicorn.log")
    worker = psutil.Process(pid)
    export = request("GET", "/api/me/export", authorization=f"Bearer {token_for(ALICE)}")
    listed = request("GET", "/api/tasks?limit=1", authorization=f"Bearer {token_for(ALICE)}")
    send(address, listed)
    before = worker.memory_info().rss

    response = send(address, export, seconds=60)

    grown = worker.memory_info().rss - before
    assert grown < MAX_GROWTH, grown
    assert response.headers["transfer-encoding"] == "chunked"
    document = json.loads(unchunked(response.body))
    assert len(document["tasks"]) == TASKS
    assert document["tasks"][-1]["description"] == "😀" * LETTERS


def unchunked(body: bytes) -> bytes:
    parts, start = [], 0
    while size := int(body[start : (end := body.index(b"\r\n", start))], 16):
        parts.append(body[end + 2 : end + 2 + size])
        start = end + 2 + size + 2
    return b"".join(parts)
