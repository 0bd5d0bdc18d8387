"""CSV files of tasks: written and read with our columns; Todoist's columns are also read."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from tasks.formats import todoist
from tasks.formats.csv_cells import guarded, line_of, tags_cell, tags_of, unguarded
from tasks.formats.entries import (
    IN_THE_TRASH,
    Entry,
    Keys,
    Problem,
    Result,
    bounded,
    instant,
    plain,
    shown,
)

COLUMNS = (
    "id", "title", "description", "completed", "completed_at", "priority", "due_date", "due_at",
    "time_zone", "remind_at", "repeat_rule", "repeat_from", "tags", "created_at", "updated_at",
    "deleted_at",
)  # fmt: skip
FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
# Spreadsheet programs write the second or third one, depending on the user's language.
DELIMITERS = ",;\t"

# The line of a row, and its cells or a message.
Row = tuple[int, list[str] | str]


def write(tasks: Iterable[Any], *, byte_order_mark: bool = False) -> Iterator[str]:
    """Yields the lines of a CSV file (RFC 4180) of represented tasks.

    Excel reads the file as UTF-8 only if it begins with a byte order mark.
    """
    yield ("\ufeff" if byte_order_mark else "") + line_of(COLUMNS)
    for task in tasks:
        yield line_of(_cells(plain(task)))


def _cells(task: dict[str, Any]) -> Iterator[str]:
    repeat = task.get("repeat") or {}
    values = task | {
        "completed": str(task["completed"]).lower(),
        "repeat_rule": repeat.get("rule"),
        "repeat_from": repeat.get("from"),
        "tags": tags_cell(task.get("tags") or []) or None,
    }
    return (guarded(values.get(column)) for column in COLUMNS)


def read(text: str, default_zone: ZoneInfo) -> Iterator[Result]:
    """Yields the tasks of a CSV file. `default_zone` is for local times in Todoist's files.

    The columns may be in any order; only `title` is needed. Raises ValueError without a header.
    """
    header, rows = _opened(text)
    if "title" in header:
        return bounded(_own(header, rows))
    return bounded(todoist.read_rows(header, rows, default_zone))


def _opened(text: str) -> tuple[dict[str, int], Iterator[Row]]:
    """Returns the position of each column, and the other rows."""
    for delimiter in DELIMITERS:
        rows = _rows(text, delimiter)
        cells = next(rows, (1, ""))[1]
        if isinstance(cells, str):
            continue
        header: dict[str, int] = {}
        for number, cell in enumerate(cells):
            header.setdefault(cell.strip().lower().replace(" ", "_"), number)
        if "title" in header or {"type", "content"} <= header.keys():
            return header, rows
    raise ValueError('Expected a first line with the column "title", or the columns of Todoist')


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    """Yields the first line and the cells of each row, or a message for a broken row."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as exc:
            yield line, f"The row is not valid CSV: {exc}"
        else:
            if any(cells):
                yield line, cells


def _own(header: dict[str, int], rows: Iterator[Row]) -> Iterator[Result]:
    keys = Keys()
    positions = {name: header[name] for name in COLUMNS if name in header}
    for line, cells in rows:
        if isinstance(cells, str):
            yield Problem(line, cells)
            continue
        values = {
            name: unguarded(cells[position]) if position < len(cells) else None
            for name, position in positions.items()
        }
        try:
            yield Entry(line, keys.key(values.get("id"), values), _fields(values))
        except ValueError as exc:
            yield Problem(line, str(exc))


def _fields(values: dict[str, str | None]) -> dict[str, Any]:
    """Returns the members of a row. Raises ValueError."""
    if values.get("deleted_at"):
        raise ValueError(IN_THE_TRASH)
    fields: dict[str, Any] = {"title": values.get("title") or ""}
    if "description" in values:
        fields["description"] = values["description"]
    for name, convert in CONVERSIONS.items():
        if value := (values.get(name) or "").strip():
            fields[name] = convert(name, value)
    if rule := (values.get("repeat_rule") or "").strip():
        fields["repeat"] = {"rule": rule, "from": values.get("repeat_from") or "due"}
    return fields


def _flag(name: str, value: str) -> bool:
    if value.lower() not in FLAGS:
        raise ValueError(f"{name}: expected true or false, not {shown(value)}")
    return FLAGS[value.lower()]


def _tags(name: str, value: str) -> list[str]:
    try:
        return tags_of(value)
    except csv.Error as exc:
        raise ValueError(f"{name}: expected tags separated by commas: {exc}") from exc


def _text(name: str, value: str) -> str:
    return value


CONVERSIONS: dict[str, Callable[[str, str], Any]] = {
    "completed": _flag, "completed_at": instant, "priority": _text, "due_date": _text,
    "due_at": _text, "time_zone": _text, "remind_at": _text, "tags": _tags, "created_at": instant,
}  # fmt: skip
