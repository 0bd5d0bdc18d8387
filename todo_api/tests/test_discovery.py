"""Where OAuth clients learn who issues tokens for this service (RFC 9728, RFC 6750)."""

import re
from typing import Any

import pytest
from django.test import override_settings
from rest_framework.test import APIClient

from accounts.sources import Source
from accounts.tests.key_server import KeyServer
from conftest import ALICE, client_of

WELL_KNOWN = "/.well-known/oauth-protected-resource"
RESOURCE = "http://testserver/api/mcp"
ORIGIN = "https://app.my-domain.com"


def metadata(path: str = "", **headers: Any) -> Any:
    response = APIClient().get(f"{WELL_KNOWN}{path}", **headers)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    return response.json()


@pytest.mark.parametrize("path", ["", "/", "/api/mcp", "/api/mcp/"])
def test_it_names_the_issuer_of_tokens_and_the_scopes(
    better_auth: KeyServer, settings: Any, path: str
) -> None:
    settings.BETTER_AUTH_AUDIENCE = RESOURCE

    assert metadata(path) == {
        "resource": RESOURCE,
        "resource_name": "Todo API",
        "resource_documentation": "http://testserver/api/docs",
        "authorization_servers": [better_auth.origin],
        "scopes_supported": ["tasks:read", "tasks:write"],
        "bearer_methods_supported": ["header"],
    }


def test_it_names_no_issuer_of_sessions(better_auth: KeyServer, settings: Any) -> None:
    settings.BETTER_AUTH_AUDIENCE = better_auth.origin
    assert "authorization_servers" not in metadata()

    issuer = f"{better_auth.origin}/api/auth"
    source = Source(issuer, better_auth.url, ("http://api", RESOURCE), "AUTH_SOURCES[0]")
    settings.AUTH_SOURCES = [source]
    assert metadata()["authorization_servers"] == [issuer]


def test_without_an_issuer_it_names_none() -> None:
    assert "authorization_servers" not in metadata()


@pytest.mark.parametrize("path", ["/api/tasks", "/api/mcp/x", "/../api/mcp"])
def test_other_paths_are_no_resources(path: str) -> None:
    assert APIClient().get(f"{WELL_KNOWN}{path}").status_code == 404


def test_the_address_is_that_of_the_request_behind_a_proxy(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = ["api.my-domain.com"]
    headers: Any = {"HTTP_HOST": "api.my-domain.com", "HTTP_X_FORWARDED_PROTO": "https"}

    refused = APIClient().post("/api/mcp", **headers)

    assert metadata(**headers)["resource"] == "https://api.my-domain.com/api/mcp"
    challenge = f'Bearer resource_metadata="https://api.my-domain.com{WELL_KNOWN}/api/mcp"'
    assert refused.headers["WWW-Authenticate"] == challenge


def test_an_unknown_host_gets_no_metadata(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["api.my-domain.com"]

    assert APIClient().get(WELL_KNOWN, HTTP_HOST="evil.test").status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "client"),
    [
        ("/api/tasks", APIClient()),
        ("/api/mcp", APIClient()),
        ("/api/tasks", client_of(ALICE, exp=1)),
        ("/api/mcp", client_of(ALICE, exp=1)),
        ("/api/me", client_of(ALICE, scope="tasks:read")),
        ("/api/mcp", client_of(ALICE, scope="account")),
    ],
)
def test_each_challenge_leads_to_the_metadata(path: str, client: APIClient) -> None:
    response = client.generic("POST" if path.endswith("mcp") else "GET", path)

    assert response.status_code in {401, 403}
    found = re.search('resource_metadata="http://testserver(.+?)"', response["WWW-Authenticate"])
    assert found
    assert APIClient().get(found[1]).json()["resource"] == "http://testserver/api/mcp"


def test_a_browser_of_another_origin_may_read_the_metadata_and_the_challenge() -> None:
    with override_settings(CORS_ALLOWED_ORIGINS=[ORIGIN]):
        found = APIClient().get(WELL_KNOWN, HTTP_ORIGIN=ORIGIN)
        refused = APIClient().post("/api/mcp", HTTP_ORIGIN=ORIGIN)
        preflight = APIClient().options(
            "/api/mcp",
            HTTP_ORIGIN=ORIGIN,
            HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST",
            HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization,mcp-protocol-version,mcp-method",
        )

    for response in (found, refused, preflight):
        assert response.headers["access-control-allow-origin"] == ORIGIN
    assert "WWW-Authenticate" in refused.headers["access-control-expose-headers"]
    allowed = preflight.headers["access-control-allow-headers"]
    assert {"mcp-protocol-version", "mcp-method", "mcp-name"} <= set(allowed.split(", "))


def test_metadata_may_be_cached_and_needs_no_database() -> None:
    response = APIClient().get(WELL_KNOWN)

    assert response.headers["Cache-Control"] == "public, max-age=300"


def test_the_contract_of_the_api_does_not_change_the_names(settings: Any) -> None:
    settings.API_FIELD_CASE = "camel"

    assert "scopes_supported" in metadata()
