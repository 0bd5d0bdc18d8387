"""The one representation of a task, made from a row of its columns. Serializers are for input."""

from typing import Any

from tasks.models import Priority

UPDATED_AT = -1  # its place in a row
PRIORITY_NAMES = {priority.value: priority.name.lower() for priority in Priority}


def represent(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row of `models.REPRESENTATION` as the API shows it. The renderer writes dates and times."""
    (
        *_, pk, user_id, title, description, completed, completed_at, priority, due_date,
        created_at, updated_at,
    ) = row  # fmt: skip
    return {
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
