"""Tasks of calendar files (RFC 5545): their VTODO components."""

import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from tasks.formats.calendar_blocks import Block, blocks
from tasks.formats.calendar_properties import instant_of_line, tags_of, text_of, time_of, value_of
from tasks.formats.entries import Entry, Keys, Problem, Result, bounded, shown, utc_text

# RFC 5545, section 3.8.1.9: 1 is the highest, 2-4 high, 5 medium, 6-9 low, 0 undefined.
PRIORITIES = {"1": "urgent", **dict.fromkeys("234", "high"), "5": "medium"}
PRIORITIES |= dict.fromkeys("6789", "low")


WEEK_START = re.compile(";WKST=[A-Z]{2}|^WKST=[A-Z]{2};", re.IGNORECASE)
INTERVAL = re.compile(r"INTERVAL=0*([2-9]|\d{2})", re.IGNORECASE)


def read(text: str, default_zone: ZoneInfo) -> Iterator[Result]:
    """Yields the tasks of a calendar file. The line of a task is that of its BEGIN:VTODO.

    Local times without TZID are in `default_zone`. Other components are left out. Raises
    ValueError if the text is not a calendar.
    """
    if text.lstrip()[:15].upper() != "BEGIN:VCALENDAR":
        raise ValueError("Expected a calendar file, which begins with BEGIN:VCALENDAR")
    return bounded(_tasks(text, default_zone))


def _tasks(text: str, default_zone: ZoneInfo) -> Iterator[Result]:
    keys = Keys()
    for block in blocks(text):
        try:
            if not block.is_closed:
                raise ValueError("BEGIN:VTODO without END:VTODO")
            key = keys.key(text_of(block, "UID"), block.properties)
            yield Entry(block.line, key, _fields(block, default_zone))
        except ValueError as exc:
            yield Problem(block.line, str(exc))


def _fields(block: Block, default_zone: ZoneInfo) -> dict[str, Any]:
    """Returns the members of a task. Raises ValueError."""
    status = (text_of(block, "STATUS") or "").upper()
    if status == "CANCELLED":
        raise ValueError("The task is cancelled; not imported")
    if "RECURRENCE-ID" in block.properties:
        raise ValueError("The task is one changed date of a repeating task; not imported")
    completed = time_of(block, "COMPLETED", default_zone)
    is_done = bool(completed) or text_of(block, "PERCENT-COMPLETE") == "100"
    fields: dict[str, Any] = {
        "title": text_of(block, "SUMMARY") or "",
        "completed": status == "COMPLETED" or (not status and is_done),
    }
    if fields["completed"] and completed and completed.instant:
        fields["completed_at"] = utc_text(completed.instant)
    if (description := text_of(block, "DESCRIPTION")) is not None:
        fields["description"] = description
    if tags := tags_of(block):
        fields["tags"] = tags
    if (priority := text_of(block, "PRIORITY") or "0") != "0":
        if priority not in PRIORITIES:
            raise ValueError(f"PRIORITY: expected 0 to 9, not {shown(priority)}")
        fields["priority"] = PRIORITIES[priority]
    created = time_of(block, "CREATED", default_zone)
    if created and created.instant:
        fields["created_at"] = utc_text(created.instant)
    if block.trigger and (remind_at := instant_of_line(block.trigger, default_zone)):
        fields["remind_at"] = utc_text(remind_at)
    return fields | _due_and_repeat(block, default_zone)


def _due_and_repeat(block: Block, default_zone: ZoneInfo) -> dict[str, Any]:
    due = time_of(block, "DUE", default_zone)
    rule = value_of(block, "RRULE")
    if rule is None:
        return due.due() if due else {}
    due = due or time_of(block, "DTSTART", default_zone)
    source = (text_of(block, "X-TODO-REPEAT-FROM") or "due").lower()
    if not INTERVAL.search(rule):  # else the first day of the week matters
        rule = WEEK_START.sub("", rule)
    repeat = {"rule": rule, "from": source}
    return {**(due.due() if due else {}), "repeat": repeat}
