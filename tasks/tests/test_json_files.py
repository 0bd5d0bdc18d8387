"""JSON files: our export, lists of tasks, and Google Takeout's Tasks.json."""

import contextlib
import json
import re
import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.formats import json_files
from tasks.formats.entries import Entry, Problem, Result
from tasks.tests.represented import represented, tasks

UTC = ZoneInfo("UTC")
INSTANT = "expected a time such as 2026-01-31T09:30:00Z"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
)


def read(document: Any) -> list[Result]:
    return list(json_files.read(json.dumps(document), UTC))


def google(*items: Any, title: str = "My Tasks") -> dict[str, Any]:
    task_list = {"kind": "tasks#tasks", "id": "L", "title": title, "items": list(items)}
    return {"kind": "tasks#taskLists", "items": [task_list]}


def google_task(**members: Any) -> dict[str, Any]:
    return {"kind": "tasks#task", "id": "T1", "title": "Call", "status": "needsAction", **members}


# --- Our documents --------------------------------------------------------------------------------


@given(tasks())
def test_tasks_of_an_export_are_read_back_equal(task: dict[str, Any]) -> None:
    (entry,) = read({"user": {"id": "alice"}, "tasks": [task], "idempotency_records": []})

    left_out = ("id", "user_id", "updated_at", "deleted_at")
    expected = {name: task[name] for name in task if name not in left_out}
    if expected["completed_at"] is None:
        del expected["completed_at"]
    assert entry == Entry(1, task["id"], expected)


def test_a_list_of_tasks_is_read() -> None:
    results = read([{"id": "1", "title": "a"}, {"id": 2, "title": "b", "colour": "red"}])

    assert results == [Entry(1, "1", {"title": "a"}), Entry(2, "2", {"title": "b"})]


def test_names_in_camel_case_are_read() -> None:
    task = represented(due_date="2026-12-24", completed=True, completed_at="2026-11-20T14:00:00Z")
    camel = {re.sub("_(.)", lambda found: found[1].upper(), name): task[name] for name in task}

    assert "dueDate" in camel
    assert read({"tasks": [camel]}) == read({"tasks": [task]})


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("Buy milk", 'Expected an object such as {"title": "Buy milk"}'),
        ({"deleted_at": "2026-11-20T13:35:04Z"}, "The task is in the trash; not imported"),
        ({"deletedAt": "2026-11-20T13:35:04Z"}, "The task is in the trash; not imported"),
        ({"created_at": "2026-11-20"}, f"created_at: {INSTANT}, not '2026-11-20'"),
        ({"completed_at": 5}, f"completed_at: {INSTANT}, not a value of type int"),
        ({"created_at": [[]]}, f"created_at: {INSTANT}, not a value of type list"),
    ],
)
def test_a_bad_task_is_a_problem_of_its_position(task: Any, message: str) -> None:
    assert read([{"title": "a"}, task])[1] == Problem(2, message)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[NaN]", '["\\ud800"]', "{}", '{"tasks": 1}', "null", "3", '"a"', "[" * 500_000],
)
def test_another_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not valid JSON|Expected an object"):
        list(json_files.read(text, UTC))


def test_deep_nesting_is_a_problem_of_its_task() -> None:
    deep = '{"title": ' + "[" * 900 + "]" * 900 + "}"

    results = list(json_files.read(f'[{deep}, {{"title": "a"}}]', UTC))

    assert results[0] == Problem(1, "The task is nested too deeply")
    assert isinstance(results[1], Entry)


def test_equal_tasks_have_different_keys_that_stay_the_same() -> None:
    document = [{"title": "a"}, {"title": "a"}, {"title": "a", "id": ""}, {"title": "b"}]
    keys = [result.key for result in read(document) if isinstance(result, Entry)]

    assert len(set(keys)) == 4
    assert keys == [result.key for result in read(document) if isinstance(result, Entry)]


@pytest.mark.parametrize("own_id", ["x" * 201, "\0"])
def test_an_unusual_id_is_hashed(own_id: str) -> None:
    (entry,) = read([{"id": own_id, "title": "a"}])

    assert isinstance(entry, Entry)
    assert len(entry.key) == 64


def test_more_than_5000_tasks_are_refused() -> None:
    assert len(read([{}] * 5_000)) == 5_000
    with pytest.raises(ValueError, match="More than 5,000 tasks; split the file"):
        read([1] * 5_001)


# --- Google Takeout -------------------------------------------------------------------------------


def test_tasks_of_google_are_read() -> None:
    document = google(
        google_task(notes="At noon", due="2026-12-24T00:00:00.000Z", parent="T0"),
        google_task(
            id="T2",
            status="completed",
            completed="2026-11-21T08:00:00.000Z",
            created="2026-11-20T08:00:00.5Z",
            hidden=True,
        ),
    )

    call = {"title": "Call", "description": None, "completed": False}
    assert read(document) == [
        Entry(1, "T1", call | {"description": "At noon", "due_date": "2026-12-24"}),
        Entry(
            2,
            "T2",
            call
            | {
                "completed": True,
                "completed_at": "2026-11-21T08:00:00Z",
                "created_at": "2026-11-20T08:00:00.500000Z",
            },
        ),
    ]


def test_the_title_of_a_list_is_a_tag() -> None:
    document = google(
        google_task(), title=" Groceries and other things for the whole household, weekly "
    )
    document["items"] += google(google_task(id="T2"))["items"]

    first, second = read(document)

    assert isinstance(first, Entry)
    assert first.fields["tags"] == ["Groceries and other things for the whole household"]
    assert isinstance(second, Entry)
    assert second.line == 2
    assert "tags" not in second.fields


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (3, 'Expected an object with "title"'),
        (google_task(deleted=True), "The task is in the trash; not imported"),
        (google_task(due="soon"), "due: expected a time such as 2026-12-24T00:00:00Z, not 'soon'"),
        (google_task(created="soon"), f"created: {INSTANT}, not 'soon'"),
    ],
)
def test_a_bad_task_of_google_is_a_problem(task: Any, message: str) -> None:
    assert read(google(task)) == [Problem(1, message)]


def test_google_files_without_tasks_are_empty() -> None:
    lists: list[Any] = [None, [], [3, None], [{"title": "Empty"}], [{"items": {}}]]
    for items in lists:
        assert read({"kind": "tasks#taskLists", "items": items}) == []


# --- Any file -------------------------------------------------------------------------------------


@given(VALUES)
def test_any_value_is_read_or_refused(value: Any) -> None:
    task = {"title": value, "id": value, "created_at": value, "due": value, "deleted_at": value}
    for document in (
        value,
        [value],
        [task],
        google(value),
        google(task),
        google(task, title=value),
    ):
        with contextlib.suppress(ValueError):
            read(document)


MEBIBYTE = 1_048_576
COSTLY = {
    "5,000 tasks": json.dumps([{"title": "a" * 80, "created_at": "2026-11-20T13:35Z"}] * 5_000),
    "empty objects": "[" + ",".join(["{}"] * 349_000) + "]",
    "one deep value": "[" * 1_000 + "]" * 1_000,
    "deep values": "[" + ",".join(['{"title":' + "[" * 500 + "]" * 500 + "}"] * 1_000) + "]",
    "wide values": "[" + ",".join(['{"tags":[' + "0," * 50_000 + "0]}"] * 10) + "]",
    "names": "[{" + ",".join(f'"n{number}":0' for number in range(90_000)) + "}]",
    "one text": '[{"title":"' + "\\u0001" * 174_000 + '"}]',
}  # fmt: skip


@pytest.mark.parametrize("text", COSTLY.values(), ids=COSTLY.keys())
def test_no_file_costs_much(text: str) -> None:
    assert len(text) <= MEBIBYTE
    start = time.process_time()
    with contextlib.suppress(ValueError):
        list(json_files.read(text, UTC))
    assert time.process_time() - start < 5
