"""Values of a VTODO's properties (RFC 5545, sections 3.3 and 3.8)."""

import datetime
import re
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar.parser import Contentline, split_on_unescaped_comma, unescape_backslash

from tasks.formats.calendar_blocks import LINE_LENGTH, Block
from tasks.formats.calendar_zones import zone_of
from tasks.formats.entries import each_once, shown, utc_text
from tasks.time_zones import instant_of

TIME = re.compile(r"(\d{8})(?:(T\d{6})(Z?))?", re.ASCII)
EXAMPLE = "20260131 or 20260131T093000Z"


class Time(NamedTuple):
    """A date, or an instant with the zone of its local time, null for a time in UTC."""

    date: datetime.date
    instant: datetime.datetime | None
    zone: ZoneInfo | None

    def due(self) -> dict[str, str]:
        """Returns the members of a task that is due then."""
        if self.instant is None:
            return {"due_date": self.date.isoformat()}
        zone = {"time_zone": self.zone.key} if self.zone else {}
        return {"due_at": utc_text(self.instant), **zone}


def value_of(block: Block, name: str) -> str | None:
    """Returns the first value of a property as it is written; null without one."""
    lines = block.properties.get(name)
    return _parts(name, lines[0])[1] if lines else None


def text_of(block: Block, name: str) -> str | None:
    """Returns the first text of a property; null without one."""
    value = value_of(block, name)
    return None if value is None else unescape_backslash(value)


def tags_of(block: Block) -> list[str]:
    """Returns the texts of all CATEGORIES, each once."""
    lines = block.properties.get("CATEGORIES", [])
    texts = [
        text.strip()
        for line in lines
        for text in split_on_unescaped_comma(_parts("CATEGORIES", line)[1])
    ]
    return each_once(filter(None, texts))


def time_of(block: Block, name: str, default_zone: ZoneInfo) -> Time | None:
    """Returns the first date or time of a property; null without one. Raises ValueError."""
    lines = block.properties.get(name)
    return _time(name, lines[0], default_zone) if lines else None


def instant_of_line(line: str, default_zone: ZoneInfo) -> datetime.datetime | None:
    """Returns the instant of a TRIGGER; null for a date. Raises ValueError."""
    return _time("TRIGGER", line, default_zone).instant


def _time(name: str, line: str, default_zone: ZoneInfo) -> Time:
    tzid, value = _parts(name, line)
    found = TIME.fullmatch(value.strip())
    try:
        if not found:
            raise ValueError
        moment = datetime.datetime.fromisoformat(found[1] + (found[2] or ""))
    except ValueError as exc:
        raise ValueError(f"{name}: expected {EXAMPLE}, not {shown(value)}") from exc
    if not found[2]:
        return Time(moment.date(), None, None)
    if found[3] or tzid == "UTC":
        return Time(moment.date(), moment.replace(tzinfo=datetime.UTC), None)
    zone = zone_of(tzid) if tzid else default_zone
    if not zone:
        raise ValueError(
            f"{name}: unknown time zone {shown(tzid)}; expected an IANA name such as Europe/Berlin"
        )
    return Time(moment.date(), instant_of(moment, zone), zone)


def _parts(name: str, line: str) -> tuple[str, str]:
    """Returns the TZID of a content line, or "", and its value. Raises ValueError."""
    if len(line) > LINE_LENGTH:
        raise ValueError(f"{name}: the line is longer than {LINE_LENGTH:,} characters")
    try:
        _, parameters, value = Contentline(line).raw_parts()
    except ValueError as exc:
        raise ValueError(f"{name}: not a content line of RFC 5545") from exc
    return str(parameters.get("TZID", "")), value
