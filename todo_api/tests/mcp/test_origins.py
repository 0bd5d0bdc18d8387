"""Host and Origin: web pages of strangers cannot reach the tools of a service on a private network
(DNS rebinding), and those of the operator can.
"""

from typing import Any

import pytest

from accounts.models import User
from todo_api.addresses import preview_pattern
from todo_api.tests.mcp.agent import URL, Agent

pytestmark = pytest.mark.django_db

OWN = ["https://app.example.com", "https://a-branch-my-team.vercel.app", "http://testserver"]
STRANGERS = [
    "https://evil.example", "null", "https://app.example.com.evil.example", "file://", "nonsense",
    "http://app.example.com", "https://app.example.com:444", "https://my-team.vercel.app",
    "https://a.b-my-team.vercel.app", "http://[::1", "", "https://app.example.com, https://evil",
]  # fmt: skip
HEADERS = ["authorization", "content-type", "mcp-method", "mcp-name", "mcp-protocol-version"]


@pytest.fixture(autouse=True)
def _origins(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = [OWN[0]]
    settings.CORS_ALLOWED_ORIGIN_REGEXES = [preview_pattern("https://*-my-team.vercel.app")]


@pytest.mark.parametrize("origin", OWN)
def test_an_own_origin_is_accepted(alice: User, origin: str) -> None:
    response = Agent().send("tools/list", HTTP_ORIGIN=origin)

    assert (response.status_code, "result" in response.json()) == (200, True)


@pytest.mark.parametrize("origin", STRANGERS)
def test_another_origin_is_refused(alice: User, origin: str) -> None:
    response = Agent().send("tools/list", HTTP_ORIGIN=origin)

    assert response.status_code == 403
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "tools" not in response.content.decode()


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver@evil", ""])
def test_an_unknown_host_is_refused(alice: User, host: str) -> None:
    assert Agent().send("tools/list", HTTP_HOST=host).status_code == 400


@pytest.mark.parametrize("origin", OWN[:2])
def test_a_page_may_send_the_headers_of_the_protocol(db: None, origin: str) -> None:
    preflight = {
        "HTTP_ORIGIN": origin,
        "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST",
        "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": ", ".join(HEADERS),
    }

    response = Agent().client.options(URL, **preflight)

    allowed = response.headers["Access-Control-Allow-Headers"].split(", ")
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == origin
    assert set(HEADERS) <= set(allowed)


def test_a_page_can_read_what_a_refusal_demands(alice: User) -> None:
    refused = Agent(claims={"scope": ""}).send("ping", HTTP_ORIGIN=OWN[0])

    assert refused.status_code == 403
    assert refused.headers["Access-Control-Allow-Origin"] == OWN[0]
    assert "WWW-Authenticate" in refused.headers["Access-Control-Expose-Headers"]
