"""`manage.py list_users` lists and filters users."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts import personal_data
from accounts.models import User
from conftest import ALICE, BOB

pytestmark = pytest.mark.django_db


def listed(*arguments: str) -> tuple[str, str]:
    """Returns standard output and standard error."""
    output, errors = StringIO(), StringIO()
    call_command("list_users", *arguments, stdout=output, stderr=errors)
    return output.getvalue(), errors.getvalue()


def ids(*arguments: str) -> list[str]:
    return [json.loads(line)["id"] for line in listed("--json", *arguments)[0].splitlines()]


@pytest.fixture
def users(alice: User, bob: User) -> None:
    """Alice, who joined first, Bob, and an erased user."""
    long_ago = timezone.now() - timedelta(days=9)
    User.objects.filter(pk=ALICE).update(date_joined=long_ago, last_seen_at=long_ago)
    third = User.objects.create(pk="third", email="third@todo.test", password="!")
    personal_data.erase(third)


@pytest.mark.usefixtures("users")
def test_it_lists_the_newest_first_in_columns() -> None:
    printed, errors = listed()

    rows = [line.split() for line in printed.splitlines()]
    assert rows[0] == ["id", "email", "name", "state", "date_joined", "last_seen_at"]
    assert rows[1][:2] == ["third", "erased"]
    assert rows[2][:4] == [BOB, "bob@todo.test", "Bob", "active"]
    assert rows[3][:4] == [ALICE, "alice@todo.test", "Alice", "active"]
    assert len(rows) == 4
    assert errors == ""


@pytest.mark.usefixtures("users")
def test_it_filters_by_status_and_e_mail() -> None:
    User.objects.filter(pk=BOB).suspend()

    assert ids("--suspended") == [BOB]
    assert ids("--email", "ALI") == [ALICE]
    assert ids("--email", "%") == []
    assert ids("--email", "ice@") == []


@pytest.mark.usefixtures("users")
def test_json_has_every_field() -> None:
    User.objects.filter(pk=ALICE).update(
        date_joined="2026-01-31T10:00:00Z", last_seen_at="2026-02-01T10:00:00Z"
    )

    lines = listed("--json", "--email", "alice")[0].splitlines()

    assert [json.loads(line) for line in lines] == [
        {
            "id": ALICE, "email": "alice@todo.test", "name": "Alice", "state": "active",
            "date_joined": "2026-01-31T10:00:00Z", "last_seen_at": "2026-02-01T10:00:00Z",
        }
    ]  # fmt: skip


@pytest.mark.usefixtures("users")
def test_it_stops_at_the_limit_and_reports_more() -> None:
    two, errors = listed("--json", "--limit", "2")

    assert len(two.splitlines()) == 2
    assert "more than 2" in errors
    assert listed("--json", "--limit", "3")[1] == ""


def test_a_name_cannot_contain_terminal_escapes(alice: User) -> None:
    User.objects.update(name="\x1b[31mAlice\nroot  root@todo.test")

    printed, _ = listed()

    assert "\x1b" not in printed
    assert len(printed.splitlines()) == 2
