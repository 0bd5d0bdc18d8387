"""Calendar files: VTODO components, written and read."""

import contextlib
import datetime
import io
import itertools
import re
import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from dateutil.tz import tzical
from hypothesis import given
from hypothesis import strategies as st

from tasks.formats import calendar_files
from tasks.formats.calendar_writing import write_todos
from tasks.formats.calendar_zones import definition
from tasks.formats.entries import Entry, Problem, Result, each_once
from tasks.tests.represented import ANY_TEXT, ID, represented, tasks
from tasks.time_zones import exists

BERLIN = ZoneInfo("Europe/Berlin")
EXAMPLE = "expected 20260131 or 20260131T093000Z"
IANA = "expected an IANA name such as Europe/Berlin"
OVERRIDE = "The task is one changed date of a repeating task"


def read(text: str) -> list[Result]:
    return list(calendar_files.read(text, BERLIN))


def calendar(*lines: str) -> str:
    return "\r\n".join(("BEGIN:VCALENDAR", *lines, "END:VCALENDAR", ""))


def todo(*lines: str) -> str:
    return calendar("BEGIN:VTODO", "SUMMARY:Call", *lines, "END:VTODO")


def fields_of(*lines: str) -> dict[str, Any]:
    """Returns the fields of a VTODO, apart from its title and `completed`, which are checked."""
    (entry,) = read(todo(*lines))
    assert isinstance(entry, Entry), entry
    assert entry.fields.pop("title") == "Call"
    assert entry.fields.pop("completed") is False
    return entry.fields


def problem_of(*lines: str) -> str:
    (problem,) = read(todo(*lines))
    assert isinstance(problem, Problem), problem
    assert problem.line == 2
    return problem.message


def written(*changes: dict[str, Any]) -> str:
    return "".join(write_todos(represented(**fields) for fields in changes))


# --- Writing --------------------------------------------------------------------------------------


def test_a_task_is_a_vtodo() -> None:
    text = written(
        {
            "title": "Call; Bob, now",
            "description": "One\r\ntwo \\N",
            "tags": ["home", "milk, bread"],
            "priority": "urgent",
            "due_date": "2026-12-24",
            "remind_at": "2026-12-24T08:00:00.5Z",
            "repeat": {"rule": "FREQ=DAILY;UNTIL=20261231T120000Z", "from": "completion"},
        }
    )

    assert text.endswith("\r\n")
    assert text.split("\r\n")[:-1] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//todo-api//Tasks//EN",
        "BEGIN:VTODO",
        f"UID:{ID}",
        "DTSTAMP:20261120T133504Z",
        "CREATED:20261120T133504Z",
        "LAST-MODIFIED:20261120T133504Z",
        r"SUMMARY:Call\; Bob\, now",
        r"DESCRIPTION:One\ntwo \\N",
        r"CATEGORIES:home,milk\, bread",
        "PRIORITY:1",
        "STATUS:NEEDS-ACTION",
        "PERCENT-COMPLETE:0",
        "DUE;VALUE=DATE:20261224",
        "DTSTART;VALUE=DATE:20261224",
        "RRULE:FREQ=DAILY;UNTIL=20261231",
        "X-TODO-REPEAT-FROM:COMPLETION",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        r"DESCRIPTION:Call\; Bob\, now",
        "TRIGGER;VALUE=DATE-TIME:20261224T080000Z",
        "END:VALARM",
        "END:VTODO",
        "END:VCALENDAR",
    ]


def test_a_completed_task_says_when() -> None:
    text = written({"completed": True, "completed_at": "2026-11-21T08:00:00.123Z"})

    assert "STATUS:COMPLETED\r\nPERCENT-COMPLETE:100\r\nCOMPLETED:20261121T080000Z\r\n" in text


def test_long_lines_are_folded_at_75_octets() -> None:
    text = written({"title": "é" * 255, "description": "\\" * 300})

    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert isinstance(read(text)[0], Entry)


def test_a_time_zone_is_defined_once_before_its_use() -> None:
    due = {"due_at": "2026-12-24T16:00:00Z", "time_zone": "Europe/Berlin"}

    text = written({}, due, due, due | {"time_zone": "Asia/Kolkata"}, due | {"time_zone": None})

    assert text.count("TZID:Europe/Berlin\r\n") == text.count("TZID:Asia/Kolkata\r\n") == 1
    assert text.count("DUE;TZID=Europe/Berlin:20261224T170000\r\n") == 2
    assert text.index("BEGIN:VTIMEZONE") < text.index("DUE;TZID=Europe/Berlin")
    assert "DUE;TZID=Asia/Kolkata:20261224T213000\r\n" in text
    assert "DUE:20261224T160000Z\r\n" in text


@pytest.mark.parametrize("due_at", ["2026-10-25T01:30Z", "1985-01-01T00:00Z", "2055-01-01T00:00Z"])
def test_a_time_that_its_zone_cannot_tell_is_in_utc(due_at: str) -> None:
    text = written({"due_at": due_at, "time_zone": "Europe/Berlin"})

    assert f"DUE:{due_at[:4]}" in text
    assert "VTIMEZONE" not in text


@pytest.mark.parametrize(
    ("until", "line"),
    [
        ("20270101", "20270101T225959Z"),
        ("20270101T120000", "20270101T110000Z"),
        ("20270101T120000Z", "20270101T120000Z"),
    ],
)
def test_the_end_of_a_rule_at_a_time_is_in_utc(until: str, line: str) -> None:
    repeat = {"rule": f"FREQ=DAILY;UNTIL={until}", "from": "due"}
    due = {"due_at": "2026-12-24T16:00:00Z", "time_zone": "Europe/Berlin"}

    assert f"RRULE:FREQ=DAILY;UNTIL={line}\r\n" in written(due | {"repeat": repeat})


@pytest.mark.parametrize(
    "name",
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Tehran", "Pacific/Apia",
     "Africa/Casablanca", "Europe/Dublin", "Asia/Kolkata", "America/Sao_Paulo", "UTC"],
)  # fmt: skip
def test_a_definition_has_the_offsets_of_its_zone(name: str) -> None:
    ours: Any = tzical(io.StringIO(definition(name))).get()
    zone = ZoneInfo(name)
    start = datetime.datetime.fromisoformat("2018-01-01T00:15:00")

    # Clocks change in these hours.
    for day, hour in itertools.product(range(7 * 365), range(5)):
        local = start + datetime.timedelta(days=day, hours=hour)
        if exists(local, zone) and zone.utcoffset(local) == zone.utcoffset(local.replace(fold=1)):
            assert ours.utcoffset(local) == zone.utcoffset(local), local


@pytest.mark.parametrize("name", ["Europe/Berlin", "Africa/Casablanca", "Australia/Lord_Howe"])
def test_an_onset_is_a_local_time_with_the_offset_before_it(name: str) -> None:
    zone = ZoneInfo(name)
    onsets = re.findall(
        r"DTSTART:(\w+)\r\nTZOFFSETFROM:(\S+)\r\nTZOFFSETTO:(\S+)\r\nTZNAME:\S+\r\n(?:RDATE:(\S+))?",
        definition(name).replace("\r\n ", ""),
    )

    assert len(onsets) > 2
    for first, before, after, more in onsets[1:]:
        for onset in (first, *filter(None, more.split(","))):
            change = datetime.datetime.strptime(onset + before, "%Y%m%dT%H%M%S%z")
            last = (change - datetime.timedelta(seconds=1)).astimezone(zone)
            assert f"{last:%z} {change.astimezone(zone):%z}" == f"{before} {after}"


def test_the_export_is_read_by_vobject() -> None:
    due = {"due_at": "2026-12-24T16:00:00Z", "time_zone": "Europe/Berlin"}
    first, second = vobject.readOne(written(due | {"title": "A; b, \\N"}, {})).vtodo_list

    assert first.summary.value == "A; b, \\N"
    assert first.due.value.astimezone(datetime.UTC).isoformat() == "2026-12-24T16:00:00+00:00"
    assert second.uid.value == ID


@given(tasks())
def test_tasks_are_read_back_equal(task: dict[str, Any]) -> None:
    (entry,) = read("".join(write_todos([task])))

    left_out = ("id", "user_id", "updated_at", "deleted_at")
    expected = {name: task[name] for name in task if name not in left_out}
    if task["due_at"] and f"DUE;TZID={task['time_zone']}" not in "".join(write_todos([task])):
        expected["time_zone"] = None
    for name in ("title", "description"):
        if expected[name]:
            expected[name] = plain_text(expected[name])
    tags = [plain_text(tag).strip() for tag in task["tags"]]
    expected["tags"] = each_once(filter(None, tags))
    empty = dict.fromkeys(expected) | {"tags": []}
    assert isinstance(entry, Entry)
    assert entry.key == task["id"]
    assert empty | entry.fields == expected


def plain_text(text: str) -> str:
    """Returns a text as a calendar can hold it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\0-\x08\x0b-\x1f\x7f]", "", lines)


# --- Reading --------------------------------------------------------------------------------------


def test_a_vtodo_of_another_program_is_read() -> None:
    text = calendar(
        "PRODID:-//Other//EN",
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Berlin",
        "END:VTIMEZONE",
        "BEGIN:VEVENT",
        "SUMMARY:Not a task",
        "END:VEVENT",
        "begin:vtodo",
        "uid:u-1",
        "Summary;LANGUAGE=en:Call\\, th",
        "  en ring",
        "DESCRIPTION:One\\nTwo\\; three",
        "CATEGORIES:home,a\\,b",
        "CATEGORIES:Home,work",
        "STATUS:IN-PROCESS",
        "CREATED:20261120T133504Z",
        "DUE;TZID=Europe/Berlin:20261224T170000",
        "RRULE:FREQ=WEEKLY;WKST=MO;BYDAY=TH",
        "ATTACH;ENCODING=BASE64;VALUE=BINARY:AAAA",
        "BEGIN:VALARM",
        "TRIGGER:-PT15M",
        "DESCRIPTION:Not the description",
        "END:VALARM",
        "BEGIN:VALARM",
        "TRIGGER;VALUE=DATE-TIME:20261224T150000Z",
        "END:VALARM",
        "END:VTODO",
    )

    assert read(text) == [
        Entry(
            9,
            "u-1",
            {
                "title": "Call, th en ring",
                "description": "One\nTwo; three",
                "completed": False,
                "tags": ["home", "a,b", "work"],
                "due_at": "2026-12-24T16:00:00Z",
                "time_zone": "Europe/Berlin",
                "remind_at": "2026-12-24T15:00:00Z",
                "repeat": {"rule": "FREQ=WEEKLY;BYDAY=TH", "from": "due"},
                "created_at": "2026-11-20T13:35:04Z",
            },
        )
    ]
    assert read(text.replace("\r\n", "\n")) == read(text)


@pytest.mark.parametrize(
    ("tzid", "local", "instant", "zone"),
    [
        ("", "20261224T170000", "2026-12-24T16:00:00Z", "Europe/Berlin"),
        ("America/New_York", "20261224T170000", "2026-12-24T22:00:00Z", "America/New_York"),
        ('"America/New_York"', "20261224T170000", "2026-12-24T22:00:00Z", "America/New_York"),
        ("/x.test/Tz_1/Asia/Kolkata", "20261224T170000", "2026-12-24T11:30:00Z", "Asia/Kolkata"),
        (
            "/x/America/Indiana/Knox",
            "20261224T120000",
            "2026-12-24T18:00:00Z",
            "America/Indiana/Knox",
        ),
        ("Eastern Standard Time", "20261224T170000", "2026-12-24T22:00:00Z", "America/New_York"),
        ("Europe/Berlin", "20260329T023000", "2026-03-29T01:30:00Z", "Europe/Berlin"),
        ("Europe/Berlin", "20261025T023000", "2026-10-25T00:30:00Z", "Europe/Berlin"),
    ],
    ids=["floating", "iana", "quoted", "prefix", "three parts", "windows", "skipped", "repeated"],
)  # fmt: skip
def test_due_times_of_zones(tzid: str, local: str, instant: str, zone: str) -> None:
    line = f"DUE;TZID={tzid}:{local}" if tzid else f"DUE:{local}"

    assert fields_of(line) == {"due_at": instant, "time_zone": zone}


def test_due_dates_and_times_in_utc() -> None:
    assert fields_of("DUE;VALUE=DATE:20261224") == {"due_date": "2026-12-24"}
    assert fields_of("DUE:20261224") == {"due_date": "2026-12-24"}
    assert fields_of("DUE:20261224T160000Z") == {"due_at": "2026-12-24T16:00:00Z"}
    assert fields_of("DUE;TZID=UTC:20261224T160000") == {"due_at": "2026-12-24T16:00:00Z"}


def test_dtstart_is_due_only_with_a_rule() -> None:
    start, rule = "DTSTART;VALUE=DATE:20261224", "RRULE:FREQ=DAILY"
    repeat = {"rule": "FREQ=DAILY", "from": "due"}

    assert fields_of(start) == {}
    assert fields_of(start, rule) == {"due_date": "2026-12-24", "repeat": repeat}
    assert fields_of(start, rule, "DUE:20261225")["due_date"] == "2026-12-25"


@pytest.mark.parametrize(
    ("number", "priority"),
    [(0, None), (1, "urgent"), (2, "high"), (4, "high"), (5, "medium"), (6, "low"), (9, "low")],
)
def test_priorities(number: int, priority: str | None) -> None:
    assert fields_of(f"PRIORITY:{number}").get("priority") == priority


@pytest.mark.parametrize(
    ("lines", "completed"),
    [
        (["STATUS:COMPLETED"], True),
        (["COMPLETED:20261121T080000Z"], True),
        (["PERCENT-COMPLETE:100"], True),
        (["STATUS:NEEDS-ACTION", "PERCENT-COMPLETE:100"], False),
        (["PERCENT-COMPLETE:50"], False),
        ([], False),
    ],
)
def test_completion(lines: list[str], completed: bool) -> None:
    (entry,) = read(todo(*lines))

    assert isinstance(entry, Entry)
    assert entry.fields["completed"] is completed
    assert entry.fields.get("completed_at") == (
        "2026-11-21T08:00:00Z" if lines and lines[0].startswith("COMPLETED") else None
    )


def test_the_first_alarm_at_a_time_is_the_reminder() -> None:
    lines = [
        line
        for hour in ("08", "09")
        for line in ("BEGIN:VALARM", f"TRIGGER;VALUE=DATE-TIME:20261224T{hour}0000Z", "END:VALARM")
    ]

    assert fields_of(*lines) == {"remind_at": "2026-12-24T08:00:00Z"}


def test_an_alarm_for_no_alarm_is_left_out() -> None:
    trigger = "TRIGGER;VALUE=DATE-TIME:19760401T005545Z"

    assert fields_of("BEGIN:VALARM", "ACTION:NONE", trigger, "END:VALARM") == {}
    assert "remind_at" in fields_of("BEGIN:VALARM", "ACTION:DISPLAY", trigger, "END:VALARM")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("DUE:tomorrow", f"DUE: {EXAMPLE}, not 'tomorrow'"),
        ("DUE:20260230", f"DUE: {EXAMPLE}, not '20260230'"),
        ("DUE:20261224T250000", f"DUE: {EXAMPLE}, not '20261224T250000'"),
        ("DUE;TZID=Mars:20261224T170000", f"DUE: unknown time zone 'Mars'; {IANA}"),
        ("DUE;TZID=Mars/UTC:20261224T170000", f"DUE: unknown time zone 'Mars/UTC'; {IANA}"),
        ("DUE;TZID=../../x:20261224T170000", f"DUE: unknown time zone '../../x'; {IANA}"),
        ("DUE;", "DUE: not a content line of RFC 5545"),
        ("CREATED:x", f"CREATED: {EXAMPLE}, not 'x'"),
        ("PRIORITY:10", "PRIORITY: expected 0 to 9, not '10'"),
        ("STATUS:CANCELLED", "The task is cancelled; not imported"),
        ("RECURRENCE-ID:20261224", f"{OVERRIDE}; not imported"),
        ("DESCRIPTION:" + "x" * 50_000, "DESCRIPTION: the line is longer than 50,000 characters"),
    ],
    ids=["word", "no day", "no hour", "no zone", "suffix", "path", "no value", "created", "number",
         "cancelled", "override", "long line"],
)  # fmt: skip
def test_a_bad_property_is_a_problem_of_its_component(line: str, message: str) -> None:
    assert problem_of(line) == message


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ("FREQ=WEEKLY;BYDAY=MO;WKST=SU", "FREQ=WEEKLY;BYDAY=MO"),
        ("WKST=SU;FREQ=MONTHLY;INTERVAL=1", "FREQ=MONTHLY;INTERVAL=1"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU",) * 2,
    ],
)
def test_the_first_day_of_the_week_is_left_out_where_it_does_not_matter(
    rule: str, kept: str
) -> None:
    (entry,) = read(calendar(*todo("DUE:20261224", f"RRULE:{rule}").splitlines()))

    assert isinstance(entry, Entry)
    assert entry.fields["repeat"]["rule"] == kept


def test_components_around_a_broken_one_are_read() -> None:
    text = calendar(
        "END:VTODO", "END:VEVENT", "BEGIN:VTODO", "UID:1", "BEGIN:VTODO", "UID:2", "BEGIN:VALARM",
        "TRIGGER:x", "END:VTODO", "BEGIN:VTODO", "UID:3",
    )  # fmt: skip

    unclosed = "BEGIN:VTODO without END:VTODO"
    first, second, third = read(text)
    assert (first, third) == (Problem(4, unclosed), Problem(11, unclosed))
    assert isinstance(second, Entry)
    assert (second.line, second.key) == (6, "2")


def test_equal_components_have_different_keys_that_stay_the_same() -> None:
    text = todo() + todo() + todo("UID:") + todo("UID:1")
    keys = [result.key for result in read(text) if isinstance(result, Entry)]

    assert len(set(keys)) == 4
    assert keys[3] == "1"
    assert keys == [result.key for result in read(text) if isinstance(result, Entry)]


@pytest.mark.parametrize("text", ["", "title\na", "BEGIN:VTODO\nEND:VTODO\n", "{}"])
def test_another_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="begins with BEGIN:VCALENDAR"):
        read(text)


def test_a_calendar_without_tasks_is_empty() -> None:
    assert read(calendar()) == []


def test_more_than_5000_tasks_are_refused() -> None:
    assert len(read("BEGIN:VCALENDAR\n" + "BEGIN:VTODO\nEND:VTODO\n" * 5_000)) == 5_000
    with pytest.raises(ValueError, match="More than 5,000 tasks; split the file"):
        read("BEGIN:VCALENDAR\n" + "BEGIN:VTODO\n" * 5_001)


# --- Any file -------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    ["BEGIN:VTODO", "END:VTODO", "BEGIN:VALARM", "END:VALARM", "\r\n", "\n", " ", "\t", ":", ";",
     "DUE", "TZID=", "TRIGGER", "RRULE", "CATEGORIES", "20261224T170000", '"', "\\", "^", ",", "="],
)  # fmt: skip


@given(st.lists(PIECES | ANY_TEXT, max_size=30).map("".join))
def test_any_text_is_read(text: str) -> None:
    read("BEGIN:VCALENDAR\n" + text)
    read(todo("DUE" + text, "CATEGORIES" + text, "RRULE:" + text, "CREATED;" + text))


MEBIBYTE = 1_048_576
VTODO = (
    "BEGIN:VTODO\nUID:{0}\nSUMMARY:Task {0}\\, with text\nCATEGORIES:a,b\nPRIORITY:5\n"
    "CREATED:20261120T133504Z\nDUE;TZID=Europe/Berlin:20261224T170000\n"
    "RRULE:FREQ=WEEKLY;BYDAY=TH\nEND:VTODO\n"
)
NEVER = "BEGIN:VTODO\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT={}\nEND:VTODO\n"
UNKNOWN = "BEGIN:VTODO\nDUE;TZID=/a/b/{}:20261224T170000\nEND:VTODO\n"
COSTLY = {
    "5,000 tasks": "".join(map(VTODO.format, range(5_000))),
    "rules without a day": "".join(map(NEVER.format, range(1, 5_001))),
    "long rules": ("BEGIN:VTODO\nRRULE:" + "FREQ=DAILY;" * 20 + "\nEND:VTODO\n") * 3_500,
    "unknown zones": "".join(map(UNKNOWN.format, range(5_000))),
    "alarms": "BEGIN:VTODO\n" + "BEGIN:VALARM\nTRIGGER:-PT5M\nEND:VALARM\n" * 24_000 + "END:VTODO",
    "deep components": "BEGIN:VTODO\n" + "BEGIN:X\n" * 65_000 + "END:X\n" * 65_000,
    "ends": "END:VTODO\n" * 100_000,
    "zones": "BEGIN:VTIMEZONE\nRRULE:FREQ=SECONDLY\n" * 25_000 + "BEGIN:VTODO\nEND:VTODO",
    "one line": "BEGIN:VTODO\nSUMMARY:" + "x" * MEBIBYTE,
    "parameters": ("BEGIN:VTODO\nDUE" + ";A=B" * 12_000 + ":x\nEND:VTODO\n") * 20,
    "list of parameters": ("BEGIN:VTODO\nDUE;TZID=" + ",a" * 24_000 + ":x\nEND:VTODO\n") * 20,
    "spaces": ("BEGIN:VTODO\nDUE" + " " * 49_000 + ";x\nEND:VTODO\n") * 20,
    "spaces in parameters": ("BEGIN:VTODO\nDUE;" + " " * 49_000 + "x\nEND:VTODO\n") * 20,
    "quotes": ("BEGIN:VTODO\nDUE;A=" + '"' * 49_000 + ":x\nEND:VTODO\n") * 20,
    "backslashes": ("BEGIN:VTODO\nSUMMARY:" + "\\" * 49_000 + "\nEND:VTODO\n") * 20,
    "commas": ("BEGIN:VTODO\nCATEGORIES:" + "a,b," * 12_000 + "\nEND:VTODO\n") * 20,
    "folds": "BEGIN:VTODO\nSUMMARY:" + "\n " * 500_000 + "\nEND:VTODO",
    "empty lines": "\n" * MEBIBYTE,
    "properties": "BEGIN:VTODO\n" + "DUE:1\n" * 170_000 + "END:VTODO",
    "categories": "BEGIN:VTODO\n" + "CATEGORIES:a\n" * 80_000 + "END:VTODO",
}  # fmt: skip


@pytest.mark.parametrize("text", COSTLY.values(), ids=COSTLY.keys())
def test_no_file_costs_much(text: str) -> None:
    start = time.process_time()
    with contextlib.suppress(ValueError):
        read(("BEGIN:VCALENDAR\n" + text)[:MEBIBYTE])
    assert time.process_time() - start < 5
