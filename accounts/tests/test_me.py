"""Who am I: me, verify, and signing out."""

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.key_server import KeyServer
from conftest import Serve, client_of, token_for
from todo_api.tests.http import request, send

ME = ["/api/me", "/api/auth/me", "/api/users/me"]
OWN = ["signup", "register", "login", "signin", "logout", "signout", "verify"]


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("path", ME)
def test_me_is_the_person_who_calls(
    as_alice: APIClient,
    alice: User,
    path: str,
    slash: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):  # the person
        response = as_alice.get(path + slash)

    assert response.status_code == 200
    assert response.json() == {
        "id": alice.pk,
        "email": alice.email,
        "name": alice.name,
        "created_at": alice.date_joined.isoformat().replace("+00:00", "Z"),
    }


def test_me_answers_beside_a_better_auth_server(db: None, better_auth: KeyServer) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {better_auth.token('Someone', name='So')}")

    responses = [client.get(path).json() for path in ME]

    assert responses == [responses[0]] * 3
    assert {**responses[0], "created_at": ""} == {
        "id": "Someone", "email": "Someone@todo.test", "name": "So", "created_at": "",
    }  # fmt: skip


@pytest.mark.parametrize("slash", ["", "/"])
def test_verify_says_whom_a_token_speaks_of(db: None, slash: str) -> None:
    response = client_of("Zk3", email="z@todo.test", name="Z").post(f"/api/auth/verify{slash}")

    assert response.status_code == 200
    assert response.json() == {
        "user_id": "Zk3", "external_id": "Zk3", "email": "z@todo.test", "name": "Z",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path"), [*(("get", path) for path in ME), ("post", "/api/auth/verify")]
)
def test_without_a_token_nobody_is_anybody(
    db: None, nobody: APIClient, method: str, path: str
) -> None:
    none = getattr(nobody, method)(path)
    nobody.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for('Zk3', exp=1)}")
    expired = getattr(nobody, method)(path)

    assert (none.status_code, none.json()["code"]) == (401, "not_authenticated")
    assert (expired.status_code, expired.json()["code"]) == (401, "token_expired")
    assert not User.objects.exists()


def test_a_suspended_person_is_told_so(as_alice: APIClient, alice: User) -> None:
    User.objects.update(is_active=False)

    responses = [as_alice.get("/api/me"), as_alice.post("/api/auth/verify")]

    assert {(response.status_code, response.json()["code"]) for response in responses} == {
        (403, "account_suspended")
    }


@pytest.mark.parametrize("path", ["logout", "logout/", "signout", "signout/"])
def test_signing_out_asks_nothing(
    as_alice: APIClient,
    nobody: APIClient,
    path: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        responses = [client.post(f"/api/auth/{path}") for client in (as_alice, nobody)]
        broken = nobody.generic("POST", f"/api/auth/{path}", "{", "application/json")

    assert [(response.status_code, response.json()) for response in (*responses, broken)] == [
        (200, {"message": "Signed out"})
    ] * 3


@pytest.mark.slow
@pytest.mark.parametrize(
    "variables",
    [
        {"LOCAL_ACCOUNTS": "off"},
        {"BETTER_AUTH_URL": "https://app.todo.test", "LOCAL_ACCOUNTS": "on"},
    ],
    ids=["switched off", "beside Better Auth"],
)
def test_where_they_are_off_own_accounts_have_no_address(
    serve: Serve, variables: dict[str, str]
) -> None:
    address = serve("--workers", "1", **variables)

    responses = [send(address, request("POST", f"/api/auth/{path}")) for path in OWN]
    me = [send(address, request("GET", path)) for path in ME]

    assert {(response.status, response.json["code"]) for response in responses} == {
        (404, "not_found")
    }
    assert {response.status for response in me} == {401}
