"""Better Auth servers in Node.js, and the requests of browsers, clients and scripts to them."""

import base64
import hashlib
import json
import secrets
import subprocess
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from todo_api.tests.node import node_for

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "better_auth"
# As in tests/better_auth/clients.mjs.
RESOURCE, OTHER_RESOURCE = "https://todo.test/api/mcp", "https://photos.test/api"
# Nothing listens there: the tests read the address of the redirect.
REDIRECT_URI = "http://127.0.0.1:1/callback"


@contextmanager
def started(*names: str) -> Iterator[dict[str, str]]:
    """Yields the origins of new Better Auth servers, by their names in server.mjs."""
    with subprocess.Popen(
        [node_for(FOLDER), FOLDER / "server.mjs", *names],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        yield json.loads(process.stdout.readline())
        # The server exits at the end of its input, even if the tests are killed.
        process.stdin.close()


@dataclass
class Response:
    status: int
    headers: Mapping[str, str]
    body: Any  # the JSON; None without one

    @property
    def code(self) -> str | None:
        """The code of an error: `code` of this service and Better Auth, `error` of OAuth."""
        return (self.body or {}).get("code") or (self.body or {}).get("error")


class _AsTheyAre(urllib.request.HTTPErrorProcessor):
    """Returns errors and redirects like any other response."""

    def http_response(self, request: Any, response: Any) -> Any:
        return response

    https_response = http_response


def send(
    url: str,
    data: Any = None,
    *,
    method: str | None = None,
    cookies: CookieJar | None = None,
    **headers: str,
) -> Response:
    """Sends GET, or POST with `data`: text as a form, anything else as JSON. Follows no redirect.

    The keyword `x_api_key` sets the header X-Api-Key.
    """
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if data is not None:
        kind = "application/x-www-form-urlencoded" if isinstance(data, str) else "application/json"
        sent["Content-Type"] = kind
        data = (data if isinstance(data, str) else json.dumps(data)).encode()
    jar = CookieJar() if cookies is None else cookies
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), _AsTheyAre)
    message = urllib.request.Request(url, data, sent, method=method)  # noqa: S310  (a local http address)
    with opener.open(message, timeout=10) as response:
        text = response.read()
        is_json = text and "json" in response.headers.get("Content-Type", "")
        return Response(response.status, response.headers, json.loads(text) if is_json else None)


class Browser:
    """A browser on the page of the app that runs Better Auth at `origin`."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.cookies = CookieJar()
        self.credentials: dict[str, str] = {}

    def send(self, path: str, data: Any = None) -> Response:
        return send(self.origin + path, data, cookies=self.cookies, Origin=self.origin)

    def request(self, path: str, data: Any = None) -> Any:
        """Sends GET, or POST with `data`. Returns the JSON of the response."""
        response = self.send(path, data)
        assert response.status == 200, (path, response)
        return response.body

    def sign_up(self, name: str = "Alice") -> dict[str, Any]:
        """Returns the new user. The session cookie is kept."""
        # The servers run for the whole test session, and an e-mail can sign up only once.
        email = f"{name}-{uuid.uuid4().hex}@todo.test".lower()
        body = {"email": email, "password": "correct horse battery", "name": name}
        user: dict[str, Any] = self.request("/api/auth/sign-up/email", body)["user"]
        self.credentials = {"email": email, "password": body["password"]}
        return user

    def sign_out(self) -> None:
        self.request("/api/auth/sign-out", {})

    def sign_in(self, oauth_query: str) -> str:
        """Signs in on the page to which a client sent the user. Returns the next address."""
        body = {**self.credentials, "oauth_query": oauth_query}
        address: str = self.request("/api/auth/sign-in/email", body)["url"]
        return address

    def token(self) -> str:
        token: str = self.request("/api/auth/token")["token"]
        return token

    def rotate(self) -> None:
        """Expires the signing key. It stays listed, so that its tokens stay valid."""
        self.request("/test/rotate", {})

    def withdraw_keys(self) -> None:
        self.request("/test/withdraw", {})

    def create_key(self, **fields: Any) -> dict[str, Any]:
        """Returns a new API key: its text is `key`, its id `id`."""
        key: dict[str, Any] = self.request(
            "/api/auth/api-key/create", {"name": "A script", **fields}
        )
        return key

    def delete_key(self, key: dict[str, Any]) -> None:
        self.request("/api/auth/api-key/delete", {"keyId": key["id"]})

    def revoke_clients(self) -> None:
        """Withdraws the user's consent from every client."""
        for consent in self.request("/api/auth/oauth2/get-consents"):
            self.request("/api/auth/oauth2/delete-consent", {"id": consent["id"]})


class Client:
    """A public client (RFC 6749, section 2.1) that registered itself, such as an agent.

    `registration` is the response to its registration (RFC 7591).
    """

    def __init__(self, origin: str, **metadata: Any) -> None:
        self.at = f"{origin}/api/auth/oauth2"
        response = self.register(origin, **metadata)
        assert response.status == 201, response
        self.registration: dict[str, Any] = response.body
        self.id: str = response.body["client_id"]

    @staticmethod
    def register(origin: str, **metadata: Any) -> Response:
        """Sends a registration: the metadata of an agent, changed by `metadata` (None: without)."""
        registration = {
            "client_name": "An agent",
            "application_type": "native",
            "redirect_uris": [REDIRECT_URI],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none",
            **metadata,
        }
        given = {name: value for name, value in registration.items() if value is not None}
        return send(f"{origin}/api/auth/oauth2/register", given)

    def authorize(
        self,
        browser: Browser,
        scope: str,
        *,
        resource: str | None = RESOURCE,
        granted: str | None = None,
        accept: bool = True,
    ) -> dict[str, Any]:
        """Returns the tokens after the user in `browser` has consented, or the error.

        This is the authorization code flow with PKCE (RFC 7636) and a resource (RFC 8707). The user
        signs in, unless signed in, and grants all of `scope`, or only `granted`.
        """
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        of_resource = {"resource": resource} if resource else {}
        question = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": REDIRECT_URI,
            "scope": scope,
            "state": "a-state",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **of_resource,
        }
        location = browser.send(f"/api/auth/oauth2/authorize?{urlencode(question)}").headers[
            "Location"
        ]
        if location.startswith("/sign-in?"):
            location = browser.sign_in(location.partition("?")[2])
        if location.startswith("/consent?"):
            decision: dict[str, Any] = {"accept": accept, "oauth_query": location.partition("?")[2]}
            decision |= {"scope": granted} if granted else {}
            location = browser.request("/api/auth/oauth2/consent", decision)["url"]
        assert location.startswith(REDIRECT_URI), location
        sent_back = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        assert sent_back.pop("state") == "a-state"
        if "code" not in sent_back:
            return sent_back
        tokens: dict[str, Any] = self.tokens(
            grant_type="authorization_code",
            code=sent_back["code"],
            code_verifier=verifier,
            redirect_uri=REDIRECT_URI,
            **of_resource,
        ).body
        return tokens

    def tokens(self, **form: str) -> Response:
        """Asks the token endpoint."""
        return send(f"{self.at}/token", urlencode({"client_id": self.id, **form}))

    def refresh(self, refresh_token: str) -> Response:
        return self.tokens(grant_type="refresh_token", refresh_token=refresh_token)

    def revoke(self, refresh_token: str) -> Response:
        form = {"client_id": self.id, "token": refresh_token, "token_type_hint": "refresh_token"}
        return send(f"{self.at}/revoke", urlencode(form))


def ask_token(origin: str, key: str) -> Response:
    """Asks for a token with an API key, as a script does: without cookies."""
    return send(f"{origin}/api/auth/token", x_api_key=key)


def token_by_key(origin: str, key: str) -> str:
    response = ask_token(origin, key)
    assert response.status == 200, response
    token: str = response.body["token"]
    return token
