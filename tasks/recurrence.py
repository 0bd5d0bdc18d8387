"""The occurrences of repeat rules. Local times here are naive."""

from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from zoneinfo import ZoneInfo

from tasks.rule_days import matching_days
from tasks.rule_parts import checked_parts, parts_of, text_of
from tasks.time_zones import local_time

# How many occurrences one search counts, which took 3 ms when it was measured: 8 years of days.
MOST_OCCURRENCES = 3_000
# From here, the next February 29 on each weekday is at most 28 years away.
ANY_START = date(2000, 3, 1)


def canonical_rule(text: str) -> str:
    """Returns a rule in upper case, with its parts in a fixed order and without "RRULE:" and
    WKST=MO. Raises ValueError with a sentence for the user when the rule is not accepted, or when
    no day matches it within the limits of a search, whatever INTERVAL is.
    """
    parts = checked_parts(text)
    every_period = {name: value for name, value in parts.items() if name != "INTERVAL"}
    if next(matching_days(every_period, ANY_START, ANY_START), None) is None:
        raise ValueError(
            "No day matches the repeat rule: BYMONTH, BYMONTHDAY, BYDAY and BYSETPOS must have a "
            "day in common at least every few years"
        )
    return text_of(parts)


def next_occurrence(
    rule: str, start: datetime, after: datetime, zone: ZoneInfo
) -> tuple[datetime, str] | None:
    """Returns the first occurrence later than `start` and `after`, and the rule to store with it,
    where COUNT is reduced by the occurrences before it. Returns None when the series has ended, or
    when nothing is found within the limits of a search.

    `rule` is canonical. `start` counts as the first occurrence, also when it does not match the
    rule (RFC 5545, section 3.3.10). The times are local to `zone`, which UNTIL in UTC needs.
    """
    parts = parts_of(rule)
    for passed, occurrence in _later(parts, start, after, zone):
        if "COUNT" in parts:
            parts["COUNT"] = str(int(parts["COUNT"]) - passed)
        return occurrence, text_of(parts)
    return None


def next_occurrences(
    rule: str, start: datetime, after: datetime, zone: ZoneInfo, number: int = 5
) -> list[datetime]:
    """Returns the occurrences later than `start` and `after`, at most `number` of them. The
    arguments are those of next_occurrence.
    """
    return [moment for _, moment in islice(_later(parts_of(rule), start, after, zone), number)]


def includes(rule: str, day: date) -> bool:
    """Returns whether the rule, counted from a day, matches that day."""
    days = matching_days(parts_of(rule), day, day)
    return next((each for each in days if each >= day), None) == day


def _later(
    parts: dict[str, str], start: datetime, after: datetime, zone: ZoneInfo
) -> Iterator[tuple[int, datetime]]:
    """Yields the occurrences later than `start` and `after`. With COUNT, the number of those before
    comes with each; without it, most of those before `after` are passed over and not counted.
    """
    until = _until(parts["UNTIL"], zone) if "UNTIL" in parts else datetime.max  # noqa: DTZ901 - local
    number = min(int(parts.get("COUNT", MOST_OCCURRENCES)), MOST_OCCURRENCES)
    searched_from = start if "COUNT" in parts else max(start, after)
    days = matching_days(parts, start.date(), searched_from.date())
    occurrences = (datetime.combine(day, start.time()) for day in days if day > start.date())
    for passed, occurrence in enumerate(islice(occurrences, number - 1), 1):
        if occurrence > until:
            return
        if occurrence > after:
            yield passed, occurrence


def _until(text: str, zone: ZoneInfo) -> datetime:
    """Returns the last local time that UNTIL allows. A date includes its whole day."""
    until = datetime.fromisoformat(text)
    if "T" not in text:
        return datetime.combine(until, time.max)
    return local_time(until, zone) if until.tzinfo else until
