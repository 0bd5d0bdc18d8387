"""Rows of Todoist's CSV template.

TYPE, CONTENT, DESCRIPTION, PRIORITY, DATE and TIMEZONE are read. Rows other than tasks and their
notes (sections, settings of the project) are left out.
"""

import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from tasks.formats import english_dates
from tasks.formats.entries import Entry, Keys, Problem, Result, each_once, shown
from tasks.time_zones import zone_named

LABEL = re.compile(r"(?<!\S)@(\S+)")
# Todoist's page about the template calls 1 the highest and 4 the lowest priority. Each of the four
# keeps its own level, so that no two of them are mixed and the order stays the same. An empty cell
# has no priority: the task gets the default.
PRIORITIES = {"1": "urgent", "2": "high", "3": "medium", "4": "low"}


def read_rows(
    header: dict[str, int], rows: Iterator[tuple[int, list[str] | str]], default_zone: ZoneInfo
) -> Iterator[Result]:
    """Yields the tasks of the rows. A local time is in the row's TIMEZONE or in `default_zone`."""
    keys = Keys()
    task: Entry | None = None
    notes: list[str] = []
    for line, cells in rows:
        if isinstance(cells, str):
            yield Problem(line, cells)
            continue
        row = {name: cells[at] for name, at in header.items() if at < len(cells)}
        kind = row.get("type", "").strip().lower()
        if kind == "note":
            notes.append(row.get("content", ""))
        elif kind == "task":
            if task:
                yield _with_notes(task, notes)
            task, notes = None, []
            try:
                key = keys.key(None, cells)
                task = Entry(line, key, _fields(row, default_zone))
            except ValueError as exc:
                yield Problem(line, str(exc))
    if task:
        yield _with_notes(task, notes)


def _with_notes(task: Entry, notes: list[str]) -> Entry:
    """Returns the task with its notes as further paragraphs of its description."""
    paragraphs = [task.fields["description"], *notes]
    if description := "\n\n".join(text for text in paragraphs if text):
        return task._replace(fields=task.fields | {"description": description})
    return task


def _fields(row: dict[str, str], default_zone: ZoneInfo) -> dict[str, Any]:
    """Returns the members of a task row. Raises ValueError."""
    content = row.get("content", "")
    # A task that has only labels keeps them as its title.
    title = " ".join(LABEL.sub("", content).split()) or content
    fields: dict[str, Any] = {"title": title, "description": row.get("description") or None}
    if tags := each_once(LABEL.findall(content)):
        fields["tags"] = tags
    if priority := row.get("priority", "").strip():
        if priority not in PRIORITIES:
            raise ValueError(f"PRIORITY: expected 1, 2, 3 or 4, not {shown(priority)}")
        fields["priority"] = PRIORITIES[priority]
    if date := row.get("date", "").strip():
        fields |= english_dates.read(date, _zone(row.get("timezone", "").strip(), default_zone))
    return fields


def _zone(name: str, default_zone: ZoneInfo) -> ZoneInfo:
    try:
        return zone_named(name) if name else default_zone
    except ValueError as exc:
        raise ValueError(f"TIMEZONE: {exc}") from exc
