"""The VTODO components of a calendar file, cut out without parsing the file.

A parser of whole files builds each component and expands each time zone. Here the other components
cost only the reading of their lines.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# Longer lines are not read. A description of 10,000 characters has up to 20,000 with escapes.
LINE_LENGTH = 50_000
NAME = re.compile(r"([A-Za-z-]{1,30})[ \t]*[;:]")
KEPT = {
    "UID", "SUMMARY", "DESCRIPTION", "CATEGORIES", "PRIORITY", "STATUS", "COMPLETED",
    "PERCENT-COMPLETE", "DUE", "DTSTART", "RRULE", "RECURRENCE-ID", "CREATED",
    "X-TODO-REPEAT-FROM",
}  # fmt: skip
ABSOLUTE = re.compile(r"TRIGGER[;:].*:\d{8}T\d{6}Z?|TRIGGER:\d{8}T\d{6}Z?", re.IGNORECASE)


@dataclass
class Block:
    """A VTODO: the content lines of its properties, by name in upper case."""

    line: int
    properties: dict[str, list[str]] = field(default_factory=dict)
    trigger: str | None = None  # of the first alarm at an absolute time
    is_closed: bool = False


def unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Yields each content line, with the number of its first line in the file."""
    first, parts = 1, [""]
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.removesuffix("\r")
        if line[:1] in (" ", "\t"):
            parts.append(line[1:])
            continue
        if len(parts) > 1 or parts[0]:
            yield first, "".join(parts)
        first, parts = number, [line]
    yield first, "".join(parts)


def blocks(text: str) -> Iterator[Block]:
    """Yields the VTODO components. A component without an end is not closed."""
    block: Block | None = None
    nested: list[str] = []  # the open components inside the block
    alarm: dict[str, str] = {}
    for number, line in unfolded(text):
        start = line[:6].upper()
        if start == "BEGIN:":
            component = line[6:40].strip().upper()
            if component == "VTODO":
                if block:
                    yield block
                block, nested = Block(number), []
            elif block:
                nested.append(component)
                alarm = {}
        elif not block:
            continue
        elif start[:4] == "END:":
            component = line[4:40].strip().upper()
            if component == "VTODO":
                block.is_closed = True
                yield block
                block = None
            elif nested and nested.pop() == "VALARM" and not nested:
                block.trigger = block.trigger or _absolute(alarm)
        elif found := NAME.match(line):
            name = found[1].upper()
            if nested == ["VALARM"]:
                alarm.setdefault(name, line[:200])
            elif not nested and name in KEPT:
                block.properties.setdefault(name, []).append(line)
    if block:
        yield block


def _absolute(alarm: dict[str, str]) -> str | None:
    """Returns the TRIGGER of an alarm at an absolute time. Apple writes one for no alarm, too."""
    trigger = alarm.get("TRIGGER", "")
    is_none = alarm.get("ACTION", "").upper().endswith(":NONE")
    return trigger if ABSOLUTE.fullmatch(trigger) and not is_none else None
