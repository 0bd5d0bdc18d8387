"""`search` of GET /api/tasks ignores case and accents, and the folded text that it reads."""

import unicodedata
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.models import User
from conftest import make_task
from tasks.models import Task

PAIRS = [
    ("cafe", "Café"),
    ("cafe", "CAFÉ"),
    ("CAFÉ", "cafe"),
    ("cafe", "cafe\u0301"),
    ("cafe\u0301", "café"),
    ("strasse", "Straße"),
    ("STRASSE", "straße"),
    ("straße", "STRASSE"),
    ("straße", "STRAẞE"),
    ("αθηνα", "Αθήνα"),
    ("ΟΔΟΣ", "οδός"),
    ("αδης", "ᾅδης"),
    ("елка", "Ёлка"),
    ("йод", "ИОД"),
    ("istanbul", "İstanbul"),
    ("ISPARTA", "\u0131sparta"),
    ("sisli", "Şişli"),
    ("שלום", "שָׁלוֹם"),
    ("محمد", "مُحَمَّد"),
    ("duong", "Đường"),
    ("pho bo", "Phở bò"),
    ("zazolc gesla jazn", "Zażółć gęślą jaźń"),
    ("lodz", "ŁÓDŹ"),
    ("smorrebrod", "Smørrebrød"),
    ("abc 123", "\uff21\uff22\uff23\u3000\uff11\uff12\uff13"),
    ("ﬁsh", "FISH"),
    ("한국", "한국"),
]


def titles(client: APIClient, search: str) -> list[str]:
    response = client.get("/api/tasks", {"search": search})
    assert response.status_code == 200, response.content
    return [task["title"] for task in response.json()]


def folded(task: Task) -> str | None:
    return Task.objects.values_list("folded", flat=True).get(pk=task.pk)


@pytest.mark.parametrize(("search", "title"), PAIRS)
def test_it_ignores_case_and_accents(
    as_alice: APIClient, alice: User, search: str, title: str
) -> None:
    make_task(alice, title)
    make_task(alice, "Buy milk", description=title)
    make_task(alice, "Anything else")

    assert titles(as_alice, search) == ["Buy milk", title]


@pytest.mark.parametrize(
    ("search", "title"),
    [
        ("か", "が"),
        ("cafe", "caff"),
        ("oe", "ö"),
        ("b", "ß"),
        ("l", "1"),
        ("и", "i"),
    ],
)
def test_letters_that_differ_are_not_equal(
    as_alice: APIClient, alice: User, search: str, title: str
) -> None:
    make_task(alice, f"({title})")

    assert titles(as_alice, search) == []


@pytest.mark.parametrize("mark", ["%", "_", "\\", "\\%", "%%", "'", ".*", "[a]", "$1", "\\1"])
@pytest.mark.parametrize("accent", ["", "é"])
def test_wildcards_are_literal(as_alice: APIClient, alice: User, mark: str, accent: str) -> None:
    make_task(alice, f"a{mark}b{accent}")
    make_task(alice, f"a b{accent} a1 a")

    assert titles(as_alice, f"a{mark}B") == [f"a{mark}b{accent}"]


@pytest.mark.parametrize("search", ["\u0301", "\u0301\u0308", "\u05b0", "e\u0301 \u0301"])
def test_a_word_of_nothing_but_accents_matches_any_text(
    as_alice: APIClient, alice: User, search: str
) -> None:
    make_task(alice, "eis"), make_task(alice, "Élan")

    assert titles(as_alice, search) == ["Élan", "eis"]


def test_words_are_found_in_either_text_but_not_across_both(
    as_alice: APIClient, alice: User
) -> None:
    make_task(alice, "Café", description="Crème")

    assert titles(as_alice, "creme cafe") == ["Café"]
    assert titles(as_alice, "cafecreme") == []


def test_it_finds_only_own_tasks(as_alice: APIClient, bob: User) -> None:
    make_task(bob, "café")

    assert titles(as_alice, "cafe") == []


@pytest.mark.parametrize("field", ["title", "description"])
def test_every_writer_refreshes_the_folded_text(
    as_alice: APIClient, alice: User, field: str
) -> None:
    task = make_task(alice, "Tee", description="Tee")
    new = iter(("Café", "Crème", "Straße", "Ånd"))

    as_alice.patch(f"/api/tasks/{task.pk}", {field: next(new)})
    assert titles(as_alice, "cafe") != []
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE tasks_task SET {field} = %s", [next(new)])  # noqa: S608
    assert titles(as_alice, "cafe") == [] != titles(as_alice, "creme")
    task = Task.objects.get()
    setattr(task, field, next(new))
    Task.objects.bulk_update([task], [field])
    assert titles(as_alice, "creme") == [] != titles(as_alice, "strasse")
    setattr(task, field, next(new))
    task.save()
    assert titles(as_alice, "strasse") == [] != titles(as_alice, "and")


def test_a_deleted_description_is_not_found(as_alice: APIClient, alice: User) -> None:
    task = make_task(alice, "Tee", description="Café")

    as_alice.patch(f"/api/tasks/{task.pk}", {"description": None})

    assert (titles(as_alice, "cafe"), folded(task)) == ([], "TEE")


def test_titles_are_in_form_nfc(as_alice: APIClient) -> None:
    response = as_alice.post("/api/tasks", {"title": " Cafe\u0301 "})

    assert response.json()["title"] == Task.objects.get().title == "Café"


def test_the_length_of_a_title_is_that_of_form_nfc(as_alice: APIClient) -> None:
    composed, longer = "e\u0301" * 255, "\u0958" * 128  # of the latter, each is two in form NFC

    assert as_alice.post("/api/tasks", {"title": composed}).status_code == 201
    response = as_alice.post("/api/tasks", {"title": longer})

    assert response.json()["errors"] == {"title": ["Title must not exceed 255 characters"]}


@pytest.mark.parametrize(
    "title",
    ["\u200b", "\ufeff \u2060", "\u3164", "\u2800", "\u00ad", "\U000e0041", "\ufe0f", "\x01"],
)
def test_an_invisible_title_is_refused(as_alice: APIClient, alice: User, title: str) -> None:
    task = make_task(alice)

    created = as_alice.post("/api/tasks", {"title": title})
    changed = as_alice.patch(f"/api/tasks/{task.pk}", {"title": title})

    for response in (created, changed):
        assert response.status_code == 400
        assert response.json()["errors"] == {"title": ["Title cannot be empty"]}
    assert Task.objects.get().title == "Water the plants"


@pytest.mark.parametrize(
    "title", ["👩‍👩‍👧", "❤️", "a\u200bb", "\u200f שלום", "🏴\U000e0067\U000e007f"]
)
def test_a_title_with_invisible_characters_is_kept(as_alice: APIClient, title: str) -> None:
    assert as_alice.post("/api/tasks", {"title": title}).json()["title"] == title


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)


@hypothesis_settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(word=WORDS.filter(lambda word: len(word.split()) == 1))
def test_a_task_is_found_by_each_word_of_its_title(
    as_alice: APIClient, alice: User, word: str
) -> None:
    Task.objects.all().delete()
    for form in ("NFC", "NFD"):
        make_task(alice, f"before {unicodedata.normalize(form, word)} after")

    assert len(titles(as_alice, word)) == 2


def test_the_description_of_a_search_is_bounded(as_alice: APIClient, alice: User) -> None:
    make_task(alice, "x", description="é" * 10_000)
    words: Any = " ".join("é" * number for number in range(91, 101))

    assert titles(as_alice, words) == ["x"]
