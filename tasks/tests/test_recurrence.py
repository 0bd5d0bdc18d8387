"""Repeat rules: RFC 5545's examples, refused rules, random rules, and their cost."""

# ruff: noqa: DTZ001, DTZ901 - local times are naive

import time
from calendar import isleap, monthrange
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.recurrence import (
    MOST_OCCURRENCES,
    canonical_rule,
    next_occurrence,
    next_occurrences,
)
from tasks.rule_days import CountedInterval, OutOfSteps
from tasks.rule_parts import parts_of
from tasks.time_zones import local_time, zone_named

NEW_YORK, UTC_ZONE = zone_named("America/New_York"), zone_named("UTC")
DAY = timedelta(days=1)
FREQUENCIES = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def days(text: str) -> list[datetime]:
    """Returns the dates of a text such as "1997-09 2 16; 1997-10 7-9", at nine o'clock."""
    found = []
    for group in text.split(";"):
        month, *numbers = group.split()
        for number in numbers:
            first, _, last = number.partition("-")
            found += [
                datetime.fromisoformat(f"{month}-{day:02} 09:00")
                for day in range(int(first), int(last or first) + 1)
            ]
    return found


def walk(rule: str, start: datetime) -> Iterator[datetime]:
    """Yields the due times of tasks that are all completed in time."""
    found: tuple[datetime, str] | None = (start, rule)
    while found:
        start, rule = found
        yield start
        found = next_occurrence(rule, start, start, NEW_YORK)


# RFC 5545, section 3.8.5.3, all that are made of accepted parts. The first date is DTSTART.
ENDING = [
    ("FREQ=DAILY;COUNT=10", "1997-09 2-11"),
    ("FREQ=DAILY;UNTIL=19971224T000000Z", "1997-09 2-30; 1997-10 1-31; 1997-11 1-30; 1997-12 1-23"),
    ("FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09 2 12 22; 1997-10 2 12"),
    (
        "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
        "1998-01 1-31; 1999-01 1-31; 2000-01 1-31",
    ),
    (
        "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1",
        "1998-01 1-31; 1999-01 1-31; 2000-01 1-31",
    ),
    ("FREQ=WEEKLY;COUNT=10", "1997-09 2 9 16 23 30; 1997-10 7 14 21 28; 1997-11 4"),
    (
        "FREQ=WEEKLY;UNTIL=19971224T000000Z",
        "1997-09 2 9 16 23 30; 1997-10 7 14 21 28; 1997-11 4 11 18 25; 1997-12 2 9 16 23",
    ),
    (
        "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
        "1997-09 5; 1997-10 3; 1997-11 7; 1997-12 5; 1998-01 2; 1998-02 6; 1998-03 6; 1998-04 3; "
        "1998-05 1; 1998-06 5",
    ),
    (
        "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
        "1997-09 5; 1997-10 3; 1997-11 7; 1997-12 5",
    ),
    (
        "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
        "1997-09 7 28; 1997-11 2 30; 1998-01 4 25; 1998-03 1 29; 1998-05 3 31",
    ),
    (
        "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
        "1997-09 22; 1997-10 20; 1997-11 17; 1997-12 22; 1998-01 19; 1998-02 16",
    ),
    (
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
        "1997-09 2 15; 1997-10 2 15; 1997-11 2 15; 1997-12 2 15; 1998-01 2 15",
    ),
    (
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
        "1997-09 30; 1997-10 1 31; 1997-11 1 30; 1997-12 1 31; 1998-01 1 31; 1998-02 1",
    ),
    (
        "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
        "1997-09 10-15; 1999-03 10-13",
    ),
    (
        "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
        "1997-06 10; 1997-07 10; 1998-06 10; 1998-07 10; 1999-06 10; 1999-07 10; 2000-06 10; "
        "2000-07 10; 2001-06 10; 2001-07 10",
    ),
    (
        "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
        "1997-03 10; 1999-01 10; 1999-02 10; 1999-03 10; 2001-01 10; 2001-02 10; 2001-03 10; "
        "2003-01 10; 2003-02 10; 2003-03 10",
    ),
    ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09 4; 1997-10 7; 1997-11 6"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08 5 10 19 24"),
    ("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01 15 30; 2007-02 15; 2007-03 15 30"),
]
ENDLESS = [
    ("FREQ=DAILY;INTERVAL=2", "1997-09 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30; 1997-10 2 4 6"),
    (
        "FREQ=MONTHLY;BYMONTHDAY=-3",
        "1997-09 28; 1997-10 29; 1997-11 28; 1997-12 29; 1998-01 29; 1998-02 26",
    ),
    (
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
        "1997-09 2 9 16 23 30; 1997-11 4 11 18 25; 1998-01 6 13 20 27; 1998-03 3 10 17 24 31",
    ),
    ("FREQ=YEARLY;BYDAY=20MO", "1997-05 19; 1998-05 18; 1999-05 17"),
    (
        "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
        "1997-03 13 20 27; 1998-03 5 12 19 26; 1999-03 4 11 18 25",
    ),
    (
        "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
        "1997-06 5 12 19 26; 1997-07 3 10 17 24 31; 1997-08 7 14 21 28; "
        "1998-06 4 11 18 25; 1998-07 2 9 16 23 30; 1998-08 6 13 20 27; "
        "1999-06 3 10 17 24; 1999-07 1 8 15 22 29; 1999-08 5 12 19 26",
    ),
    # Friday the 13th. DTSTART, which the RFC excludes, does not match.
    (
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "1997-09 2; 1998-02 13; 1998-03 13; 1998-11 13; 1999-08 13; 2000-10 13",
    ),
    # The first Saturday that follows the first Sunday of the month.
    (
        "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        "1997-09 13; 1997-10 11; 1997-11 8; 1997-12 13; 1998-01 10; 1998-02 7; 1998-03 7; "
        "1998-04 11; 1998-05 9; 1998-06 13",
    ),
    # The day of presidential elections in the United States.
    (
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        "1996-11 5; 2000-11 7; 2004-11 2",
    ),
    (
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        "1997-09 29; 1997-10 30; 1997-11 27; 1997-12 30; 1998-01 29; 1998-02 26; 1998-03 30",
    ),
    # Not in the RFC's list.
    ("FREQ=MONTHLY;BYDAY=-1FR", "2026-01 30; 2026-02 27; 2026-03 27; 2026-04 24; 2026-05 29"),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01 30; 2026-02 27; 2026-03 31"),
    ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "2026-01 1 2 5 6 7 8 9 12"),
    ("FREQ=YEARLY", "2024-02 29; 2028-02 29; 2032-02 29"),
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", "2023-02 28; 2024-02 29; 2025-02 28"),
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "2072-02 29; 2112-02 29"),
    ("FREQ=YEARLY;BYDAY=53MO", "2024-12 30; 2029-12 31; 2035-12 31"),
    ("FREQ=MONTHLY", "2026-01 31; 2026-03 31; 2026-05 31"),
    ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=3;BYMONTHDAY=15", "2026-03 15; 2027-03 15"),
    # dateutil alone would look for a first Friday that is a Monday.
    ("FREQ=MONTHLY;BYDAY=MO,1FR", "2026-01 2 5 12 19 26; 2026-02 2 6 9 16 23"),
    ("FREQ=YEARLY;BYMONTH=1;BYDAY=-1SU,FR", "2026-01 2 9 16 23 25 30; 2027-01 1"),
    # The set of BYSETPOS is the whole week, also in the first one.
    ("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2", "2026-01 2 7 14 21"),
]


@pytest.mark.parametrize(("rule", "expected"), ENDING)
def test_series_with_an_end(rule: str, expected: str) -> None:
    rule, [start, *later] = canonical_rule(rule), days(expected)

    assert next_occurrences(rule, start, start, NEW_YORK, number=1000) == later
    assert list(walk(rule, start)) == [start, *later]


@pytest.mark.parametrize(("rule", "expected"), ENDLESS)
def test_series_without_an_end(rule: str, expected: str) -> None:
    rule, [start, *later] = canonical_rule(rule), days(expected)

    assert next_occurrences(rule, start, start, NEW_YORK, len(later)) == later
    assert list(islice(walk(rule, start), len(later) + 1)) == [start, *later]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("FREQ=DAILY", "FREQ=DAILY"),
        ("rrule:freq=weekly;byday=mo,we", "FREQ=WEEKLY;BYDAY=MO,WE"),
        ("BYDAY=+1MO,-01FR;FREQ=MONTHLY;INTERVAL=02", "FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO,-1FR"),
        ("FREQ=WEEKLY;WKST=MO;BYDAY=TU,MO,TU", "FREQ=WEEKLY;BYDAY=TU,MO"),
        ("COUNT=010;FREQ=DAILY;INTERVAL=100", "FREQ=DAILY;INTERVAL=100;COUNT=10"),
        (
            "UNTIL=20261231t235959z;BYSETPOS=-1;BYDAY=FR;BYMONTHDAY=13,-31;BYMONTH=10;FREQ=YEARLY",
            "FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=13,-31;BYDAY=FR;BYSETPOS=-1;UNTIL=20261231T235959Z",
        ),
        ("FREQ=DAILY;UNTIL=00010101", "FREQ=DAILY;UNTIL=00010101"),
        ("FREQ=YEARLY;BYDAY=-53SU,53MO", "FREQ=YEARLY;BYDAY=-53SU,53MO"),
        ("FREQ=YEARLY;BYMONTH=1,2;BYSETPOS=2,366", "FREQ=YEARLY;BYMONTH=1,2;BYSETPOS=2,366"),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29",) * 2,
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=5;BYMONTHDAY=31",) * 2,
        ("FREQ=DAILY;INTERVAL=999;COUNT=9999",) * 2,
    ],
)
def test_accepted_rules_are_canonical(text: str, rule: str) -> None:
    assert canonical_rule(text) == rule
    assert canonical_rule(rule) == rule


NO_DAY, BYDAY_WITH = (
    "No day matches the repeat rule",
    r"Numbers in BYDAY, such as -1FR, are accepted",
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1 to 255 characters"),
        ("FREQ=DAILY" + ";" * 246, "1 to 255 characters"),
        ("FREQ=DAİLY", "all of them ASCII"),
        ("FREQ=DAILY;BYMONTH=\u0661", "all of them ASCII"),
        ("FREQ=DAILY;", "'' is not accepted in a repeat rule"),
        ("FREQ=DAILY\n", "FREQ of a repeat rule must be DAILY, WEEKLY, MONTHLY or YEARLY"),
        (" FREQ=DAILY", "' FREQ' is not accepted"),
        ("RRULE:RRULE:FREQ=DAILY", "'RRULE:FREQ' is not accepted"),
        ("every day", "'EVERY DAY' is not accepted"),
        ("FREQ=DAILY;BYHOUR=9", "'BYHOUR' is not accepted in a repeat rule, which must consist of"),
        ("FREQ=YEARLY;BYYEARDAY=1", "'BYYEARDAY' is not accepted"),
        ("FREQ=YEARLY;BYWEEKNO=1", "'BYWEEKNO' is not accepted"),
        ("FREQ=YEARLY;BYEASTER=1", "'BYEASTER' is not accepted"),
        ("FREQ=YEARLY;" + "X" * 200, "'XXXXXXXXXXXXXXXXXXXX' is not accepted"),
        ("INTERVAL=2", "must have FREQ"),
        ("FREQ=HOURLY", "FREQ of a repeat rule must be DAILY"),
        ("FREQ=", "FREQ of a repeat rule must be DAILY"),
        ("FREQ", "FREQ of a repeat rule must be DAILY"),
        ("FREQ=DAILY=DAILY", "FREQ of a repeat rule must be DAILY"),
        ("FREQ=DAILY,WEEKLY", "FREQ of a repeat rule must be DAILY"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ must not occur twice"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL of a repeat rule must be a number from 1 to 999"),
        ("FREQ=DAILY;INTERVAL=1000", "INTERVAL of a repeat rule must be a number from 1 to 999"),
        ("FREQ=DAILY;INTERVAL=+1", "INTERVAL of a repeat rule"),
        ("FREQ=DAILY;INTERVAL=1,2", "INTERVAL of a repeat rule"),
        ("FREQ=DAILY;INTERVAL=1.5", "INTERVAL of a repeat rule"),
        ("FREQ=DAILY;COUNT=0", "COUNT of a repeat rule must be a number from 1 to 9999"),
        ("FREQ=DAILY;COUNT=10000", "COUNT of a repeat rule must be a number from 1 to 9999"),
        ("FREQ=DAILY;BYMONTH=0", "BYMONTH of a repeat rule must be months from 1 to 12"),
        ("FREQ=DAILY;BYMONTH=13", "BYMONTH of a repeat rule"),
        ("FREQ=DAILY;BYMONTH=-1", "BYMONTH of a repeat rule"),
        ("FREQ=DAILY;BYMONTH=1,", "BYMONTH of a repeat rule"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY of a repeat rule must be days from 1 to 31"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY of a repeat rule"),
        ("FREQ=MONTHLY;BYMONTHDAY=-32", "BYMONTHDAY of a repeat rule"),
        ("FREQ=WEEKLY;BYDAY=MONDAY", "BYDAY of a repeat rule must be weekdays such as MO"),
        ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY of a repeat rule"),
        ("FREQ=YEARLY;BYDAY=54MO", "BYDAY of a repeat rule"),
        ("FREQ=MONTHLY;BYDAY=1", "BYDAY of a repeat rule"),
        ("FREQ=MONTHLY;BYDAY=6MO", "must be from 1 to 5 or from -1 to -5 here.* of a month"),
        ("FREQ=MONTHLY;BYDAY=-6MO", "must be from 1 to 5 or from -1 to -5 here"),
        ("FREQ=YEARLY;BYMONTH=12;BYDAY=53MO", "must be from 1 to 5 or from -1 to -5 here"),
        ("FREQ=DAILY;BYDAY=1MO", BYDAY_WITH),
        ("FREQ=WEEKLY;BYDAY=MO,-1FR", BYDAY_WITH),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY is accepted with .* not with FREQ=WEEKLY"),
        ("FREQ=YEARLY;BYDAY=MO;BYSETPOS=0", "BYSETPOS of a repeat rule must be positions"),
        ("FREQ=YEARLY;BYDAY=MO;BYSETPOS=367", "BYSETPOS of a repeat rule must be positions"),
        ("FREQ=YEARLY;BYSETPOS=1", "BYSETPOS is accepted only together with"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20261231", "must not have COUNT and UNTIL both"),
        ("FREQ=DAILY;UNTIL=20260231", "UNTIL of a repeat rule must be a date such as 20261231"),
        ("FREQ=DAILY;UNTIL=00000101", "UNTIL of a repeat rule"),
        ("FREQ=DAILY;UNTIL=2026-12-31", "UNTIL of a repeat rule"),
        ("FREQ=DAILY;UNTIL=20261231T240000Z", "UNTIL of a repeat rule"),
        ("FREQ=DAILY;UNTIL=20261231T235960Z", "UNTIL of a repeat rule"),
        ("FREQ=DAILY;UNTIL=20261231T1200", "UNTIL of a repeat rule"),
        ("FREQ=DAILY;UNTIL=20261231Z", "UNTIL of a repeat rule"),
        ("FREQ=DAILY;UNTIL=20261231T235959+0100", "UNTIL of a repeat rule"),
        ("FREQ=WEEKLY;WKST=SU", "WKST of a repeat rule must be MO"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", NO_DAY),
        ("FREQ=MONTHLY;BYMONTH=2,4;BYMONTHDAY=31", NO_DAY),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30,-30", NO_DAY),
        ("FREQ=YEARLY;INTERVAL=100;BYMONTH=2;BYMONTHDAY=30;COUNT=2", NO_DAY),
        ("FREQ=YEARLY;BYMONTHDAY=1;BYMONTH=1;BYDAY=2MO", NO_DAY),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", NO_DAY),
        ("FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=-3", NO_DAY),
        ("FREQ=DAILY;BYMONTH=1;BYSETPOS=2", NO_DAY),
    ],
)
def test_other_rules_are_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        canonical_rule(text)


@settings(deadline=None, max_examples=50)
@given(st.text() | st.text("FREQ=DAILYINTVBMOH;,-0123456789"))
def test_any_text_is_accepted_or_refused_with_value_error(text: str) -> None:
    for sent in (text, f"FREQ=MONTHLY;{text}", f"FREQ=YEARLY;BYDAY={text}"):
        try:
            rule = canonical_rule(sent)
        except ValueError:
            continue
        assert canonical_rule(rule) == rule


# Counting and ends


def test_skipped_occurrences_are_counted() -> None:
    start = datetime(2026, 1, 5, 9)
    rule = "FREQ=WEEKLY;BYDAY=MO,FR;COUNT=6"

    def after(day: int, hour: int = 0) -> tuple[datetime, str] | None:
        return next_occurrence(rule, start, datetime(2026, 1, day, hour), UTC_ZONE)

    assert after(1) == (datetime(2026, 1, 9, 9), "FREQ=WEEKLY;BYDAY=MO,FR;COUNT=5")
    assert after(9, 8) == (datetime(2026, 1, 9, 9), "FREQ=WEEKLY;BYDAY=MO,FR;COUNT=5")
    assert after(9, 9) == (datetime(2026, 1, 12, 9), "FREQ=WEEKLY;BYDAY=MO,FR;COUNT=4")
    assert after(20) == (datetime(2026, 1, 23, 9), "FREQ=WEEKLY;BYDAY=MO,FR;COUNT=1")
    assert after(23, 9) is None
    assert next_occurrences(rule, start, datetime(2026, 1, 20), UTC_ZONE) == [
        datetime(2026, 1, 23, 9)
    ]


def test_the_start_is_counted_although_it_does_not_match() -> None:
    tuesday = datetime(2026, 1, 6, 9)

    assert list(walk("FREQ=WEEKLY;BYDAY=MO;COUNT=2", tuesday)) == days("2026-01 6 12")
    assert next_occurrence("FREQ=DAILY;COUNT=1", tuesday, tuesday, UTC_ZONE) is None


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20260307", "2026-03 7"),
        ("20260307T090000", "2026-03 7"),
        ("20260307T085959", "2026-03 6"),
        # New York is five hours behind, and four from March 8 on.
        ("20260307T140000Z", "2026-03 7"),
        ("20260307T135959Z", "2026-03 6"),
        ("20260308T130000Z", "2026-03 8"),
        ("20260308T125959Z", "2026-03 7"),
    ],
)
def test_until_is_inclusive_and_utc_is_compared_in_local_time(until: str, last: str) -> None:
    start = datetime(2026, 3, 1, 9)
    rule = canonical_rule(f"FREQ=DAILY;UNTIL={until}")

    assert list(walk(rule, start))[-1:] == days(last)
    assert next_occurrence(rule, start, datetime(2030, 1, 1), NEW_YORK) is None


def test_occurrences_keep_the_time_of_the_start() -> None:
    start = datetime(2026, 1, 31, 23, 59, 59, 999_999)

    found = next_occurrence(
        "FREQ=DAILY", start, start + timedelta(days=1, microseconds=-1), NEW_YORK
    )

    assert found == (start + DAY, "FREQ=DAILY")


@pytest.mark.parametrize(
    "rule", ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,SU", "FREQ=MONTHLY", "FREQ=YEARLY;INTERVAL=999"]
)
def test_series_end_with_the_calendar(rule: str) -> None:
    assert next_occurrence(rule, datetime.max, datetime.max, UTC_ZONE) is None
    assert len(next_occurrences(rule, datetime(9999, 12, 28), datetime.min, NEW_YORK)) <= 3
    assert len(next_occurrences(rule, datetime.min, datetime.min, NEW_YORK)) == 5


def test_a_rule_that_never_meets_its_start_has_no_occurrence() -> None:
    rule = canonical_rule("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29")
    start = datetime(2026, 3, 1, 9)

    assert next_occurrence(rule, start, start, UTC_ZONE) is None
    assert next_occurrences(rule, start, start, UTC_ZONE) == []


# Random rules


def numbers(most: int, *, signed: bool = True) -> st.SearchStrategy[str]:
    positive = st.integers(1, most)
    number = positive | positive.map(int.__neg__) if signed else positive
    return st.lists(number, min_size=1, max_size=4).map(lambda items: ",".join(map(str, items)))


@st.composite
def rules(draw: st.DrawFn, *, ends: bool = True, most_interval: int = 5) -> str:
    frequency = draw(st.sampled_from(FREQUENCIES))
    most = {"MONTHLY": 5, "YEARLY": 53}.get(frequency, 0)
    ordinals = [str(n) for n in range(-most, most + 1) if n] if most else [""]
    weekday = st.builds(
        str.__add__,
        st.sampled_from(["", *ordinals]),
        st.sampled_from(WEEKDAYS),
    )
    optional = {
        "INTERVAL": st.integers(1, most_interval).map(str),
        "BYMONTH": numbers(12, signed=False),
        "BYMONTHDAY": numbers(31),
        "BYDAY": st.lists(weekday, min_size=1, max_size=7).map(",".join),
        "BYSETPOS": numbers(6) | numbers(366),
    }
    if frequency == "WEEKLY":
        del optional["BYMONTHDAY"]
    parts = draw(st.fixed_dictionaries({"FREQ": st.just(frequency)}, optional=optional))
    end = draw(st.sampled_from(["", "COUNT", "UNTIL"] if ends else [""]))
    if end == "COUNT":
        parts["COUNT"] = str(draw(st.integers(1, 40)))
    if end == "UNTIL":
        parts["UNTIL"] = f"{draw(st.dates(date(2020, 1, 1), date(2029, 1, 1))):%Y%m%dT120000Z}"
    return ";".join(f"{name}={value}" for name, value in parts.items())


def accepted(text: str) -> bool:
    try:
        canonical_rule(text)
    except ValueError:
        return False
    return True


STARTS = st.datetimes(datetime(2016, 1, 1), datetime(2026, 1, 1))
GAPS = st.timedeltas(timedelta(days=-30), timedelta(days=1000))


def by_counting_days(rule: str, start: datetime, last: date) -> list[datetime]:
    """Returns the occurrences later than `start` until `last`, by RFC 5545's table for BY parts,
    without dateutil, COUNT and UNTIL.
    """
    parts: dict[str, Any] = parts_of(rule)
    frequency = parts["FREQ"]
    period_of: Callable[[date], int] = {
        "DAILY": lambda day: day.toordinal(),
        "WEEKLY": lambda day: (day - day.weekday() * DAY).toordinal() // 7,
        "MONTHLY": lambda day: day.year * 12 + day.month,
        "YEARLY": lambda day: day.year,
    }[frequency]
    lists = {name: parts[name].split(",") for name in parts if name.startswith("BY")}
    if not {"BYDAY", "BYMONTHDAY"} & lists.keys():
        if frequency == "WEEKLY":
            lists["BYDAY"] = [WEEKDAYS[start.weekday()]]
        if frequency in ("MONTHLY", "YEARLY"):
            lists["BYMONTHDAY"] = [str(start.day)]
        if frequency == "YEARLY":
            lists.setdefault("BYMONTH", [str(start.month)])

    def matches(day: date) -> bool:
        length = monthrange(day.year, day.month)[1]
        number, total = day.day, length
        if frequency == "YEARLY" and "BYMONTH" not in lists:
            number, total = day.timetuple().tm_yday, 365 + isleap(day.year)
        name = WEEKDAYS[day.weekday()]
        accepted_as = {
            "BYMONTH": {str(day.month)},
            "BYMONTHDAY": {str(day.day), str(day.day - length - 1)},
            "BYDAY": {name, f"{(number + 6) // 7}{name}", f"-{(total - number + 7) // 7}{name}"},
        }
        return all(accepted_as[part] & {*lists[part]} for part in accepted_as if part in lists)

    first, interval = period_of(start.date()), int(parts.get("INTERVAL", 1))
    periods: dict[int, list[date]] = defaultdict(list)
    day = start.date() - 366 * DAY
    while day < last + 366 * DAY:
        period = period_of(day)
        if period >= first and (period - first) % interval == 0 and matches(day):
            periods[period].append(day)
        day += DAY
    chosen = [day for period in periods.values() for day in period]
    if "BYSETPOS" in lists:
        positions = [int(position) for position in lists["BYSETPOS"]]
        chosen = [
            day
            for period in periods.values()
            for index, day in enumerate(period)
            if index + 1 in positions or index - len(period) in positions
        ]
    return [datetime.combine(day, start.time()) for day in chosen if start.date() < day <= last]


@settings(deadline=None)
@given(rules().filter(accepted), STARTS, GAPS)
def test_the_next_occurrences_are_those_found_by_counting_days(
    text: str, start: datetime, gap: timedelta
) -> None:
    rule, after = canonical_rule(text), start + gap
    parts = parts_of(rule)
    last = max(start, after).date() + 500 * DAY
    series = by_counting_days(rule, start, last)
    ended = False
    if "COUNT" in parts:
        count = int(parts["COUNT"])
        ended, series = len(series) >= count, series[: count - 1]
    if "UNTIL" in parts:
        until = local_time(datetime.fromisoformat(parts["UNTIL"]), NEW_YORK)
        ended, series = until.date() <= last, [moment for moment in series if moment <= until]
    later = [moment for moment in series if moment > after]

    found = next_occurrences(rule, start, after, NEW_YORK, number=100)
    following = next_occurrence(rule, start, after, NEW_YORK)

    assert [moment for moment in found if moment.date() <= last] == later[:100]
    assert ([following[0]] if following else []) == found[:1]
    if ended or later:
        assert bool(following) == bool(later)
    if following and "COUNT" in parts:
        passed = len([moment for moment in series if moment < following[0]]) + 1
        assert following[1] == rule.replace(f"COUNT={count}", f"COUNT={count - passed}")
    elif following:
        assert following[1] == rule


@settings(deadline=None)
@given(rules(ends=False).filter(accepted), STARTS, GAPS)
def test_the_next_occurrence_is_the_one_of_plain_dateutil(
    text: str, start: datetime, gap: timedelta
) -> None:
    rule, after = canonical_rule(text), max(start, start + gap)
    start, after = start.replace(microsecond=0), after.replace(microsecond=0)
    has_ordinals = any(character.isdigit() for character in parts_of(rule).get("BYDAY", ""))
    if "WEEKLY" in rule:  # dateutil applies BYSETPOS to what is left of the first week
        start -= start.weekday() * DAY
    found = next_occurrence(rule, start, after, UTC_ZONE)
    if found and not has_ordinals:
        plain = rrule.rrulestr(rule, dtstart=start)
        assert found == (next(moment for moment in plain if moment > after), rule)
        assert found[0] > after


@settings(deadline=None)
@given(rules(ends=False).filter(accepted), STARTS, st.integers(1, 30))
def test_completing_in_time_walks_through_the_series(
    text: str, start: datetime, count: int
) -> None:
    rule = canonical_rule(f"{text};COUNT={count}")
    series = [start, *next_occurrences(rule, start, start, NEW_YORK, number=count)]

    assert list(islice(walk(rule, start), count + 1))[: len(series)] == series
    assert len(series) <= count


# The cost

ALL_DAYS = ",".join(WEEKDAYS)
LAST_POSITIONS = ",".join(str(-number) for number in range(366, 330, -1))
COSTLY = [
    # Never, or hardly ever.
    *(f"FREQ={name};BYMONTH=2;BYMONTHDAY=30" for name in FREQUENCIES if name != "WEEKLY"),
    *(f"FREQ=DAILY;INTERVAL={n};BYMONTH=2;BYMONTHDAY=29;BYDAY=MO" for n in (1, 7, 20, 100, 999)),
    *(f"FREQ=WEEKLY;INTERVAL={n};BYDAY=MO;BYSETPOS=2" for n in (1, 7, 30, 100, 999)),
    "FREQ=YEARLY;INTERVAL=100;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=MONTHLY;INTERVAL=999;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
    "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,53SU;BYMONTHDAY=31;BYSETPOS=100",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,5SU;BYMONTHDAY=31;BYMONTH=2",
    # Long lists.
    *(f"FREQ={name};BYMONTH=1;BYDAY={ALL_DAYS};BYSETPOS={LAST_POSITIONS}" for name in FREQUENCIES),
    # Many occurrences to count.
    *(f"FREQ={name};BYDAY={ALL_DAYS};COUNT=9999" for name in FREQUENCIES),
    "FREQ=DAILY;COUNT=9999",
    "FREQ=YEARLY;COUNT=9999",
    "FREQ=DAILY",
]  # fmt: skip


# Alone, no search takes 20 ms (python -m bench.recurrence). Here, coverage counts the lines, and
# other tests share the processor.
MOST_MILLISECONDS = 200


def milliseconds(search: Callable[[], object]) -> float:
    """Returns the processor time of a search, the best of several."""
    best = 1e9
    for _ in range(5):
        started = time.thread_time()
        search()
        best = min(best, 1000 * (time.thread_time() - started))
        if best < MOST_MILLISECONDS:
            break
    return best


def assert_is_cheap(rule: str, start: datetime, after: datetime) -> None:
    assert milliseconds(lambda: accepted(rule)) < MOST_MILLISECONDS
    assert milliseconds(lambda: next_occurrence(rule, start, after, NEW_YORK)) < MOST_MILLISECONDS
    assert milliseconds(lambda: next_occurrences(rule, start, after, NEW_YORK)) < MOST_MILLISECONDS


@pytest.mark.parametrize("rule", COSTLY)
@pytest.mark.parametrize("start", [datetime(1970, 1, 31), datetime(2026, 3, 1), datetime.min])
def test_no_search_takes_long(rule: str, start: datetime) -> None:
    assert_is_cheap(rule, start, datetime(2026, 3, 1))


@settings(deadline=None)
@given(
    rules(most_interval=999).filter(accepted),
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
)
def test_no_random_rule_takes_long(text: str, start: datetime) -> None:
    assert_is_cheap(canonical_rule(text), start, datetime(2026, 3, 1))


@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_dateutil_takes_one_counted_step_per_period(frequency: str) -> None:
    """Fails when a dateutil no longer uses `interval` once per period: see CountedInterval."""
    interval, first = CountedInterval(2), datetime(2026, 1, 5)
    interval.steps = 3
    series = iter(rrule.rrule(getattr(rrule, frequency), first, interval=interval))

    found = list(islice(series, 4))

    assert found == list(rrule.rrule(getattr(rrule, frequency), first, interval=2, count=4))
    assert interval.steps == 0
    with pytest.raises(OutOfSteps):
        next(series)


@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_periods_long_ago_are_passed_over_by_whole_intervals(frequency: str) -> None:
    rule, start, after = f"FREQ={frequency};INTERVAL=3", datetime(1900, 1, 31), datetime(2026, 2, 1)
    plain = rrule.rrulestr(rule, dtstart=start)

    found = next_occurrence(rule, start, after, UTC_ZONE)

    assert found == (plain.after(after), rule)


def test_only_so_many_occurrences_are_counted() -> None:
    start = datetime(2026, 1, 1)
    rule = f"FREQ=YEARLY;BYDAY={ALL_DAYS};COUNT=9999"

    found = next_occurrences(rule, start, start, UTC_ZONE, number=9999)

    assert len(found) == MOST_OCCURRENCES - 1
    assert next_occurrence(rule, start, found[-1], UTC_ZONE) is None
