"""Tasks.json of Google Takeout: lists of tasks."""

import re
from collections.abc import Iterator
from typing import Any

from tasks.formats.entries import IN_THE_TRASH, Entry, Keys, Problem, Result, instant, shown

DEFAULT_LIST = "My Tasks"
TAG_LENGTH = 50
# Google stores a due date as midnight in UTC.
DUE = re.compile(r"(\d{4}-\d\d-\d\d)(?:T.*)?", re.ASCII)


def is_export(document: Any) -> bool:
    return isinstance(document, dict) and document.get("kind") == "tasks#taskLists"


def read_lists(document: dict[str, Any]) -> Iterator[Result]:
    """Yields the tasks of all lists. The line of a task is its position in the file, from 1.

    The title of a list is a tag of its tasks, except for the default list.
    """
    keys = Keys()
    number = 0
    for task_list in _items(document):
        tag = task_list.get("title") if isinstance(task_list, dict) else None
        for task in _items(task_list):
            number += 1
            try:
                fields = _fields(task)
                if isinstance(tag, str) and tag.strip() and tag != DEFAULT_LIST:
                    fields["tags"] = [tag.strip()[:TAG_LENGTH].strip()]
                yield Entry(number, keys.key(task.get("id"), fields), fields)
            except ValueError as exc:
                yield Problem(number, str(exc))


def _items(parent: Any) -> list[Any]:
    items = parent.get("items") if isinstance(parent, dict) else None
    return items if isinstance(items, list) else []


def _fields(task: Any) -> dict[str, Any]:
    """Returns the members of a task. Raises ValueError."""
    if not isinstance(task, dict):
        raise ValueError('Expected an object with "title"')
    if task.get("deleted"):
        raise ValueError(IN_THE_TRASH)
    fields: dict[str, Any] = {"title": task.get("title"), "description": task.get("notes")}
    fields["completed"] = task.get("status") == "completed"
    if due := task.get("due"):
        if not isinstance(due, str) or not (found := DUE.fullmatch(due)):
            raise ValueError(f"due: expected a time such as 2026-12-24T00:00:00Z, not {shown(due)}")
        fields["due_date"] = found[1]
    for name, member in (("completed_at", "completed"), ("created_at", "created")):
        if task.get(member):
            fields[name] = instant(member, task[member])
    return fields
