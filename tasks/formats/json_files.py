"""JSON files of tasks: our export, a list of tasks, and Google Takeout's Tasks.json."""

import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from tasks.formats import google_tasks
from tasks.formats.entries import IN_THE_TRASH, Entry, Keys, Problem, Result, bounded, instant

MEMBERS = (
    "title", "description", "completed", "priority", "due_date", "due_at", "time_zone",
    "remind_at", "repeat", "tags",
)  # fmt: skip
SET_TIMES = ("completed_at", "created_at")


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


SNAKE_NAMES = {_camel(name): name for name in (*MEMBERS, *SET_TIMES, "deleted_at")}


def read(text: str, default_zone: ZoneInfo) -> Iterator[Result]:
    """Yields the tasks of a JSON file. The line of a task is its position, from 1.

    Names may be in camel case. Raises ValueError if the text is not JSON, or of another shape.
    """
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        raise ValueError(f"The file is not valid JSON: {exc}") from exc
    if google_tasks.is_export(document):
        return bounded(google_tasks.read_lists(document))
    tasks = document.get("tasks") if isinstance(document, dict) else document
    if not isinstance(tasks, list):
        raise ValueError(
            'Expected an object with "tasks", a list of tasks, or Google\'s Tasks.json'
        )
    return bounded(_own(tasks))


def _own(tasks: list[Any]) -> Iterator[Result]:
    keys = Keys()
    for number, task in enumerate(tasks, start=1):
        try:
            fields = _fields(task)
            yield Entry(number, keys.key(task.get("id"), fields), fields)
        except ValueError as exc:
            yield Problem(number, str(exc))


def _fields(task: Any) -> dict[str, Any]:
    """Returns the members of a task. Raises ValueError."""
    if not isinstance(task, dict):
        raise ValueError('Expected an object such as {"title": "Buy milk"}')
    members = {SNAKE_NAMES.get(name, name): value for name, value in task.items()}
    if members.get("deleted_at"):
        raise ValueError(IN_THE_TRASH)
    fields = {name: members[name] for name in MEMBERS if name in members}
    for name in SET_TIMES:
        if members.get(name):
            fields[name] = instant(name, members[name])
    return fields
