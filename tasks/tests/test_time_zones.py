"""Local days and times, in every zone and around every change of a clock."""

# ruff: noqa: DTZ001, DTZ901 - local times are naive

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.time_zones import (
    NAMES,
    day_bounds,
    exists,
    instant_of,
    local_time,
    today,
    zone_named,
)

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
ZONES = st.sampled_from(sorted(NAMES)).map(zone_named)
DATES = st.dates(date(1950, 1, 1), date(2100, 1, 1))
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return local_time(moment, zone) - moment.replace(tzinfo=None)


def transitions(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """Yields the first instants of every new UTC offset, if a week has at most one."""
    while first < last:
        before, after = first, first + 7 * DAY
        first = after
        if offset(zone, before) != offset(zone, after):
            while after - before > SECOND:
                middle = before + (after - before) // SECOND // 2 * SECOND
                same = offset(zone, middle) == offset(zone, before)
                before, after = (middle, after) if same else (before, middle)
            yield after


def assert_contains_exactly_its_instants(zone: ZoneInfo, day: date, *others: datetime) -> None:
    start, end = day_bounds(day, zone)
    assert start <= end
    assert (start, end) == (day_bounds(day - DAY, zone)[1], day_bounds(day + DAY, zone)[0])
    middle = start + (end - start) / 2
    for moment in (start - SECOND, start, middle, end - SECOND, end, *others):
        assert (start <= moment < end) == (today(zone, moment) == day), (zone, day, moment)


def assert_round_trip(zone: ZoneInfo, moment: datetime) -> None:
    local = local_time(moment, zone)
    assert exists(local, zone)
    # In the second pass of a repeated hour, the same local time came before.
    first = instant_of(local, zone)
    assert first == moment or (first < moment and local_time(first, zone) == local)
    assert (first != moment) == bool(moment.astimezone(zone).fold)


@pytest.fixture(scope="module")
def changes() -> list[tuple[ZoneInfo, datetime]]:
    zones = [zone_named(name) for name in sorted(NAMES)]
    return [
        (zone, moment)
        for zone in zones
        for moment in transitions(zone, utc(2024, 1, 1), utc(2029, 1, 1))
    ]


def test_days_around_every_change_contain_exactly_their_instants(
    changes: list[tuple[ZoneInfo, datetime]],
) -> None:
    assert len(changes) > 500
    for zone, moment in changes:
        around = [moment + shift * HOUR / 2 for shift in range(-5, 6)]
        for day in {today(zone, moment - SECOND), today(zone, moment)}:
            assert_contains_exactly_its_instants(zone, day, moment - SECOND, moment, *around)


def test_local_times_around_every_change_are_read_as_their_instants(
    changes: list[tuple[ZoneInfo, datetime]],
) -> None:
    for zone, moment in changes:
        for shift in (-HOUR, -HOUR / 2, -SECOND, timedelta(), SECOND, HOUR / 2, HOUR, 3 * HOUR):
            assert_round_trip(zone, moment + shift)


def test_a_skipped_local_time_is_read_with_the_offset_before(
    changes: list[tuple[ZoneInfo, datetime]],
) -> None:
    for zone, moment in changes:
        old, new = offset(zone, moment - SECOND), offset(zone, moment)
        for passed in (timedelta(), (new - old) / 2, new - old - SECOND):
            local = moment.replace(tzinfo=None) + old + passed
            assert exists(local, zone) == (new < old)
            if new > old:
                assert instant_of(local, zone) == moment + passed


def test_days_of_every_zone_contain_exactly_their_instants() -> None:
    for name in NAMES:
        assert_contains_exactly_its_instants(zone_named(name), date(2026, 8, 1))


@settings(deadline=None)
@given(ZONES, DATES)
def test_days_contain_exactly_their_instants(zone: ZoneInfo, day: date) -> None:
    first, last = utc(day.year, day.month, day.day) - 3 * DAY, utc(day.year, day.month, day.day)
    for moment in transitions(zone, first, last):
        # Newfoundland's and Guam's clocks went back across midnight at 00:01, before 2012.
        if today(zone, moment - SECOND) > today(zone, moment):
            return
    assert_contains_exactly_its_instants(zone, day)


@settings(deadline=None)
@given(ZONES, MOMENTS)
def test_local_times_are_read_as_their_instants(zone: ZoneInfo, moment: datetime) -> None:
    assert_round_trip(zone, moment)
    assert today(zone, moment) == local_time(moment, zone).date()


@pytest.mark.parametrize(
    ("name", "day", "start", "hours"),
    [
        ("Europe/Berlin", date(2024, 3, 31), utc(2024, 3, 30, 23), 23),
        ("Europe/Berlin", date(2024, 10, 27), utc(2024, 10, 26, 22), 25),
        # Midnight is skipped.
        ("America/Sao_Paulo", date(2018, 11, 4), utc(2018, 11, 4, 3), 23),
        ("Asia/Beirut", date(2022, 3, 27), utc(2022, 3, 26, 22), 23),
        ("Africa/Cairo", date(2024, 4, 26), utc(2024, 4, 25, 22), 23),
        # The gap starts half an hour before midnight.
        ("America/Toronto", date(1919, 3, 30), utc(1919, 3, 30, 5), 23.5),
        ("America/Toronto", date(1919, 3, 31), utc(1919, 3, 31, 4, 30), 23.5),
        # Midnight occurs twice, or the last hour of the day does.
        ("America/Havana", date(2020, 11, 1), utc(2020, 11, 1, 4), 25),
        ("America/Sao_Paulo", date(2018, 2, 17), utc(2018, 2, 17, 2), 25),
        # The evening after midnight belongs to the new day.
        ("America/St_Johns", date(2010, 11, 7), utc(2010, 11, 7, 2, 30), 25),
        # Days that zones skipped.
        ("Pacific/Apia", date(2011, 12, 29), utc(2011, 12, 29, 10), 24),
        ("Pacific/Apia", date(2011, 12, 30), utc(2011, 12, 30, 10), 0),
        ("Pacific/Apia", date(2011, 12, 31), utc(2011, 12, 30, 10), 24),
        ("Pacific/Kwajalein", date(1993, 8, 21), utc(1993, 8, 21, 12), 0),
    ],
)
def test_bounds_of_unusual_days(name: str, day: date, start: datetime, hours: float) -> None:
    assert day_bounds(day, zone_named(name)) == (start, start + hours * HOUR)


def test_a_time_that_occurs_twice_is_the_first() -> None:
    berlin = zone_named("Europe/Berlin")
    local = datetime(2024, 10, 27, 2, 30)

    assert instant_of(local, berlin) == instant_of(local.replace(fold=1), berlin)
    assert instant_of(local, berlin) == utc(2024, 10, 27, 0, 30)
    assert local_time(utc(2024, 10, 27, 0, 30), berlin) == local
    assert local_time(utc(2024, 10, 27, 1, 30), berlin) == local
    assert local_time(utc(2024, 10, 27, 1, 30), berlin).fold == 0


@pytest.mark.parametrize("name", ["UTC", "America/New_York", "Pacific/Apia", "Etc/GMT+12"])
def test_the_ends_of_the_calendar_are_limited(name: str) -> None:
    zone = zone_named(name)
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

    assert local_time(first, zone) < datetime(1, 1, 2)
    assert local_time(last, zone) > datetime(9999, 12, 31)
    assert first <= instant_of(datetime.min, zone) < instant_of(datetime.max, zone) <= last
    assert exists(datetime.min, zone)
    assert exists(datetime.max, zone)
    start, end = day_bounds(date.min, zone)
    assert first <= start < end == day_bounds(date(1, 1, 2), zone)[0]
    start, end = day_bounds(date.max, zone)
    assert day_bounds(date(9999, 12, 30), zone)[1] == start < end == last


def test_zones_come_from_the_tzdata_package() -> None:
    assert zone_named("Europe/Berlin") is zone_named("Europe/Berlin")
    assert zone_named("Europe/Berlin") is not ZoneInfo("Europe/Berlin")
    assert zone_named("Asia/Kolkata").key == "Asia/Kolkata"
    assert {"UTC", "Etc/GMT+12", "America/Argentina/Buenos_Aires", "US/Pacific"} <= NAMES


@pytest.mark.parametrize(
    "name",
    [
        "", "Factory", "localtime", "europe/berlin", "EUROPE/BERLIN", "Europe", "Europe/",
        "Europe/Berlin ", " UTC", "UTC\n", "UTC\0", "\0", "/etc/localtime", "../Europe/Berlin",
        "Europe/../Europe/Berlin", "posix/Europe/Berlin", "tzdata.zi", "+02:00", "Mars/Base",
        "Europe/Berlín", "\ud800", "x" * 10_000,
    ],
    ids=ascii,
)  # fmt: skip
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="Time zone must be an IANA name such as Europe/Berlin"):
        zone_named(name)
