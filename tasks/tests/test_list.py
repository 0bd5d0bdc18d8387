"""GET /api/tasks: filters, search and sorting."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from conftest import make_task
from tasks.filters import read_words
from tasks.models import Priority, Task

SORTS = "created_at, -created_at, updated_at, -updated_at, due_date, -due_date, priority, "
SORTS += "-priority, title, -title, created, -created"
EXPECTED = {
    "status": "expected one of: all, pending, completed",
    "completed": "expected one of: true, false",
    "priority": "expected one of: low, medium, high, urgent",
    "due_before": "expected a date such as 2026-01-31",
    "due_after": "expected a date such as 2026-01-31",
    "search": "expected at most 10 different words of 100 characters",
    "sort": f"expected one of: {SORTS}",
    "sort_by": f"expected one of: {SORTS}",
    "order": "expected one of: asc, desc",
    "sort_order": "expected one of: asc, desc",
    "limit": "expected a whole number from 1 to 1000",
    "offset": "expected a whole number from 0 to 2147483647",
    "cursor": "expected the cursor of a Link header of this list; start again without it",
}


def titles(client: APIClient, **query: str) -> list[str]:
    response = client.get("/api/tasks", query)
    assert response.status_code == 200, response.content
    return [task["title"] for task in response.json()]


def test_it_shows_own_tasks_newest_first(
    as_alice: APIClient,
    alice: User,
    bob: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    older = make_task(alice, "Older", description="", due_date=date(2026, 1, 31))
    newer = make_task(alice, "Newer", completed=True, priority=Priority.URGENT)
    make_task(bob, "Not of Alice")

    with django_assert_num_queries(1):  # the page, which is the whole list
        response = as_alice.get("/api/tasks")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["X-Total-Count"] == "2"
    assert "Link" not in response.headers
    assert "Ignored-Fields" not in response.headers
    assert response.json() == [
        {
            "id": str(newer.pk),
            "user_id": alice.pk,
            "title": "Newer",
            "description": None,
            "completed": True,
            "completed_at": formatted(newer.completed_at),
            "priority": "urgent",
            "due_date": None,
            "due_at": None,
            "time_zone": None,
            "remind_at": None,
            "repeat": None,
            "tags": [],
            "created_at": formatted(newer.created_at),
            "updated_at": formatted(newer.updated_at),
            "deleted_at": None,
        },
        {
            "id": str(older.pk),
            "user_id": alice.pk,
            "title": "Older",
            "description": "",
            "completed": False,
            "completed_at": None,
            "priority": "medium",
            "due_date": "2026-01-31",
            "due_at": None,
            "time_zone": None,
            "remind_at": None,
            "repeat": None,
            "tags": [],
            "created_at": formatted(older.created_at),
            "updated_at": formatted(older.updated_at),
            "deleted_at": None,
        },
    ]


def formatted(time: Any) -> str:
    return str(time.isoformat().replace("+00:00", "Z"))


def test_without_tasks_the_list_is_empty(as_alice: APIClient) -> None:
    response = as_alice.get("/api/tasks")

    assert (response.status_code, response.json()) == (200, [])
    assert response.headers["X-Total-Count"] == "0"


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"status": "all"}, {"open", "done"}),
        ({"status": "pending"}, {"open"}),
        ({"status": "Completed"}, {"done"}),
        ({"status": ""}, {"open", "done"}),
        ({"completed": "true"}, {"done"}),
        ({"completed": "FALSE"}, {"open"}),
        ({"completed": ""}, {"open", "done"}),
        ({"priority": "HIGH"}, {"open"}),
        ({"priority": "low"}, {"done"}),
        ({"priority": "urgent"}, set()),
        ({"priority": " "}, {"open", "done"}),
        ({"priority": "high", "status": "completed"}, set()),
    ],
)
def test_it_filters(
    as_alice: APIClient, alice: User, query: dict[str, str], shown: set[str]
) -> None:
    make_task(alice, "open", priority=Priority.HIGH)
    make_task(alice, "done", priority=Priority.LOW, completed=True)

    assert set(titles(as_alice, **query)) == shown


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"due_before": "2026-02-01"}, {"january"}),
        ({"due_before": "2026-01-31"}, set()),
        ({"due_after": "2026-01-31"}, {"march"}),
        ({"due_after": "2026-01-30"}, {"january", "march"}),
        ({"due_after": "2026-01-30T23:59:59.999Z"}, {"january", "march"}),
        ({"due_after": "2026-01-30", "due_before": "2026-02-28T00:00:00-05:00"}, {"january"}),
        ({"due_before": "", "due_after": ""}, {"january", "march", "never"}),
    ],
)
def test_it_filters_by_due_date(
    as_alice: APIClient, alice: User, query: dict[str, str], shown: set[str]
) -> None:
    make_task(alice, "january", due_date=date(2026, 1, 31))
    make_task(alice, "march", due_date=date(2026, 3, 1))
    make_task(alice, "never")

    assert set(titles(as_alice, **query)) == shown


@pytest.mark.parametrize(
    ("search", "shown"),
    [
        ("MILK", ["Buy milk"]),
        ("milk buy", ["Buy milk"]),
        ("buy SHOP", ["Buy milk"]),
        ("buy nothing", []),
        ("corner", ["Buy milk"]),
        ("  ", ["Café", "50% off_peak \\o/ 🎉", "Buy milk"]),
        ("%", ["50% off_peak \\o/ 🎉"]),
        ("f_p", ["50% off_peak \\o/ 🎉"]),
        ("y_m", []),
        ("\\", ["50% off_peak \\o/ 🎉"]),
        ("🎉", ["50% off_peak \\o/ 🎉"]),
        ("'", []),
        ("ß", []),
        ("MÏLK", ["Buy milk"]),
        ("cafe", ["Café"]),
        ("CAFÉ", ["Café"]),
    ],
)
def test_it_searches_for_words_in_title_and_description(
    as_alice: APIClient, alice: User, search: str, shown: list[str]
) -> None:
    make_task(alice, "Buy milk", description="At the shop on the corner")
    make_task(alice, "50% off_peak \\o/ 🎉")
    make_task(alice, "Café")

    assert titles(as_alice, search=search) == shown


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, "c b a"),
        ({"sort": "created"}, "c b a"),
        ({"sort": "-created"}, "c b a"),
        ({"sort": "created", "order": "asc"}, "a b c"),
        ({"order": "asc"}, "a b c"),
        ({"sort_order": "ASC"}, "a b c"),
        ({"sort": "created_at"}, "a b c"),
        ({"sort": "created_at", "order": "desc"}, "c b a"),
        ({"sort": "-created_at"}, "c b a"),
        ({"sort_by": "updated_at"}, "b c a"),
        ({"sort": "-updated_at"}, "a c b"),
        ({"sort": "due_date"}, "b a c"),
        ({"sort": "-due_date"}, "a b c"),
        ({"sort": "priority"}, "c a b"),
        ({"sort_by": "priority", "sort_order": "desc"}, "b a c"),
        ({"sort": "Title"}, "a b c"),
        ({"sort": "-title"}, "c b a"),
        ({"sort": "-title", "order": "asc"}, "a b c"),
        ({"sort": "", "order": ""}, "c b a"),
    ],
)
def test_it_sorts(as_alice: APIClient, alice: User, query: dict[str, str], shown: str) -> None:
    now = timezone.now()
    for title, age, changed, due, priority in (
        ("a", 3, 1, date(2026, 2, 1), Priority.HIGH),
        ("B", 2, 3, date(2026, 1, 1), Priority.URGENT),
        ("c", 1, 2, None, Priority.LOW),
    ):
        task = make_task(alice, title, due_date=due, priority=priority)
        times = (now - timedelta(days=days) for days in (age, changed))
        Task.objects.filter(pk=task.pk).update(
            **dict(zip(("created_at", "updated_at"), times, strict=True))
        )

    assert " ".join(titles(as_alice, **query)).lower() == shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "banana"),
        ("status", "all,pending"),
        ("completed", "1"),
        ("completed", "\x00"),
        ("priority", "highest"),
        ("due_before", "tomorrow"),
        ("due_before", "2026-02-30"),
        ("due_before", "2026-02-03 noon"),
        ("due_after", "0000-00-00"),
        ("due_after", "2026-01-31\x00"),
        ("due_after", "\u0662026-01-31"),
        ("search", " ".join(f"w{number}" for number in range(11))),
        ("search", "w" * 101),
        ("sort", "user_id"),
        ("sort_by", "--title"),
        ("order", "down"),
        ("sort_order", "-1"),
        ("limit", "0"),
        ("limit", "-5"),
        ("limit", "1001"),
        ("limit", "5.5"),
        ("limit", "many"),
        ("limit", "9" * 30),
        ("limit", "\x00"),
        ("offset", "-1"),
        ("offset", "first"),
        ("offset", "9" * 30),
        ("cursor", "garbage"),
        ("cursor", "a:b:c"),
        ("cursor", "\x00"),
        ("cursor", "🎉"),
    ],
)
def test_an_invalid_value_returns_400_with_the_accepted_values(
    as_alice: APIClient, settings: Any, name: str, value: str
) -> None:
    settings.STRICT_INPUT = True

    response = as_alice.get("/api/tasks", {name: value})

    body = response.json()
    assert (response.status_code, body["code"]) == (400, "validation_error")
    expected = f"{name}: {EXPECTED[name]}"
    assert body["errors"] == {name: [expected]}
    assert body["error"] == body["detail"] == expected


@pytest.mark.parametrize(
    ("query", "ignored"),
    [
        ("sort=relevance", "sort"),
        ("sort_by=--title&status=banana", "sort_by, status"),
        ("priority=highest&order=down", "priority, order"),
        ("completed=yes", "completed"),
    ],
)
def test_a_word_without_meaning_is_ignored_and_named_in_ignored_fields(
    as_alice: APIClient, alice: User, query: str, ignored: str
) -> None:
    for title in ("Older", "Newer"):
        make_task(alice, title)

    response = as_alice.get(f"/api/tasks?{query}")

    assert response.headers["Ignored-Fields"] == ignored
    assert [task["title"] for task in response.json()] == ["Newer", "Older"]


@pytest.mark.parametrize(
    ("alias", "canonical"),
    [
        ("status=incomplete", "status=pending"),
        ("status=Active", "status=pending"),
        ("status=open", "status=pending"),
        ("status=todo", "status=pending"),
        ("status=complete", "status=completed"),
        ("status=done", "status=completed"),
        ("priority=all&completed=all&status=all", ""),
        ("sort=updated", "sort=updated_at"),
        ("sort=-updated", "sort=-updated_at"),
        ("sort=due", "sort=due_date"),
        ("sort=-due", "sort=-due_date"),
        ("sort=newest", "sort=-created_at"),
        ("sort=created_at_desc", "sort=-created_at"),
        ("sort=created_asc", "sort=created_at"),
        ("sort=created_newest", "sort=-created_at"),
        ("sort=oldest", "sort=created_at"),
        ("sort=due_date_soonest", "sort=due_date"),
        ("sort_by=due_desc", "sort=-due_date"),
        ("sort=priority_high_low", "sort=-priority"),
        ("sort=priority_low_high", "sort=priority"),
        ("sort=alphabetical_az", "sort=title"),
        ("sort=title_za", "sort=-title"),
        ("sort=due_date_soonest&order=desc", "sort=-due_date"),
    ],
)
def test_words_of_existing_frontends_have_their_meaning(
    as_alice: APIClient, alice: User, alias: str, canonical: str
) -> None:
    for day, (title, done, priority) in enumerate(
        [("b", False, Priority.HIGH), ("a", True, Priority.LOW), ("c", False, Priority.MEDIUM)]
    ):
        due = date(2026, 1, 3 - day)
        make_task(alice, title, completed=done, priority=priority, due_date=due)

    response = as_alice.get(f"/api/tasks?{alias}")

    assert response.json() == as_alice.get(f"/api/tasks?{canonical}").json()
    assert len(response.json()) >= 1
    assert "Ignored-Fields" not in response.headers


def test_unknown_parameters_are_ignored_and_listed_in_ignored_fields(
    as_alice: APIClient, alice: User
) -> None:
    make_task(alice)

    response = as_alice.get("/api/tasks", {"page": "2", "q\r\nSet-Cookie: a=b": "", "user_id": "x"})

    assert (response.status_code, len(response.json())) == (200, 1)
    assert response.headers["Ignored-Fields"] == "page, q%0D%0ASet-Cookie%3A%20a%3Db, user_id"


def test_strict_input_returns_400_for_unknown_parameters(
    as_alice: APIClient, settings: Any
) -> None:
    settings.STRICT_INPUT = True

    response = as_alice.get("/api/tasks", {"prioritee": "high", "q": "x"})

    assert response.status_code == 400
    assert response.json()["errors"] == {
        "prioritee": ["Unknown name prioritee, did you mean priority?"],
        "q": ["Unknown name q"],
    }
    assert as_alice.get("/api/tasks", {"sort": "title", "cursor": ""}).status_code == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("search=%00", 400),
        ("search=%FF%FE", 400),
        ("search=%ED%A0%80", 400),
        ("search=\xff", 400),
        ("%FF=%FF", 400),
        ("search=" + "a+" * 2000, 200),
        ("search=" + "+".join(map(str, range(10))), 200),
        ("%00=1&=&&&;", 200),
        ("a&" * 1001, 400),
        ("priority=%ED%A0%80", 400),
        ("limit=%FF", 400),
    ],
)
def test_any_bytes_in_a_query_return_200_or_400(
    as_alice: APIClient, query: str, status: int
) -> None:
    assert as_alice.generic("GET", "/api/tasks", QUERY_STRING=query).status_code == status


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "idna", "nonsense"])
def test_the_charset_of_the_body_does_not_apply_to_the_query(
    as_alice: APIClient, charset: str
) -> None:
    content_type = f"application/json; charset={charset}"

    response = as_alice.generic("GET", "/api/tasks?limit=-1", content_type=content_type)

    assert response.json()["errors"] == {"limit": [f"limit: {EXPECTED['limit']}"]}


def test_repeated_search_words_are_removed() -> None:
    assert read_words(" buy milk  buy buy") == read_words("buy milk") == ["buy", "milk"]
