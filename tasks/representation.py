"""The one representation of a task, made from a row of its columns. Serializers are for input."""

from typing import Any

from tasks.models import REPRESENTED, Priority, Task

PRIORITY_NAMES = {priority.value: priority.name.lower() for priority in Priority}


def columns(task: Task) -> dict[str, Any]:
    """A task that was just made, as a row."""
    return {name: getattr(task, name) for name in REPRESENTED}


def represent(row: dict[str, Any]) -> dict[str, Any]:
    """A row of `TaskQuerySet.represented()` as the API shows it. The renderer writes the dates."""
    row["priority"] = PRIORITY_NAMES[row["priority"]]
    row.pop("lower_title", None)
    return row
