"""POST /api/tasks."""

import json
from datetime import date
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from conftest import make_task
from tasks.models import Priority, Task

PRIORITY = "Priority must be one of: low, medium, high, urgent"
DUE_DATE = "Due date must be a date such as 2026-01-31"
COMPLETED = "Completed must be true or false"
TIME = "must be a time with its offset, such as 2026-01-31T09:00:00Z"
TIME_ZONE = "Time zone must be an IANA name such as Europe/Berlin"
REPEAT = 'Repeat must be null or such as {"rule": "FREQ=WEEKLY", "from": "due"}'
FROM = 'Repeat: from must be "due" or "completion"'
TAGS = "Tags must be a list of texts"
BAD_TIMES: list[Any] = [
    "2026-01-31T09:00:00",
    "2026-01-31",
    "soon",
    5,
    True,
    [],
    "2026-02-30T09:00Z",
]
BAD_ZONES: list[Any] = ["europe/berlin", "+01:00", " ", 5, True, [], {}]
BAD_REPEATS: list[Any] = ["FREQ=DAILY", {}, {"from": "due"}, {"rule": None}, [], "", 5, True]
BAD_LISTS: list[Any] = ["home", {}, 5, True]
BAD_FLAGS: list[Any] = ["true", 1, None, []]
BAD_PRIORITIES: list[Any] = ["", "highest", 3, None, ["low"], "\x00"]
BAD_DATES: list[Any] = [
    "tomorrow", "2026-02-30", "31.01.2026", "2026-1-31", 20260131, [], True, "2026-01-31x",
    "0000-01-01", "2026-01-31\x00",
]  # fmt: skip


def create(client: APIClient, body: dict[str, Any]) -> Any:
    response = client.post("/api/tasks", body)
    assert response.status_code == 201, response.content
    return response.json()


def post_text(client: APIClient, text: str, content_type: str = "application/json") -> Any:
    return client.generic("POST", "/api/tasks", text, content_type=content_type)


def test_it_creates_a_task_of_the_signed_in_user(
    as_alice: APIClient, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    body = {
        "title": "  Water the plants\n",
        "description": " Twice ",
        "priority": "High",
        "due_date": "2026-01-31",
    }

    with django_assert_num_queries(1):  # the insert
        response = as_alice.post("/api/tasks", body)

    task = Task.objects.get()
    assert response.status_code == 201
    assert response.headers["Location"] == f"http://testserver/api/tasks/{task.pk}"
    assert "Ignored-Fields" not in response.headers
    assert response.json() == {
        "id": str(task.pk),
        "user_id": alice.pk,
        "title": "Water the plants",
        "description": " Twice ",
        "completed": False,
        "completed_at": None,
        "priority": "high",
        "due_date": "2026-01-31",
        "due_at": None,
        "time_zone": None,
        "remind_at": None,
        "repeat": None,
        "tags": [],
        "created_at": task.created_at.isoformat().replace("+00:00", "Z"),
        "updated_at": task.created_at.isoformat().replace("+00:00", "Z"),
        "deleted_at": None,
    }
    assert (task.user_id, task.title, task.description) == (alice.pk, "Water the plants", " Twice ")
    assert (task.completed, task.completed_at) == (False, None)
    assert (task.priority, task.due_date) == (Priority.HIGH, date(2026, 1, 31))
    assert task.updated_at == task.created_at


def test_a_title_is_enough(as_alice: APIClient) -> None:
    task = create(as_alice, {"title": "x"})

    assert (task["description"], task["completed"], task["completed_at"]) == (None, False, None)
    assert (task["priority"], task["due_date"]) == ("medium", None)


def test_location_is_the_url_of_the_task(as_alice: APIClient) -> None:
    response = as_alice.post("/api/v1/tasks/", {"title": "x"})

    location = response.headers["Location"]
    assert location == f"http://testserver/api/v1/tasks/{response.json()['id']}"
    assert as_alice.get(location).json() == response.json()


@pytest.mark.parametrize(
    ("body", "name", "text"),
    [
        ({}, "title", "Title is required"),
        ({"title": ""}, "title", "Title cannot be empty"),
        ({"title": " \t\u3000\u2007"}, "title", "Title cannot be empty"),
        ({"title": None}, "title", "Title cannot be empty"),
        ({"title": "x" * 256}, "title", "Title must not exceed 255 characters"),
        ({"title": 5}, "title", "Title must be text"),
        ({"title": ["x"]}, "title", "Title must be text"),
        ({"title": True}, "title", "Title must be text"),
        ({"title": "x", "description": 5}, "description", "Description must be text or null"),
        ({"title": "x", "description": {}}, "description", "Description must be text or null"),
        (
            {"title": "x", "description": "x" * 10_001},
            "description",
            "Description must not exceed 10000 characters",
        ),
        *(({"title": "x", "completed": value}, "completed", COMPLETED) for value in BAD_FLAGS),
        *(({"title": "x", "priority": value}, "priority", PRIORITY) for value in BAD_PRIORITIES),
        *(({"title": "x", "due_date": value}, "due_date", DUE_DATE) for value in BAD_DATES),
        *(({"title": "x", "due_at": value}, "due_at", f"Due time {TIME}") for value in BAD_TIMES),
        *(({"title": "x", "remind_at": value}, "remind_at", f"Reminder {TIME}")
          for value in BAD_TIMES),
        *(({"title": "x", "time_zone": value}, "time_zone", TIME_ZONE) for value in BAD_ZONES),
        *(({"title": "x", "repeat": value}, "repeat", REPEAT) for value in BAD_REPEATS),
        *(({"title": "x", "repeat": {"rule": "FREQ=DAILY", "from": value}}, "repeat", FROM)
          for value in ("", "DUE", None, 1)),
        *(({"title": "x", "tags": value}, "tags", TAGS) for value in BAD_LISTS),
    ],
)  # fmt: skip
def test_an_invalid_field_returns_400_with_its_name(
    as_alice: APIClient, body: dict[str, Any], name: str, text: str
) -> None:
    response = as_alice.post("/api/tasks", body)

    problem = response.json()
    assert (response.status_code, problem["code"]) == (400, "validation_error")
    assert problem["error"] == problem["detail"] == text
    assert problem["errors"] == {name: [text]}
    assert not Task.objects.exists()


def test_all_invalid_fields_are_reported_in_one_response(as_alice: APIClient) -> None:
    response = as_alice.post("/api/tasks", {"title": "", "priority": "x", "due_date": "x"})

    assert response.json()["error"] == "Title cannot be empty"
    assert response.json()["errors"] == {
        "title": ["Title cannot be empty"],
        "priority": [PRIORITY],
        "due_date": [DUE_DATE],
    }


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31T23:00:00-05:00", "2026-01-31"),
        ("2026-01-31T00:00:00.000Z", "2026-01-31"),
        ("2026-01-31 09:30", "2026-01-31"),
        ("0001-01-01", "0001-01-01"),
        ("9999-12-31", "9999-12-31"),
        ("", None),
        (None, None),
    ],
)
def test_a_due_date_is_the_date_part_without_time_zone_conversion(
    as_alice: APIClient, sent: str | None, stored: str | None
) -> None:
    assert create(as_alice, {"title": "x", "due_date": sent})["due_date"] == stored


@pytest.mark.parametrize("priority", ["low", "MEDIUM", "High", "uRGENT"])
def test_a_priority_is_case_insensitive(as_alice: APIClient, priority: str) -> None:
    assert create(as_alice, {"title": "x", "priority": priority})["priority"] == priority.lower()


def test_a_task_can_be_created_completed(as_alice: APIClient) -> None:
    task = create(as_alice, {"title": "x", "completed": True})

    assert task["completed_at"] == task["created_at"]


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("🎉" * 255, "🎉" * 10_000),
        ("  " + "x" * 255 + "  ", ""),
        ("عنوان ‏", None),
        ("<script>alert('x')</script>", '"; DROP TABLE tasks_task; --'),
        ("a\u200d\u0301b", "line\r\nline\ttab"),
    ],
)
def test_text_is_stored_unchanged(as_alice: APIClient, title: str, description: str | None) -> None:
    task = create(as_alice, {"title": title, "description": description})

    assert (task["title"], task["description"]) == (title.strip(), description)
    assert as_alice.get(f"/api/tasks/{task['id']}").json() == task


@pytest.mark.parametrize("name", ["title", "description", "tags", "time_zone", "due_at", "repeat"])
@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "\udfff"])
def test_null_characters_and_surrogates_return_400(
    as_alice: APIClient, name: str, text: str
) -> None:
    value = {"tags": [text], "repeat": {"rule": text}}.get(name, text)

    response = post_text(as_alice, json.dumps({"title": "x", name: value}))

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [name]


@pytest.mark.parametrize("name", ["due_date", "due_at", "time_zone", "remind_at"])
def test_an_empty_text_is_null(as_alice: APIClient, name: str) -> None:
    assert create(as_alice, {"title": "x", name: ""})[name] is None


def test_unknown_members_of_repeat_are_listed_in_ignored_fields(
    as_alice: APIClient, settings: Any
) -> None:
    body = {"title": "x", "repeat": {"rule": "FREQ=DAILY", "form": "completion"}}

    response = as_alice.post("/api/tasks", body)
    settings.STRICT_INPUT = True
    refused = as_alice.post("/api/tasks", body)

    assert response.json()["repeat"] == {"rule": "FREQ=DAILY", "from": "due"}
    assert response.headers["Ignored-Fields"] == "form"
    assert (refused.status_code, Task.objects.count()) == (400, 1)
    assert "did you mean from?" in refused.json()["detail"]


def test_members_that_the_server_sets_are_ignored_and_not_reported(
    as_alice: APIClient, alice: User, bob: User
) -> None:
    sent = {
        "id": "0d6c8d5e-4b0e-4a39-8f3c-000000000000",
        "user_id": bob.pk,
        "user": bob.pk,
        "created_at": "2001-01-01T00:00:00Z",
        "updated_at": "2001-01-01T00:00:00Z",
        "completed_at": "2001-01-01T00:00:00Z",
        "deleted_at": "2001-01-01T00:00:00Z",
    }

    response = as_alice.post("/api/tasks", {"title": "x", **sent})

    assert response.status_code == 201
    assert "Ignored-Fields" not in response.headers
    assert {name: response.json().get(name) for name in sent}.items().isdisjoint(sent.items())
    assert Task.objects.get().user_id == alice.pk


def test_unknown_members_and_parameters_are_listed_in_ignored_fields(as_alice: APIClient) -> None:
    body = {"title": "x", "labels": [], "Priorité": 1, "a\r\nSet-Cookie: b=c": 1, "q": 1}

    response = as_alice.post("/api/tasks?q=1&limit=5", body)

    assert response.status_code == 201
    assert response.headers["Ignored-Fields"] == (
        "q, limit, labels, Priorit%C3%A9, a%0D%0ASet-Cookie%3A%20b%3Dc"
    )


def test_ignored_fields_is_short_for_any_number_of_unknown_members(as_alice: APIClient) -> None:
    many = {f"{number}{'🎉' * 100}": 1 for number in range(2000)}

    response = as_alice.post("/api/tasks?page=1", {"title": "x", **many})

    names = response.headers["Ignored-Fields"].split(", ")
    assert response.status_code == 201
    assert (len(names), names[0]) == (15, "page")
    assert len(response.headers["Ignored-Fields"]) < 4000


def test_strict_input_returns_400_for_unknown_members(as_alice: APIClient, settings: Any) -> None:
    settings.STRICT_INPUT = True

    response = post_text(as_alice, '{"title": "x", "titel": 1, "\\ud800": 1, "user_id": "x"}')

    assert response.status_code == 400
    assert response.json()["errors"] == {
        "titel": ["Unknown name titel, did you mean title?"],
        "%3F": ["Unknown name %3F"],
    }
    assert not Task.objects.exists()


@pytest.mark.parametrize("body", ["[]", '[{"title": "x"}]', "1", "null", '"x"', "false"])
def test_a_body_that_is_not_an_object_returns_400(as_alice: APIClient, body: str) -> None:
    response = post_text(as_alice, body)

    assert (response.status_code, response.json()["code"]) == (400, "validation_error")
    assert response.json()["error"] == "The body must be a JSON object"


def test_the_place_of_a_wrong_byte_is_named(as_alice: APIClient) -> None:
    body = b'{"title": "\xff"}'

    response = as_alice.post("/api/tasks", body, content_type="application/json")

    assert response.json()["detail"] == "The body is not valid JSON: byte 11 is not UTF-8"


@pytest.mark.parametrize("content_type", ["", "application/json", "multipart/form-data", "x/y"])
def test_an_empty_body_returns_400(as_alice: APIClient, content_type: str) -> None:
    response = post_text(as_alice, "", content_type)

    assert (response.status_code, response.json()["error"]) == (400, "Title is required")


@pytest.mark.parametrize("charset", ["utf-8", "hex", "utf-16", "nonsense"])
def test_json_is_read_as_utf8_with_any_charset(as_alice: APIClient, charset: str) -> None:
    response = post_text(as_alice, '{"title": "Ä🎉"}', f"application/json; charset={charset}")

    assert (response.status_code, response.json()["title"]) == (201, "Ä🎉")


def test_a_user_with_the_most_tasks_gets_a_409_with_the_limit(
    as_alice: APIClient, alice: User, bob: User, settings: Any
) -> None:
    settings.TASKS_PER_USER = 2
    make_task(bob)
    statuses = [as_alice.post("/api/tasks", {"title": title}).status_code for title in "ab"]

    refused = as_alice.post("/api/tasks", {"title": "c"})
    Task.objects.filter(title="a").delete()
    again = as_alice.post("/api/tasks", {"title": "c"})

    assert (statuses, refused.status_code, again.status_code) == ([201, 201], 409, 201)
    assert refused.json()["code"] == "quota_exceeded"
    assert refused.json()["detail"] == (
        "A user can have 2 tasks, those in the trash included; delete some for good first"
    )
    assert Task.objects.filter(user=bob).count() == 1
