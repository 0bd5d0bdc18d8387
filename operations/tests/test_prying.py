"""What the address of an admin list may not ask, whoever types it."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from conftest import make_task

PASSWORD = "correct horse battery"


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("operator@todo.test", PASSWORD)


@pytest.fixture
def operator(boss: User, client: Client) -> Client:
    client.force_login(boss)
    return client


@pytest.mark.parametrize(
    "address",
    [
        "tasks/task/?title__startswith=W",
        "tasks/task/?title=Water the plants",
        "tasks/task/?description__icontains=x",
        "tasks/task/?due_date__year=99999999",
        "accounts/user/?password__startswith=argon2",
        "accounts/user/?id__regex=(",
        "accounts/user/?tasks__title__startswith=W",
        "admin/logentry/?user__password__startswith=argon2",
    ],
)
def test_a_list_does_not_tell_what_it_hides(operator: Client, alice: User, address: str) -> None:
    make_task(alice)

    response: Any = operator.get(f"/admin/{address}")

    assert response.status_code == 400


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("accounts/user/%00/change/", 302),
        ("accounts/user/?email=%00", 302),
        ("tasks/task/?user__id__exact=%00", 302),
    ],
)
def test_what_no_column_can_hold_is_no_error(operator: Client, address: str, status: int) -> None:
    response: Any = operator.get(f"/admin/{address}")

    assert response.status_code == status


def test_no_superuser_takes_away_their_own_rights(operator: Client, boss: User) -> None:
    response: Any = operator.post(f"/admin/accounts/user/{boss.pk}/change/", {"reason": "Ticket 1"})

    boss.refresh_from_db()
    assert response.status_code == 200
    assert "Your own rights are another superuser" in response.content.decode()
    assert (boss.is_staff, boss.is_superuser) == (True, True)


def test_the_admin_answers_no_other_origin(operator: Client) -> None:
    response: Any = operator.get("/admin/", headers={"Origin": "http://localhost:3000"})

    assert response.status_code == 200
    assert "Access-Control-Allow-Origin" not in response
