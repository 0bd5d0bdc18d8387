"""The endpoints `me`, `verify` and `logout`."""

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.key_server import KeyServer
from conftest import Serve, client_of, token_for
from todo_api.tests.http import request, send

ME = ["/api/me", "/api/auth/me", "/api/users/me"]
ACCOUNT_PATHS = ["signup", "register", "login", "signin", "logout", "signout", "verify"]


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("path", ME)
def test_me_returns_the_user_of_the_token(
    as_alice: APIClient,
    alice: User,
    path: str,
    slash: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):  # the user
        response = as_alice.get(path + slash)

    assert response.status_code == 200
    assert response.json() == {
        "id": alice.pk,
        "email": alice.email,
        "name": alice.name,
        "created_at": alice.date_joined.isoformat().replace("+00:00", "Z"),
    }


def test_me_works_with_a_better_auth_server(db: None, better_auth: KeyServer) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {better_auth.token('Someone', name='So')}")

    responses = [client.get(path).json() for path in ME]

    assert responses == [responses[0]] * 3
    assert {**responses[0], "created_at": ""} == {
        "id": "Someone", "email": "Someone@todo.test", "name": "So", "created_at": "",
    }  # fmt: skip


@pytest.mark.parametrize("slash", ["", "/"])
def test_verify_returns_the_user_of_the_token(db: None, slash: str) -> None:
    response = client_of("Zk3", email="z@todo.test", name="Z").post(f"/api/auth/verify{slash}")

    assert response.status_code == 200
    assert response.json() == {
        "user_id": "Zk3", "external_id": "Zk3", "email": "z@todo.test", "name": "Z",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path"), [*(("get", path) for path in ME), ("post", "/api/auth/verify")]
)
def test_a_missing_or_expired_token_returns_401(
    db: None, anonymous: APIClient, method: str, path: str
) -> None:
    none = getattr(anonymous, method)(path)
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for('Zk3', exp=1)}")
    expired = getattr(anonymous, method)(path)

    assert (none.status_code, none.json()["code"]) == (401, "not_authenticated")
    assert (expired.status_code, expired.json()["code"]) == (401, "token_expired")
    assert not User.objects.exists()


def test_a_suspended_user_gets_403(as_alice: APIClient, alice: User) -> None:
    User.objects.update(is_active=False)

    responses = [as_alice.get("/api/me"), as_alice.post("/api/auth/verify")]

    assert {(response.status_code, response.json()["code"]) for response in responses} == {
        (403, "account_suspended")
    }


@pytest.mark.parametrize("path", ["logout", "logout/", "signout", "signout/"])
def test_log_out_needs_no_token_and_no_query(
    as_alice: APIClient,
    anonymous: APIClient,
    path: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        responses = [client.post(f"/api/auth/{path}") for client in (as_alice, anonymous)]
        broken = anonymous.generic("POST", f"/api/auth/{path}", "{", "application/json")

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
def test_disabled_own_accounts_return_404(serve: Serve, variables: dict[str, str]) -> None:
    address = serve("--workers", "1", **variables)

    responses = [send(address, request("POST", f"/api/auth/{path}")) for path in ACCOUNT_PATHS]
    me = [send(address, request("GET", path)) for path in ME]

    assert {(response.status, response.json["code"]) for response in responses} == {
        (404, "not_found")
    }
    assert {response.status for response in me} == {401}
