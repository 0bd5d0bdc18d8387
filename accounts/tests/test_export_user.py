"""`manage.py export_user` writes all data of one user, and nothing else."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from conftest import ALICE, client_of, make_task

pytestmark = pytest.mark.django_db


def export(*arguments: Any, **options: Any) -> str:
    output = StringIO()
    call_command("export_user", ALICE, *arguments, stdout=output, **options)
    return output.getvalue()


def test_it_prints_the_user_and_their_tasks_as_json_lines(
    alice: User, bob: User, action_log: pytest.LogCaptureFixture
) -> None:
    task, trashed = make_task(alice, "Grüße"), make_task(alice, "Gone", deleted_at=timezone.now())
    make_task(bob)
    (in_trash,) = client_of(ALICE).get("/api/tasks?deleted=true").json()

    lines = [json.loads(line) for line in export().splitlines()]

    assert lines == [
        {"user": {
            "id": ALICE, "email": "alice@todo.test", "name": "Alice",
            "created_at": alice.date_joined.isoformat().replace("+00:00", "Z"),
            "last_seen_at": None,
        }},
        {"task": in_trash},
        {"task": client_of(ALICE).get(f"/api/tasks/{task.pk}").json()},
    ]  # fmt: skip
    assert (in_trash["id"], bool(in_trash["deleted_at"])) == (str(trashed.pk), True)
    assert len(action_log.messages) == 1
    assert "todo.test" not in action_log.text


def test_a_file_has_the_same_content_and_is_readable_by_its_owner_only(
    alice: User, tmp_path: Path
) -> None:
    make_task(alice)
    file = tmp_path / "alice.jsonl"

    printed = export("--output", file)

    assert printed == f"2 lines in {file}\n"
    assert file.read_text() == export()
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_an_existing_file_is_replaced_only_with_overwrite(alice: User, tmp_path: Path) -> None:
    file = tmp_path / "alice.jsonl"
    file.write_text("precious")

    with pytest.raises(CommandError, match="add --overwrite"):
        export("--output", file)
    kept = file.read_text()
    export("--output", file, "--overwrite", verbosity=0)

    assert kept == "precious"
    assert file.read_text() == export()


def test_a_failed_export_leaves_no_file(alice: User, tmp_path: Path, settings: Any) -> None:
    settings.PERSONAL_DATA = {"task": "tasks.serializers.Missing"}

    with pytest.raises(ImportError):
        export("--output", tmp_path / "alice.jsonl")

    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_reported(alice: User, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file or directory"):
        export("--output", tmp_path / "nowhere" / "alice.jsonl")
