"""Local times and days of the IANA time zones."""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones, reset_tzpath

# Only the pinned tzdata package, not the operating system's files: the zones and their rules must
# be the same on every machine.
reset_tzpath(())
NAMES = frozenset(available_timezones()) - {"Factory", "localtime"}
DAY = timedelta(days=1)


@cache  # names that are refused are not kept
def zone_named(name: str) -> ZoneInfo:
    """Returns the zone of an IANA name such as "Europe/Berlin", in exactly this case. Raises
    ValueError for any other text.
    """
    if name not in NAMES:
        raise ValueError("Time zone must be an IANA name such as Europe/Berlin")
    # An object of its own: a cached one may have been read before reset_tzpath.
    return ZoneInfo.no_cache(name)


def local_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """Returns the naive local time of an aware moment. A local time before year 1 or after year
    9999 is datetime.min or datetime.max.
    """
    try:
        return moment.astimezone(zone).replace(tzinfo=None, fold=0)
    except OverflowError:
        return _nearest_end(moment)


def instant_of(local: datetime, zone: ZoneInfo) -> datetime:
    """Returns the instant, in UTC, of a naive local time. A time that a clock change skips is read
    with the offset before the change (RFC 5545, section 3.3.5); a time that occurs twice is the
    first one. An instant before year 1 or after year 9999 is the first or the last of these years.
    """
    try:
        return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    except OverflowError:
        return _nearest_end(local).replace(tzinfo=UTC)


def exists(local: datetime, zone: ZoneInfo) -> bool:
    """Returns whether clocks show a naive local time, which is not skipped by a clock change."""
    # In a gap, fold=0 is the offset before the change and fold=1 the larger one after it (PEP 495).
    before, after = (zone.utcoffset(local.replace(fold=fold)) for fold in (0, 1))
    return before is None or after is None or before >= after


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Returns the first instants, in UTC, of a local day and of the next one. They are equal for a
    day that a zone skipped. The bounds of the first and last days of the calendar are limited to
    the years 1 to 9999. After a clock change from just past midnight into the evening before
    (Newfoundland until 2011), the repeated part of the evening belongs to the new day.
    """
    end = _start(day + DAY, zone) if day < date.max else datetime.max.replace(tzinfo=UTC)
    return _start(day, zone), end


def today(zone: ZoneInfo, now: datetime) -> date:
    """Returns the local date at an aware moment."""
    return local_time(now, zone).date()


def _start(day: date, zone: ZoneInfo) -> datetime:
    """Returns the first instant of a local day, or of the next one that exists."""
    midnight = datetime.combine(day, time.min)
    start = instant_of(midnight, zone)
    if exists(midnight, zone):
        return start
    # The gap may start before midnight. It is at most a day long, and `start` is in it or after it.
    first = start - DAY
    seconds = bisect_left(
        range(86_400), day, key=lambda passed: today(zone, first + timedelta(seconds=passed))
    )
    return first + timedelta(seconds=seconds)


def _nearest_end(moment: datetime) -> datetime:
    """Returns the end of the calendar near a moment: naive datetime.min or datetime.max."""
    return datetime.min if moment.year < 5000 else datetime.max  # noqa: DTZ901 - naive, as stated
