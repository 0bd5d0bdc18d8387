"""Dates as people write them in Todoist: 2026-12-24, 24 Dec 17:00, every 2 weeks, every! monday."""

import datetime
import re
from typing import Any
from zoneinfo import ZoneInfo

from tasks.formats.entries import shown, utc_text
from tasks.recurrence import next_occurrence
from tasks.time_zones import exists, instant_of, zone_named

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UNITS = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}

TIME = re.compile(
    r"(?:^|\s+|(?<=\d)t)(?:at\s+|@\s*)?"
    r"(?:(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s?([ap]m)?|(\d{1,2})\s?([ap]m))$",
    re.ASCII,
)
ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.?\s+([a-z]{3,9})\.?,?(?:\s+(\d{4}))?", re.ASCII)
MONTH_DAY = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?(?:\s+(\d{4}))?", re.ASCII)
EVERY = re.compile(r"(?:every|ev)(!?)\s+(.+)")
INTERVAL = re.compile(r"(?:(\d{1,3}|other)\s+)?(day|week|month|year)s?", re.ASCII)
ONE_WORD = {
    "daily": "every day", "weekly": "every week", "monthly": "every month", "yearly": "every year",
    "quarterly": "every quarter",
}  # fmt: skip
MONTH_DAY_NUMBER = re.compile("(0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)")
MONTH_WEEKDAY = re.compile("(?:([1-5])(?:st|nd|rd|th)|last) ([a-z]+)")


def read(text: str, zone: ZoneInfo, today: datetime.date | None = None) -> dict[str, Any]:
    """Returns `due_date`, or `due_at` and `time_zone`, and for "every …" also `repeat`.

    A date without a year, and the first date of a repetition, is the next one from `today`, by
    default the current day in the zone. Raises ValueError if the text is not understood, and for a
    local time that the zone skips.
    """
    today = today or datetime.datetime.now(zone).date()
    words = " ".join(text.lower().split()) if len(text) <= 100 else ""
    try:
        return _read(words, zone, today)
    except LookupError as exc:
        raise ValueError(f"DATE: not understood: {shown(text)}") from exc


def _read(words: str, zone: ZoneInfo, today: datetime.date) -> dict[str, Any]:
    """Raises LookupError if the words are not understood."""
    if aware := _aware(words):
        return {"due_at": utc_text(aware), "time_zone": zone.key}
    time, fields = None, {}
    if found := TIME.search(words):
        time = _time(found)
        words = words[: found.start()]
    words = ONE_WORD.get(words, words)
    if every := EVERY.fullmatch(words):
        rule, day = _rule(every[2], today)
        fields["repeat"] = {"rule": rule, "from": "completion" if every[1] else "due"}
    else:
        day = _day(words, today)
    if not time:
        return {"due_date": day.isoformat(), **fields}
    local = datetime.datetime.combine(day, time)
    if not exists(local, zone):
        raise ValueError(f"DATE: {local:%H:%M} on {day} does not exist in {zone.key}")
    return {"due_at": utc_text(instant_of(local, zone)), "time_zone": zone.key, **fields}


def _aware(words: str) -> datetime.datetime | None:
    """Returns the time of an ISO text with an offset."""
    try:
        moment = datetime.datetime.fromisoformat(words.upper())
        return moment.astimezone(datetime.UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _time(found: re.Match[str]) -> datetime.time:
    hour, minute = int(found[1] or found[5]), int(found[2] or 0)
    if half := found[4] or found[6]:
        if not 1 <= hour <= 12:
            raise LookupError
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        return datetime.time(hour, minute, int(found[3] or 0))
    except ValueError as exc:
        raise LookupError from exc


def _day(words: str, today: datetime.date) -> datetime.date:
    if found := ISO_DATE.fullmatch(words):
        year, month, day = found[1], int(found[2]), found[3]
    elif found := DAY_MONTH.fullmatch(words):
        day, month, year = found[1], _index(MONTHS, found[2]) + 1, found[3]
    elif found := MONTH_DAY.fullmatch(words):
        month, day, year = _index(MONTHS, found[1]) + 1, found[2], found[3]
    else:
        raise LookupError
    # Eight years contain a 29 February, also around 2100.
    for candidate in [int(year)] if year else range(today.year, today.year + 9):
        try:
            date = datetime.date(candidate, month, int(day))
        except ValueError:
            continue
        if year or date >= today:
            return date
    raise LookupError


def _rule(words: str, today: datetime.date) -> tuple[str, datetime.date]:
    """Returns the rule of what follows "every", and its first day from `today`."""
    if found := INTERVAL.fullmatch(words.replace("quarter", "3 months")):
        interval = 2 if found[1] == "other" else int(found[1] or 1)
        if not interval:
            raise LookupError
        return f"FREQ={UNITS[found[2]]}" + (f";INTERVAL={interval}" if interval > 1 else ""), today
    if rule := _monthly(words):
        yesterday = datetime.datetime.combine(today - datetime.timedelta(days=1), datetime.time.min)
        if found_day := next_occurrence(rule, yesterday, yesterday, zone_named("UTC")):
            return rule, found_day[0].date()
    if words in ("weekday", "workday"):
        days = [0, 1, 2, 3, 4]
    else:
        days = sorted({_index(WEEKDAYS, name) for name in re.split(r",\s*and |, *| and ", words)})
    names = ",".join(WEEKDAYS[day][:2].upper() for day in days)
    first = min((day - today.weekday()) % 7 for day in days)
    return f"FREQ=WEEKLY;BYDAY={names}", today + datetime.timedelta(days=first)


def _monthly(words: str) -> str:
    """Returns the rule of days of each month, such as "15th" or "last friday"; "" if it is none."""
    if words == "last day":
        return "FREQ=MONTHLY;BYMONTHDAY=-1"
    if found := MONTH_DAY_NUMBER.fullmatch(words):
        return f"FREQ=MONTHLY;BYMONTHDAY={found[1]}"
    if found := MONTH_WEEKDAY.fullmatch(words):
        weekday = WEEKDAYS[_index(WEEKDAYS, found[2])][:2].upper()
        return f"FREQ=MONTHLY;BYDAY={found[1] or -1}{weekday}"
    return ""


def _index(names: tuple[str, ...], word: str) -> int:
    """Returns the position of the name that begins with the word, of at least three letters."""
    for number, name in enumerate(names):
        if len(word) >= 3 and name.startswith(word):
            return number
    raise LookupError
