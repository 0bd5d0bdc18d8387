"""The one representation of a task, made from a row of its columns. Serializers are for input."""

from collections.abc import Iterable
from typing import Any

from tasks.models import Priority

UPDATED_AT = -1  # its place in a row
PRIORITY_NAMES = {priority.value: priority.name.lower() for priority in Priority}


def represent(rows: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Rows of `models.REPRESENTATION` as the API shows them; dates and times are written by
    `todo_api.shapes`.
    """
    return [
        {
            "id": pk,
            "user_id": user_id,
            "title": title,
            "description": description,
            "completed": completed,
            "completed_at": completed_at,
            "priority": PRIORITY_NAMES[priority],
            "due_date": due_date,
            "created_at": created_at,
            "updated_at": updated_at,
        }
        for (
            pk, user_id, title, description, completed, completed_at, priority, due_date,
            created_at, updated_at,
        ) in rows
    ]  # fmt: skip
