"""CSV files: our columns, written and read, and Todoist's."""

import contextlib
import csv
import datetime
import io
import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from tasks.formats import csv_files, english_dates
from tasks.formats.csv_cells import guarded, unguarded
from tasks.formats.entries import Entry, Problem, Result
from tasks.tests.represented import ANY_TEXT, ID, represented, tasks

INSTANT = "created_at: expected a time such as 2026-01-31T09:30:00Z"
BERLIN = ZoneInfo("Europe/Berlin")
TODOIST = (
    "TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE,"
    "DURATION,DURATION_UNIT"
)


def read(text: str) -> list[Result]:
    return list(csv_files.read(text, BERLIN))


def fields_of(text: str) -> list[dict[str, Any]]:
    """Returns the fields of the entries of a file without problems."""
    results = read(text)
    assert not [result for result in results if isinstance(result, Problem)]
    return [result.fields for result in results if isinstance(result, Entry)]


def todoist(*rows: str) -> str:
    return "\r\n".join((TODOIST, *rows, ""))


def dated(date: str, zone: str = "") -> Result:
    (result,) = read(todoist(f'task,Call,,4,1,,,"{date}",en,{zone}'))
    return result


# --- Writing --------------------------------------------------------------------------------------


def test_a_file_has_a_header_and_a_line_for_each_task() -> None:
    task = represented(
        description='Two\nlines, and "quotes"',
        due_date="2026-12-24",
        due_at="2026-12-24T16:00:00Z",
        time_zone="Europe/Berlin",
        repeat={"rule": "FREQ=DAILY", "from": "due"},
        tags=["home", "milk, bread"],
    )

    assert "".join(csv_files.write([task])) == (
        "id,title,description,completed,completed_at,priority,due_date,due_at,time_zone,"
        "remind_at,repeat_rule,repeat_from,tags,created_at,updated_at,deleted_at\r\n"
        f'{ID},Buy milk,"Two\nlines, and ""quotes""",false,,medium,2026-12-24,'
        "2026-12-24T16:00:00Z,Europe/Berlin,,FREQ=DAILY,due,"
        '"home,""milk, bread""",2026-11-20T13:35:04Z,2026-11-20T13:35:04Z,\r\n'
    )


def test_a_file_without_tasks_has_a_header() -> None:
    assert len(list(csv_files.write([]))) == 1


def test_a_byte_order_mark_is_optional() -> None:
    assert next(csv_files.write([], byte_order_mark=True)).startswith("\ufeffid,")
    assert next(csv_files.write([])).startswith("id,")


def test_objects_of_a_serializer_are_written_like_their_json() -> None:
    task = represented(
        due_date=datetime.date(2026, 12, 24),
        created_at=datetime.datetime(2026, 11, 20, 13, 35, 4, tzinfo=datetime.UTC),
    )

    assert list(csv_files.write([task])) == list(
        csv_files.write([represented(due_date="2026-12-24")])
    )


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\uff1d", "'=", "''@"]
)
def test_no_cell_runs_as_a_formula(start: str) -> None:
    text = f"{start}HYPERLINK(1)"
    lines = "".join(csv_files.write([represented(title=text, description=text, tags=[text])]))
    row = next(csv.DictReader(io.StringIO(lines, newline="")))

    for name in ("title", "description"):
        assert row[name] == f"'{text}"
    assert row["tags"].startswith(("'", '"'))


@given(ANY_TEXT)
def test_each_text_survives_its_cell(text: str) -> None:
    cell = guarded(text)

    assert unguarded(cell) == text
    assert cell.lstrip()[:1] not in {"=", "+", "-", "@"}
    assert cell != ""


@given(tasks())
def test_tasks_are_read_back_equal(task: dict[str, Any]) -> None:
    (entry,) = read("".join(csv_files.write([task])))

    left_out = ("id", "user_id", "updated_at", "deleted_at")
    expected = {name: task[name] for name in task if name not in left_out}
    assert isinstance(entry, Entry)
    assert entry.key == task["id"]
    # An empty cell is a member that is not sent, apart from the description.
    empty = dict.fromkeys(expected) | {"tags": []}
    assert empty | entry.fields == expected


def test_null_and_empty_descriptions_differ() -> None:
    file = csv_files.write([represented(), represented(description="")])

    assert [fields["description"] for fields in fields_of("".join(file))] == [None, ""]


# --- Reading our columns --------------------------------------------------------------------------


def test_only_a_title_is_needed() -> None:
    assert read("title\nBuy milk\n") == [
        Entry(2, read("title\nBuy milk\n")[0].key, {"title": "Buy milk"})  # type: ignore[union-attr]
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
def test_files_of_spreadsheet_programs_are_read(
    delimiter: str, quoting: Any, line_end: str
) -> None:
    file = io.StringIO(newline="")
    rows = csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
    rows.writerow(["Notes", "Completed", "Due date", "TITLE", "tags"])
    rows.writerow(["x", "TRUE", "2026-12-24", "Buy; milk,\nand\ttea", "home, office"])

    assert fields_of(file.getvalue()) == [
        {
            "title": "Buy; milk,\nand\ttea",
            "completed": True,
            "due_date": "2026-12-24",
            "tags": ["home", "office"],
        }
    ]


def test_lines_count_line_ends_in_cells_and_empty_rows() -> None:
    results = read('title,completed\r\n"a\r\nb",\r\n\r\n,,\r\nc,perhaps\r\nd,yes\r\n')

    assert [result.line for result in results] == [2, 6, 7]
    assert results[1] == Problem(6, "completed: expected true or false, not 'perhaps'")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a,,,2026-11-20T13:35:04Z", "The task is in the trash; not imported"),
        ("a,yesterday,,", f"{INSTANT}, not 'yesterday'"),
        ("a,2026-11-20T13:35,,", f"{INSTANT}, not '2026-11-20T13:35'"),
        ("a,0001-01-01T00:00+14:00,,", f"{INSTANT}, not '0001-01-01T00:00+14:00'"),
        ('a,,"""b""c",', "tags: expected tags separated by commas: ',' expected after '\"'"),
        ('"a"b,,,', "The row is not valid CSV: ',' expected after '\"'"),
        ('"a,,,', "The row is not valid CSV: unexpected end of data"),
    ],
    ids=["trash", "word", "no offset", "year 0", "tags", "quotes", "open quote"],
)  # fmt: skip
def test_a_bad_row_is_a_problem_of_its_line(row: str, message: str) -> None:
    assert read(f"title,created_at,tags,deleted_at\n{row}\n") == [Problem(2, message)]


def test_rows_after_a_bad_one_are_read() -> None:
    assert [type(result) for result in read('title\n"a"b\nc\n')] == [Problem, Entry]


@pytest.mark.parametrize(
    "text", ["", "\n\n", "name,when\na,b\n", '"title\na\n', '"' + "x" * 200_000]
)
def test_a_file_without_a_header_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match='first line with the column "title"'):
        read(text)


def test_equal_rows_have_different_keys_that_stay_the_same() -> None:
    text = "title,priority\na,low\na,low\nb,low\n"
    keys = [result.key for result in read(text) if isinstance(result, Entry)]

    assert len(set(keys)) == 3
    assert keys == [result.key for result in read(text) if isinstance(result, Entry)]


def test_more_than_5000_tasks_are_refused() -> None:
    assert len(read("title\n" + "a\n" * 5_000)) == 5_000
    with pytest.raises(ValueError, match="More than 5,000 tasks; split the file"):
        read("title\n" + "a\n" * 5_001)


# --- Todoist --------------------------------------------------------------------------------------


def test_tasks_of_todoist_are_read() -> None:
    text = todoist(
        "meta,view_style=list,,,,,,,,,,",
        "section,Weekly,,,,,,,,,,",
        'task,"Buy milk @home bread @Shop @shop a@b.test",Fresh,1,1,,,2026-12-24,en,,,',
        "note,First,,,,,,,,,,",
        "note,Second,,,,,,,,,,",
        ",,,,,,,,,,,",
        "task,@errand,,,2,,,,,,,",
    )

    assert fields_of(text) == [
        {
            "title": "Buy milk bread a@b.test",
            "description": "Fresh\n\nFirst\n\nSecond",
            "priority": "urgent",
            "due_date": "2026-12-24",
            "tags": ["home", "Shop"],
        },
        {"title": "@errand", "description": None, "tags": ["errand"]},
    ]


def test_the_priorities_of_todoist_keep_their_order() -> None:
    rows = [f"task,a,,{number},1,,,,en," for number in (1, 2, 3, 4)]

    priorities = [fields["priority"] for fields in fields_of(todoist(*rows))]

    assert priorities == ["urgent", "high", "medium", "low"]


@pytest.mark.parametrize(
    ("date", "zone", "due"),
    [
        ("2026-12-24", "", "2026-12-24"),
        ("24 Dec 2026", "", "2026-12-24"),
        ("December 24th, 2026", "", "2026-12-24"),
        ("2026-12-24 17:00", "", "2026-12-24T16:00:00Z"),
        ("2026-12-24T17:00:00", "Asia/Kolkata", "2026-12-24T11:30:00Z"),
        ("2026-12-24T17:00:00Z", "", "2026-12-24T17:00:00Z"),
        ("24 Dec 2026 at 5pm", "", "2026-12-24T16:00:00Z"),
        ("Dec 24 2026 12:05 am", "", "2026-12-23T23:05:00Z"),
    ],
)
def test_dates_of_todoist(date: str, zone: str, due: str) -> None:
    result = dated(date, zone)

    assert isinstance(result, Entry)
    given = {"title": "Call", "description": None, "priority": "low"}
    if "T" in due:
        assert result.fields == given | {"due_at": due, "time_zone": zone or "Europe/Berlin"}
    else:
        assert result.fields == given | {"due_date": due}


@pytest.mark.parametrize(
    ("text", "due_date"),
    [
        ("24 Dec", "2026-12-24"),
        ("nov 29", "2027-11-29"),
        ("Nov 30", "2026-11-30"),
        ("29 Feb", "2028-02-29"),
    ],
)
def test_a_date_without_a_year_is_the_next_one(text: str, due_date: str) -> None:
    today = datetime.date(2026, 11, 30)

    assert english_dates.read(text, BERLIN, today) == {"due_date": due_date}


@pytest.mark.parametrize(
    ("text", "rule", "due_date"),
    [
        ("every day", "FREQ=DAILY", "2026-11-30"),
        ("Every week", "FREQ=WEEKLY", "2026-11-30"),
        ("every month", "FREQ=MONTHLY", "2026-11-30"),
        ("every year", "FREQ=YEARLY", "2026-11-30"),
        ("every other day", "FREQ=DAILY;INTERVAL=2", "2026-11-30"),
        ("every quarter", "FREQ=MONTHLY;INTERVAL=3", "2026-11-30"),
        ("every 15th", "FREQ=MONTHLY;BYMONTHDAY=15", "2026-12-15"),
        ("every last day", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-11-30"),
        ("every 3rd friday", "FREQ=MONTHLY;BYDAY=3FR", "2026-12-18"),
        ("every last fri", "FREQ=MONTHLY;BYDAY=-1FR", "2026-12-25"),
        ("every 3 days", "FREQ=DAILY;INTERVAL=3", "2026-11-30"),
        ("every 2 weeks", "FREQ=WEEKLY;INTERVAL=2", "2026-11-30"),
        ("every 6 months", "FREQ=MONTHLY;INTERVAL=6", "2026-11-30"),
        ("every weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-30"),
        ("every wednesday", "FREQ=WEEKLY;BYDAY=WE", "2026-12-02"),
        ("every sun, tue and fri", "FREQ=WEEKLY;BYDAY=TU,FR,SU", "2026-12-01"),
    ],
)
def test_repetitions_of_todoist(text: str, rule: str, due_date: str) -> None:
    monday = datetime.date(2026, 11, 30)

    for words, source in ((text, "due"), (text.replace("very", "very!"), "completion")):
        assert english_dates.read(words, BERLIN, monday) == {
            "due_date": due_date,
            "repeat": {"rule": rule, "from": source},
        }


@pytest.mark.parametrize(("word", "rule"), [("daily", "FREQ=DAILY"), ("weekly", "FREQ=WEEKLY")])
def test_a_repetition_in_one_word(word: str, rule: str) -> None:
    fields = english_dates.read(word, BERLIN, datetime.date(2026, 11, 30))

    assert fields["repeat"] == {"rule": rule, "from": "due"}


def test_a_repetition_at_a_time() -> None:
    assert english_dates.read("every tue at 9:30", BERLIN, datetime.date(2026, 11, 30)) == {
        "due_at": "2026-12-01T08:30:00Z",
        "time_zone": "Europe/Berlin",
        "repeat": {"rule": "FREQ=WEEKLY;BYDAY=TU", "from": "due"},
    }


@pytest.mark.parametrize(
    "date",
    [
        "each full moon", "every", "every 0 days", "every dayday", "today", "17:00",
        "31 Feb 2026", "2026-02-30", "24 Dez 2026", "24 xyz", "2026-12-24 25:00", "24 dec 13pm",
        "every monday starting 1 jan", "0000-01-01", "ma 5", "x" * 200,
    ],
)  # fmt: skip
def test_a_date_that_is_not_understood_is_a_problem(date: str) -> None:
    result = dated(date)

    assert isinstance(result, Problem)
    assert result.message.startswith(f"DATE: not understood: '{date[:60]}")


@pytest.mark.parametrize(
    ("date", "zone", "message"),
    [
        ("2026-03-29 02:30", "", "DATE: 02:30 on 2026-03-29 does not exist in Europe/Berlin"),
        ("2026-03-29 12:30", "Mars/Olympus", "TIMEZONE: "),
    ],
)
def test_a_time_that_no_clock_shows_is_a_problem(date: str, zone: str, message: str) -> None:
    result = dated(date, zone)

    assert isinstance(result, Problem)
    assert result.message.startswith(message)


def test_an_unknown_priority_is_a_problem_and_its_notes_are_left_out() -> None:
    rows = ("task,First,,9,1,,,,en,", "note,Lost,,,,,,,,", "task,Second,,1,1,,,,en,")

    first, second = read(todoist(*rows))

    assert first == Problem(2, "PRIORITY: expected 1, 2, 3 or 4, not '9'")
    assert isinstance(second, Entry)
    assert second.fields["description"] is None


# --- Any file -------------------------------------------------------------------------------------


@given(ANY_TEXT)
def test_any_text_is_read_or_refused(text: str) -> None:
    for header in ("", "title,tags,completed\n", TODOIST + "\ntask,"):
        try:
            list(csv_files.read(header + text, BERLIN))
        except ValueError:
            assert not header


MEBIBYTE = 1_048_576
COSTLY = {
    "5,000 rows": "title,tags,created_at\n" + 'a,"x,y",2026-11-20T13:35:04Z\n' * 5_000,
    "empty lines": "title\n" + "\n" * (MEBIBYTE - 6),
    "broken rows": "title\n" + '"a"b\n' * 4_000,
    "columns": "title" + "," * (MEBIBYTE - 10) + "\na\n",
    "wide rows": "title\n" + ("," * 100_000 + "\n") * 10,
    "one cell": 'title\n"' + "x" * MEBIBYTE,
    "apostrophes": "title\n" + ("'" * 100_000 + "=\n") * 10,
    "spaces": "title\n" + ("'" + " " * 100_000 + "a\n") * 10,
    "labels": TODOIST + "\n" + ("task," + "@a " * 40_000 + "\n") * 8,
    "notes": TODOIST + "\ntask,a\n" + "note,b\n" * 140_000,
    "dates": TODOIST + "\n" + "task,a,,,,,,every 2 weeks at 17:00,,Asia/Tehran\n" * 5_000,
}


@pytest.mark.parametrize("text", COSTLY.values(), ids=COSTLY.keys())
def test_no_file_costs_much(text: str) -> None:
    start = time.process_time()
    with contextlib.suppress(ValueError):
        list(csv_files.read(text[:MEBIBYTE], BERLIN))
    assert time.process_time() - start < 5
