"""Time zones of calendars: their definitions, and their names in other programs' files."""

import datetime
from collections.abc import Iterator
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from tasks.formats.calendar_lines import line, local
from tasks.time_zones import instant_of, zone_named

# The years that a definition covers.
FIRST_YEAR, LAST_YEAR = 1990, 2050


@lru_cache(1_000)
def zone_of(tzid: str) -> ZoneInfo | None:
    """Returns the zone of a TZID: an IANA name, or a name of Windows; null if unknown.

    An IANA name may have a prefix, such as "/freeassociation.sourceforge.net/Tzfile/".
    """
    name = tzid.strip()
    names = [WINDOWS_TO_OLSON.get(name, name)]
    if name.startswith("/"):
        names = ["/".join(name.split("/")[-length:]) for length in (3, 2, 1)]
    for candidate in names:
        try:
            return zone_named(candidate)
        except ValueError:
            continue
    return None


def unambiguous_time(moment: datetime.datetime, zone: ZoneInfo) -> datetime.datetime | None:
    """Returns the local time of a moment; null if a calendar would read another moment from it.

    That is so in the second pass of a repeated hour (RFC 5545, section 3.3.5), and in years that
    `definition` does not cover.
    """
    if not FIRST_YEAR < moment.year < LAST_YEAR:
        return None
    time = moment.astimezone(zone).replace(tzinfo=None)
    return time if instant_of(time, zone) == moment else None


@lru_cache(64)
def definition(name: str) -> str:
    """Returns the VTIMEZONE of an IANA name, about 2 kB. Cached: each takes about 25 ms.

    icalendar's own definitions begin daylight saving time an hour late: an onset is a local time
    with the offset before it (RFC 5545, section 3.6.5).
    """
    zone = zone_named(name)
    start = datetime.datetime(FIRST_YEAR, 1, 1, tzinfo=datetime.UTC)
    onsets: dict[tuple[datetime.timedelta, datetime.timedelta, str, bool], list[str]] = {}
    for before, moment in [(start, start), *_changes(zone, start)]:
        old, new = before.astimezone(zone), moment.astimezone(zone)
        kind = (_offset(old), _offset(new), new.tzname() or "", bool(new.dst()))
        onset = local(moment.replace(tzinfo=None) + _offset(old))
        onsets.setdefault(kind, []).append(onset)
    text = line("BEGIN", "VTIMEZONE") + line("TZID", name)
    for (old_offset, new_offset, zone_name, is_daylight), times in onsets.items():
        component = "DAYLIGHT" if is_daylight else "STANDARD"
        text += line("BEGIN", component) + line("DTSTART", times[0])
        text += line("TZOFFSETFROM", _signed(old_offset)) + line("TZOFFSETTO", _signed(new_offset))
        text += line("TZNAME", zone_name)
        if times[1:]:
            text += line("RDATE", ",".join(times[1:]))
        text += line("END", component)
    return text + line("END", "VTIMEZONE")


def _changes(
    zone: ZoneInfo, start: datetime.datetime
) -> Iterator[tuple[datetime.datetime, datetime.datetime]]:
    """Yields the last second before, and the first second after each change of the offset."""
    day, second = datetime.timedelta(days=1), datetime.timedelta(seconds=1)
    while start.year < LAST_YEAR:
        low, high = start, start + day
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            while high - low > second:
                middle = low + (high - low) // 2 // second * second
                same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            yield low, high
        start += day


def _offset(moment: datetime.datetime) -> datetime.timedelta:
    return moment.utcoffset() or datetime.timedelta()


def _signed(offset: datetime.timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
