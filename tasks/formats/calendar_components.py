"""Properties of the to-dos of an export and of the events of a feed."""

import datetime
import re
from typing import Any, NamedTuple

from tasks.formats.calendar_lines import line, local, text_line, utc, utc_line
from tasks.formats.calendar_zones import unambiguous_time
from tasks.time_zones import instant_of, zone_named

PRODUCT = "-//todo-api//Tasks//EN"
NUMBERS = {"urgent": "1", "high": "3", "medium": "5", "low": "7"}
UNTIL = re.compile(r"(?<=UNTIL=)(\d{8})(T\d{6}Z?)?")


class Due(NamedTuple):
    """The due date or time of a task: parameters and a value for DUE and DTSTART."""

    parameters: str
    value: str
    zone_name: str | None  # defined by a VTIMEZONE of the calendar

    @property
    def is_date(self) -> bool:
        return self.parameters == ";VALUE=DATE"

    def line(self, name: str) -> str:
        return line(name + self.parameters, self.value)


def due_of(task: dict[str, Any]) -> Due | None:
    """Returns the due date or time; null without one. Fractions of a second are cut."""
    if not task.get("due_at"):
        date = task.get("due_date")
        return Due(";VALUE=DATE", date.replace("-", ""), None) if date else None
    moment = datetime.datetime.fromisoformat(task["due_at"]).replace(microsecond=0)
    name = task.get("time_zone") or "UTC"
    if name != "UTC" and (time := unambiguous_time(moment, zone_named(name))):
        return Due(f";TZID={name}", local(time), name)
    return Due("", utc(moment), None)


def common_lines(task: dict[str, Any]) -> str:
    """Returns the lines of an id, the times of changes, the texts, the tags and the priority."""
    text = line("UID", task["id"]) + utc_line("DTSTAMP", task["updated_at"])
    text += utc_line("CREATED", task["created_at"]) + utc_line("LAST-MODIFIED", task["updated_at"])
    text += text_line("SUMMARY", task["title"])
    if task["description"] is not None:
        text += text_line("DESCRIPTION", task["description"])
    if task.get("tags"):
        text += text_line("CATEGORIES", *task["tags"])
    return text + line("PRIORITY", NUMBERS[task["priority"]])


def rule_line(task: dict[str, Any], due: Due) -> str:
    """Returns RRULE. Its UNTIL is a date if DTSTART is one, else a time in UTC (RFC 5545)."""

    def until(found: re.Match[str]) -> str:
        date, time = found[1], found[2] or "T235959"
        if due.is_date:
            return date
        if time.endswith("Z"):
            return date + time
        zone = zone_named(task.get("time_zone") or "UTC")
        return utc(instant_of(datetime.datetime.fromisoformat(date + time), zone))

    return line("RRULE", UNTIL.sub(until, task["repeat"]["rule"]))


def alarm_lines(task: dict[str, Any]) -> str:
    """Returns a VALARM at `remind_at`; "" without one."""
    if not task.get("remind_at"):
        return ""
    text = line("BEGIN", "VALARM") + line("ACTION", "DISPLAY")
    text += text_line("DESCRIPTION", task["title"])
    text += utc_line("TRIGGER;VALUE=DATE-TIME", task["remind_at"])
    return text + line("END", "VALARM")
