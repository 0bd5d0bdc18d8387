"""Calendars of tasks (RFC 5545): the to-dos of an export, and the events of a feed."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from tasks.formats.calendar_components import (
    PRODUCT,
    Due,
    alarm_lines,
    common_lines,
    due_of,
    rule_line,
)
from tasks.formats.calendar_lines import line, text_line, utc_line
from tasks.formats.calendar_zones import definition
from tasks.formats.entries import plain
from tasks.recurrence import includes

HEADER = line("BEGIN", "VCALENDAR") + line("VERSION", "2.0") + line("PRODID", PRODUCT)
FOOTER = line("END", "VCALENDAR")


def write_todos(tasks: Iterable[Any]) -> Iterator[str]:
    """Yields a calendar with a VTODO for each represented task."""
    yield HEADER
    yield from _components(tasks, _todo)
    yield FOOTER


def write_events(tasks: Iterable[Any], name: str) -> Iterator[str]:
    """Yields a calendar with a VEVENT for each open task with a due date.

    Most calendar programs show events only. Subscribers are asked to come back each hour.
    """
    yield HEADER + text_line("X-WR-CALNAME", name) + text_line("NAME", name)
    yield line("REFRESH-INTERVAL;VALUE=DURATION", "PT1H") + line("X-PUBLISHED-TTL", "PT1H")
    yield from _components(tasks, _event)
    yield FOOTER


def _components(
    tasks: Iterable[Any], component: Callable[[dict[str, Any], Due | None], str]
) -> Iterator[str]:
    """Yields the components, and before the first use of a time zone its definition."""
    defined = set()
    for represented in tasks:
        task = plain(represented)
        due = due_of(task)
        text = component(task, due)
        if text and due and due.zone_name and due.zone_name not in defined:
            defined.add(due.zone_name)
            yield definition(due.zone_name)
        yield text


def _todo(task: dict[str, Any], due: Due | None) -> str:
    """Returns the to-do of a task; "" for one in the trash, a state that calendars do not have."""
    if task.get("deleted_at"):
        return ""
    text = line("BEGIN", "VTODO") + common_lines(task)
    if task["completed"]:
        text += line("STATUS", "COMPLETED") + line("PERCENT-COMPLETE", "100")
        text += utc_line("COMPLETED", task["completed_at"]) if task["completed_at"] else ""
    else:
        text += line("STATUS", "NEEDS-ACTION") + line("PERCENT-COMPLETE", "0")
    if due:
        text += due.line("DUE")
    if due and (repeat := task.get("repeat")):
        # A rule needs DTSTART. Equal times are what Apple's programs write too.
        text += due.line("DTSTART") + rule_line(task, due)
        text += line("X-TODO-REPEAT-FROM", repeat["from"].upper())
    return text + alarm_lines(task) + line("END", "VTODO")


def _event(task: dict[str, Any], due: Due | None) -> str:
    """Returns the event of a task; "" for one that the feed leaves out."""
    if not due or task["completed"] or task.get("deleted_at"):
        return ""
    text = line("BEGIN", "VEVENT") + common_lines(task) + due.line("DTSTART")
    text += line("TRANSP", "TRANSPARENT") if due.is_date else line("DURATION", "PT30M")
    repeat = task.get("repeat")
    # Without the rule if it does not match the due date: programs would not show that (RFC 5545).
    if repeat and repeat["from"] == "due":
        day = date.fromisoformat(task["due_date"])
        text += rule_line(task, due) if includes(repeat["rule"], day) else ""
    return text + alarm_lines(task) + line("END", "VEVENT")
