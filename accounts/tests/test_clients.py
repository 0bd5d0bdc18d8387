"""The API with the tokens of clients (OAuth) and of API keys, from a real Better Auth server.

The service runs as in production, and reads its sources of tokens from the environment.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from accounts.models import User
from accounts.tests.better_auth import (
    OTHER_RESOURCE,
    REDIRECT_URI,
    RESOURCE,
    Browser,
    Client,
    Response,
    ask_token,
    send,
    started,
    token_by_key,
)
from conftest import Serve, servers
from todo_api.web.scopes import ACCOUNT, READ, WRITE

pytestmark = [pytest.mark.better_auth, pytest.mark.django_db(transaction=True)]

REGISTERED = {"iss", "sub", "aud", "exp", "iat", "jti"}
OF_ACCESS_TOKENS = REGISTERED | {"client_id", "azp", "scope", "sid", "email", "name"}


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Yields the origin of a Better Auth server with clients and API keys."""
    with started("clients") as addresses:
        yield addresses["clients"]


@pytest.fixture
def browser(origin: str) -> Browser:
    """Returns the browser of a new user."""
    browser = Browser(origin)
    browser.sign_up()
    return browser


@pytest.fixture(scope="module")
def for_sessions(
    django_db_setup: None, origin: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Yields a service that accepts the tokens of sessions and API keys."""
    with servers(tmp_path_factory.mktemp("server") / "gunicorn.log") as start:
        yield start("--workers", "1", BETTER_AUTH_URL=origin)


@pytest.fixture(scope="module")
def for_clients(
    django_db_setup: None, origin: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Yields a service that accepts the tokens of clients, and no others."""
    with servers(tmp_path_factory.mktemp("server") / "gunicorn.log") as start:
        yield start(
            "--workers", "1",
            BETTER_AUTH_URL=origin,
            BETTER_AUTH_ISSUER=f"{origin}/api/auth",
            BETTER_AUTH_AUDIENCE=RESOURCE,
            BETTER_AUTH_JWKS_URL=f"{origin}/api/auth/jwks",
        )  # fmt: skip


class Api:
    """The service, as the holder of a token sees it."""

    def __init__(self, address: str, token: str) -> None:
        self.address, self.token = address, token

    def send(self, method: str, path: str, data: Any = None) -> Response:
        authorization = f"Bearer {self.token}"
        return send(self.address + path, data, method=method, Authorization=authorization)

    def list(self) -> Response:
        return self.send("GET", "/api/tasks")

    def create(self, title: str = "Water the plants") -> Response:
        return self.send("POST", "/api/tasks", {"title": title})


def needed(response: Response) -> str | None:
    """Returns the scope that a refused request needs; None if its token is not the reason."""
    challenge = response.headers.get("WWW-Authenticate", "")
    refused = 'error="insufficient_scope"' in challenge
    assert refused == (response.code == "insufficient_scope") == (response.status == 403), response
    found = re.search(r'\bscope="([^"]*)"', challenge)
    return found[1] if refused and found else None


def of_tasks(task_id: str) -> list[tuple[str, str, Any]]:
    return [
        ("POST", "/api/tasks", {"title": "Another"}),
        ("PATCH", f"/api/tasks/{task_id}", {"title": "Changed"}),
        ("DELETE", f"/api/tasks/{task_id}", None),
    ]


OF_ACCOUNT: list[tuple[str, str, Any]] = [
    ("DELETE", "/api/me", None),
    ("GET", "/api/me", None),
    ("GET", "/api/me/export", None),
    ("POST", "/api/me/calendar", {}),
]


def test_a_client_with_tasks_read_only_lists_tasks(browser: Browser, for_clients: str) -> None:
    client = Client(browser.origin)
    writer = Api(for_clients, client.authorize(browser, f"{READ} {WRITE}")["access_token"])
    task = writer.create().body
    reader = Api(for_clients, client.authorize(browser, READ)["access_token"])

    listed = reader.list()
    changes = [needed(reader.send(*request)) for request in of_tasks(task["id"])]
    account = [needed(reader.send(*request)) for request in OF_ACCOUNT]

    assert (listed.status, listed.body) == (200, [task])
    assert changes == [WRITE] * 3
    assert account == [ACCOUNT] * len(OF_ACCOUNT)
    assert reader.list().body == [task]


def test_a_client_with_both_scopes_of_tasks_changes_tasks(
    browser: Browser, for_clients: str
) -> None:
    tokens = Client(browser.origin).authorize(browser, f"{READ} {WRITE}")
    api = Api(for_clients, tokens["access_token"])

    created = api.create()
    path = f"/api/tasks/{created.body['id']}"
    changed = api.send("PATCH", path, {"title": "Water the trees"})
    deleted = api.send("DELETE", path)
    account = [needed(api.send(*request)) for request in OF_ACCOUNT]

    assert (created.status, changed.status, deleted.status) == (201, 200, 204)
    assert changed.body["title"] == "Water the trees"
    assert account == [ACCOUNT] * len(OF_ACCOUNT)


def test_a_client_with_account_reads_the_profile_but_no_task(origin: str, for_clients: str) -> None:
    browser = Browser(origin)
    user = browser.sign_up()
    api = Api(for_clients, Client(origin).authorize(browser, ACCOUNT)["access_token"])

    me = api.send("GET", "/api/me")

    assert me.status == 200
    assert {name: me.body[name] for name in ("id", "email", "name")} == {
        name: user[name] for name in ("id", "email", "name")
    }
    assert needed(api.list()) == READ


def test_a_client_gets_the_scopes_that_the_user_granted(browser: Browser, for_clients: str) -> None:
    client = Client(browser.origin)

    tokens = client.authorize(browser, f"{READ} {WRITE}", granted=READ)

    assert tokens["scope"] == READ
    api = Api(for_clients, tokens["access_token"])
    assert (api.list().status, needed(api.create())) == (200, WRITE)


def test_a_client_without_consent_gets_no_token(browser: Browser) -> None:
    refused = Client(browser.origin).authorize(browser, READ, accept=False)

    assert refused["error"] == "access_denied"
    assert "access_token" not in refused


def test_a_user_who_is_signed_out_signs_in_before_the_consent(browser: Browser) -> None:
    browser.sign_out()

    tokens = Client(browser.origin).authorize(browser, READ)

    assert tokens["scope"] == READ
    assert browser.token()


def test_an_access_token_has_the_expected_header_and_claims(origin: str) -> None:
    browser, client = Browser(origin), Client(origin)
    user = browser.sign_up()

    tokens = client.authorize(browser, f"{READ} offline_access")
    with_openid = client.authorize(browser, f"{READ} openid")

    header = jwt.get_unverified_header(tokens["access_token"])
    claims = claims_of(tokens["access_token"])
    keys = send(f"{origin}/api/auth/jwks").body["keys"]
    assert header == {"typ": "at+jwt", "alg": "EdDSA", "kid": header["kid"]}
    assert header["kid"] in {key["kid"] for key in keys}
    assert set(claims) == OF_ACCESS_TOKENS
    assert claims["iss"] == f"{origin}/api/auth"
    assert claims["aud"] == RESOURCE
    assert claims["sub"] == user["id"]
    assert claims["client_id"] == claims["azp"] == client.id
    assert claims["scope"] == f"{READ} offline_access"
    assert claims["exp"] - claims["iat"] == 900
    audiences = [RESOURCE, f"{origin}/api/auth/oauth2/userinfo"]
    assert claims_of(with_openid["access_token"])["aud"] == audiences


def test_tokens_for_anyone_else_are_refused(browser: Browser, for_clients: str) -> None:
    client = Client(browser.origin)
    accepted = client.authorize(browser, f"openid {READ}")
    refused = {
        "ID token": accepted["id_token"],
        "session": browser.token(),
        "another audience": client.authorize(browser, READ, resource=OTHER_RESOURCE)[
            "access_token"
        ],
        "opaque": client.authorize(browser, READ, resource=None)["access_token"],
    }

    codes = {name: Api(for_clients, token).list().code for name, token in refused.items()}

    assert codes == dict.fromkeys(refused, "token_invalid")
    assert Api(for_clients, accepted["access_token"]).list().status == 200
    assert claims_of(accepted["id_token"])["aud"] == client.id
    assert refused["opaque"].count(".") == 0


def test_a_resource_with_a_trailing_slash_is_another_resource(browser: Browser) -> None:
    refused = Client(browser.origin).authorize(browser, READ, resource=f"{RESOURCE}/")

    assert refused["error"] == "invalid_target"


def test_a_client_refreshes_its_token(browser: Browser, for_clients: str) -> None:
    client = Client(browser.origin)
    first = client.authorize(browser, f"{READ} offline_access")

    second = client.refresh(first["refresh_token"])
    reused = client.refresh(first["refresh_token"])

    assert second.status == 200
    assert Api(for_clients, second.body["access_token"]).list().status == 200
    assert claims_of(second.body["access_token"])["scope"] == f"{READ} offline_access"
    assert (reused.status, reused.code) == (400, "invalid_grant")
    assert "refresh_token" not in client.authorize(browser, READ)


def test_a_client_that_the_user_or_the_client_revoked_gets_no_new_token(browser: Browser) -> None:
    revoked, ended = Client(browser.origin), Client(browser.origin)
    tokens = [client.authorize(browser, f"{READ} offline_access") for client in (revoked, ended)]

    ended.revoke(tokens[1]["refresh_token"])
    by_client = ended.refresh(tokens[1]["refresh_token"])
    by_both = revoked.refresh(tokens[0]["refresh_token"])
    browser.revoke_clients()
    by_user = revoked.refresh(by_both.body["refresh_token"])

    assert (by_both.status, by_client.status, by_user.status) == (200, 400, 400)
    assert by_client.code == by_user.code == "invalid_grant"


def test_clients_find_the_authorization_server_by_its_issuer(origin: str) -> None:
    issuer = f"{origin}/api/auth"

    # RFC 8414, section 3.1, and OpenID Connect Discovery.
    metadata = send(f"{origin}/.well-known/oauth-authorization-server/api/auth")
    openid = send(f"{issuer}/.well-known/openid-configuration")

    assert metadata.body == openid.body
    found = metadata.body
    assert found["issuer"] == issuer
    assert found["jwks_uri"] == f"{issuer}/jwks"
    assert found["registration_endpoint"] == f"{issuer}/oauth2/register"
    assert {READ, WRITE, ACCOUNT, "offline_access"} <= set(found["scopes_supported"])
    assert "none" in found["token_endpoint_auth_methods_supported"]
    assert found["code_challenge_methods_supported"] == ["S256"]


def test_a_client_on_the_users_computer_registers_as_native(origin: str) -> None:
    registered = Client(origin).registration
    by_default = Client.register(origin, application_type=None)

    assert registered["redirect_uris"] == [REDIRECT_URI]
    assert "client_secret" not in registered
    assert (by_default.status, by_default.code) == (400, "invalid_redirect_uri")


def test_a_script_with_an_api_key_lists_and_creates_tasks(
    browser: Browser, for_sessions: str
) -> None:
    key = browser.create_key()["key"]

    token = token_by_key(browser.origin, key)

    api = Api(for_sessions, token)
    assert api.list().body == []
    created = api.create()
    assert created.status == 201
    assert Api(for_sessions, browser.token()).list().body == [created.body]
    assert [needed(api.send(*request)) for request in OF_ACCOUNT] == [ACCOUNT] * len(OF_ACCOUNT)
    claims = claims_of(token)
    assert claims["scope"] == f"{READ} {WRITE}"
    assert claims["exp"] - claims["iat"] == 900
    assert claims["iss"] == claims["aud"] == browser.origin


def test_a_script_with_a_key_for_reading_changes_nothing(
    browser: Browser, for_sessions: str
) -> None:
    key = browser.create_key(prefix="todo_read_")["key"]
    task = Api(for_sessions, browser.token()).create().body

    api = Api(for_sessions, token_by_key(browser.origin, key))

    assert api.list().body == [task]
    assert [needed(api.send(*request)) for request in of_tasks(task["id"])] == [WRITE] * 3


def test_an_api_key_gives_tokens_until_it_is_deleted_and_nothing_else(browser: Browser) -> None:
    key = browser.create_key()
    other = browser.create_key(prefix="another_")
    address = f"{browser.origin}/api/auth"

    before = ask_token(browser.origin, key["key"])
    elsewhere = [
        send(f"{address}/{path}", data, x_api_key=key["key"]).status
        for path, data in (("list-sessions", None), ("api-key/create", {"name": "Mine"}))
    ]
    browser.delete_key(key)
    after = ask_token(browser.origin, key["key"])

    assert (before.status, after.status, after.code) == (200, 401, "INVALID_API_KEY")
    assert elsewhere == [401, 401]
    assert ask_token(browser.origin, other["key"]).status == 401


def test_an_api_key_itself_is_not_a_token(browser: Browser, for_sessions: str) -> None:
    key = browser.create_key()["key"]

    assert Api(for_sessions, key).list().code == "token_invalid"


def test_sessions_clients_and_api_keys_are_accepted_by_one_service(
    origin: str, serve: Serve
) -> None:
    browser, client = Browser(origin), Client(origin)
    user = browser.sign_up()
    sources = [
        {"issuer": origin, "audience": origin},
        {
            "issuer": f"{origin}/api/auth",
            "jwks": f"{origin}/api/auth/jwks",
            "audience": [RESOURCE, "https://todo.test"],
        },
    ]
    address = serve(AUTH_SOURCES=json.dumps(sources), BETTER_AUTH_SECRET="")
    session = Api(address, browser.token())
    script = Api(address, token_by_key(origin, browser.create_key()["key"]))
    writer = Api(address, client.authorize(browser, f"{READ} {WRITE}")["access_token"])
    with_openid = client.authorize(browser, f"openid {READ}")
    reader = Api(address, with_openid["access_token"])

    tasks = [api.create().body for api in (session, script, writer)]

    assert {task["user_id"] for task in tasks} == {user["id"]}
    everyone = (session, script, writer, reader)
    by_id = sorted(tasks, key=lambda task: str(task["id"]))
    for api in everyone:
        assert sorted(api.list().body, key=lambda task: str(task["id"])) == by_id
    assert [needed(reader.send(*request)) for request in of_tasks(tasks[0]["id"])] == [WRITE] * 3
    for api in (reader, writer, script):
        assert [needed(api.send(*request)) for request in OF_ACCOUNT] == [ACCOUNT] * len(OF_ACCOUNT)
    others = (
        with_openid["id_token"],
        client.authorize(browser, READ, resource=OTHER_RESOURCE)["access_token"],
    )
    assert {Api(address, token).list().code for token in others} == {"token_invalid"}
    changes = [session.send(*request).status for request in of_tasks(tasks[0]["id"])]
    account = [session.send(*request).status for request in OF_ACCOUNT]
    # Erasing the account needs a confirmation in its body.
    assert (changes, account) == ([201, 200, 204], [400, 200, 200, 201])
    assert [known.pk for known in User.objects.all()] == [user["id"]]


def claims_of(token: str) -> dict[str, Any]:
    """Returns the claims without a check."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims
