"""The exact bytes of a task in responses."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import User
from conftest import ALICE, client_of
from tasks.models import Priority, Task

AT = datetime(2026, 3, 1, 23, 30, 0, 120, tzinfo=timezone(timedelta(hours=-5)))
TEXTS = [
    ("plain", b'"plain"'),
    ('"quoted" \\ / back', b'"\\"quoted\\" \\\\ / back"'),
    ("<script>alert('x')</script> & more", b"\"<script>alert('x')</script> & more\""),
    ("emoji \U0001f331 and e\u0301", '"emoji \U0001f331 and e\u0301"'.encode()),
    ("line\u2028and\u2029paragraph", b'"line\\u2028and\\u2029paragraph"'),
    ("tab\tbell\x07", b'"tab\\tbell\\u0007"'),
    ("x" * 10_000, b'"' + b"x" * 10_000 + b'"'),
]


@pytest.mark.parametrize(("text", "encoded"), TEXTS, ids=lambda value: str(value)[:12])
def test_a_task_has_the_same_bytes_in_every_response(
    as_alice: APIClient, alice: User, text: str, encoded: bytes
) -> None:
    tag = b'"xx' + b"x" * 48 + b'"' if len(text) > 50 else encoded
    task = Task.objects.create(
        user=alice, title="Read", description=text, completed=True, completed_at=AT,
        priority=Priority.URGENT, due_date=date(2026, 3, 2), due_at=AT,
        time_zone="Africa/Addis_Ababa", remind_at=AT, repeat={"rule": "FREQ=DAILY", "from": "due"},
        tags=["Home", text[:50]], created_at=AT, updated_at=AT,
    )  # fmt: skip
    expected = (
        b'{"id":"%s","user_id":"%s","title":"Read","description":%s,"completed":true,'
        b'"completed_at":"2026-03-02T04:30:00.000120Z","priority":"urgent",'
        b'"due_date":"2026-03-02","due_at":"2026-03-02T04:30:00.000120Z",'
        b'"time_zone":"Africa/Addis_Ababa","remind_at":"2026-03-02T04:30:00.000120Z",'
        b'"repeat":{"rule":"FREQ=DAILY","from":"due"},"tags":["Home",%s],'
        b'"created_at":"2026-03-02T04:30:00.000120Z",'
        b'"updated_at":"2026-03-02T04:30:00.000120Z","deleted_at":null}'
    ) % (str(task.pk).encode(), ALICE.encode(), encoded, tag)

    got: Any = as_alice.get(f"/api/tasks/{task.pk}")
    listed: Any = as_alice.get("/api/tasks")
    unchanged: Any = as_alice.patch(f"/api/tasks/{task.pk}", {})

    assert got.content == expected
    assert listed.content == b"[" + expected + b"]"
    assert unchanged.content == expected


def test_create_update_and_complete_return_the_same_bytes_as_get(alice: User) -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):  # no fraction of a second
        as_alice: Any = client_of(ALICE)
        fields = {"due_at": "2026-03-02T09:00:00Z", "repeat": {"rule": "FREQ=DAILY"}, "tags": ["a"]}
        created = as_alice.post("/api/tasks", {"title": "Read", **fields})
        address = created["Location"]
        assert created.content == as_alice.get(address).content

        changed = as_alice.put(address, {"title": "Rest"})
        assert changed.content == as_alice.get(address).content

        completed = as_alice.post(f"{address}/complete")
        shown = completed.json()
        assert as_alice.get(f"/api/tasks/{shown['next']['id']}").json() == shown.pop("next")
        assert as_alice.get(address).json() == shown

        reopened = as_alice.post(f"{address}/complete", {"completed": False})
        assert reopened.content == as_alice.get(address).content
