"""The days that match a repeat rule, computed by dateutil at a bounded cost."""

from collections.abc import Iterator
from datetime import date

from dateutil import rrule

from tasks.rule_parts import largest_ordinal

# The days of a period, at most.
DAYS = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# The cost of a search, in days it looks at (see _steps). That took 2 to 6 ms when it was measured,
# of the 20 ms that no request may spend on a rule. With INTERVAL=1 it is 8 years of days, 29 years
# of weeks, 42 years of months or 49 years: leap days on one weekday are up to 40 years apart.
MOST_DAYS = 18_500


class OutOfSteps(Exception):
    """The search has looked at as many periods as it may."""


class CountedInterval(int):
    """An INTERVAL that counts the steps of dateutil, and raises OutOfSteps after the last one.

    While no day matches, dateutil's generator does not yield, and ends only in year 9999: neither
    `until` nor islice limits it. It adds or multiplies its documented `interval` once per period.
    """

    steps = 0

    def _counted(self) -> int:
        self.steps -= 1
        if self.steps < 0:
            raise OutOfSteps
        return int(self)

    def __radd__(self, other: int) -> int:
        return other + self._counted()

    def __mul__(self, other: int) -> int:
        return self._counted() * other

    __rmul__ = __mul__


def matching_days(parts: dict[str, str], start: date, searched_from: date) -> Iterator[date]:
    """Yields the days of a series that starts with `start`, but whole periods before
    `searched_from` are passed over, and days before `start` in its own period are not left out.
    Ends at MOST_DAYS and after year 9999. COUNT and UNTIL are ignored.
    """
    frequency = parts["FREQ"]
    numbers = {
        name: [int(number) for number in parts[name].split(",")]
        for name in ("BYMONTH", "BYMONTHDAY", "BYSETPOS")
        if name in parts
    }
    weekdays = _weekdays(parts)
    # Days that the rule leaves to `start`. dateutil would take them from `dtstart`, a later period.
    if not weekdays and "BYMONTHDAY" not in numbers:
        if frequency == "WEEKLY":
            weekdays = [rrule.weekday(start.weekday())]
        if frequency == "YEARLY":
            numbers.setdefault("BYMONTH", [start.month])
        if frequency in ("MONTHLY", "YEARLY"):
            numbers["BYMONTHDAY"] = [start.day]
    interval = CountedInterval(parts.get("INTERVAL", 1))
    positions = numbers.get("BYSETPOS", [])
    interval.steps = _steps(frequency, int(interval), len(positions), len(weekdays))
    first, last = _period_of(start, frequency), _period_of(searched_from, frequency)
    try:
        for moment in rrule.rrule(
            getattr(rrule, frequency),
            dtstart=_first_day(last - (last - first) % int(interval), frequency),
            interval=interval,
            wkst=rrule.MO,
            bymonth=numbers.get("BYMONTH"),
            bymonthday=numbers.get("BYMONTHDAY"),
            byweekday=weekdays or None,
            bysetpos=positions or None,
        ):
            yield moment.date()
    except (OutOfSteps, ValueError):  # ValueError: a week that ends after year 9999
        return


def _weekdays(parts: dict[str, str]) -> list[rrule.weekday]:
    """Returns the weekdays of BYDAY. Next to numbered ones, such as -1FR, a plain MO becomes 1MO,
    2MO and so on: dateutil would look for days that are both, instead of either.
    """
    items = [item for item in parts.get("BYDAY", "").split(",") if item]
    has_ordinals = any(len(item) > 2 for item in items)
    weekdays = []
    for item in items:
        weekday = WEEKDAYS.index(item[-2:])
        if not has_ordinals:
            weekdays.append(rrule.weekday(weekday))
        elif len(item) > 2:
            weekdays.append(rrule.weekday(weekday, int(item[:-2])))
        else:
            every = range(1, largest_ordinal(parts) + 1)
            weekdays += [rrule.weekday(weekday, number) for number in every]
    return weekdays


def _period_of(day: date, frequency: str) -> int:
    """Returns the number of the day, week from Monday, month or year that contains a day."""
    if frequency == "YEARLY":
        return day.year
    if frequency == "MONTHLY":
        return day.year * 12 + day.month - 1
    return (day.toordinal() - 1) // DAYS[frequency]  # 0001-01-01 is a Monday


def _first_day(period: int, frequency: str) -> date:
    """Returns the first day of a period: the inverse of _period_of."""
    if frequency == "YEARLY":
        return date(period, 1, 1)
    if frequency == "MONTHLY":
        return date(period // 12, period % 12 + 1, 1)
    return date.fromordinal(period * DAYS[frequency] + 1)


def _steps(frequency: str, interval: int, positions: int, weekdays: int) -> int:
    """Returns how many periods a search may look at. For each, dateutil builds masks, at the cost
    of 5 days, and more of numbered weekdays; then it looks at every day, and at all of them again
    for every position. Between days or weeks it walks over the months: 25 skipped days cost the
    same as one it looks at.
    """
    days = DAYS[frequency]
    skipped = 0 if days > 7 else interval * days
    numbered = max(0, weekdays - 7)
    return MOST_DAYS // (5 + days + numbered + skipped // 25 + positions * (3 + days // 12))
