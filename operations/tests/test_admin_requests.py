"""Admin pages refuse lookups on hidden fields, invalid values, and other unsafe requests."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from conftest import make_task

PASSWORD = "correct horse battery"


@pytest.fixture
def superuser(db: None) -> User:
    return User.objects.create_superuser("operator@todo.test", PASSWORD)


@pytest.fixture
def operator(superuser: User, client: Client) -> Client:
    client.force_login(superuser)
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
def test_lookups_that_could_reveal_hidden_fields_return_400(
    operator: Client, alice: User, address: str
) -> None:
    make_task(alice)

    response: Any = operator.get(f"/admin/{address}")

    assert response.status_code == 400


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("accounts/user/%00/change/", 400),
        ("accounts/user/?email=%00", 400),
        ("tasks/task/?user__id__exact=%00", 400),
    ],
)
def test_values_that_no_column_can_hold_are_refused(
    operator: Client, address: str, status: int
) -> None:
    response: Any = operator.get(f"/admin/{address}")

    assert response.status_code == status


def test_superusers_cannot_remove_their_own_rights(operator: Client, superuser: User) -> None:
    response: Any = operator.post(
        f"/admin/accounts/user/{superuser.pk}/change/", {"reason": "Ticket 1"}
    )

    superuser.refresh_from_db()
    assert response.status_code == 200
    assert "You cannot change your own rights" in response.content.decode()
    assert (superuser.is_staff, superuser.is_superuser) == (True, True)


def test_the_admin_has_no_cors_headers(operator: Client) -> None:
    response: Any = operator.get("/admin/", headers={"Origin": "http://localhost:3000"})

    assert response.status_code == 200
    assert "Access-Control-Allow-Origin" not in response
