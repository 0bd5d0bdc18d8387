"""Messages that are not those of the protocol: a 4xx or an error of the protocol, never a 500."""

import pytest
from django.conf import settings as configured

from accounts.models import User
from tasks.models import Task
from todo_api.tests.mcp.agent import URL, Agent, message, scoped
from todo_api.web.scopes import READ, WRITE

pytestmark = pytest.mark.django_db

INVALID_JSON, INVALID_REQUEST, NO_METHOD, INVALID_PARAMS = -32700, -32600, -32601, -32602
START = b'{"jsonrpc": "2.0", "id": 1, '
CALL = START + b'"method": "tools/call", "params": '
MESSAGES: dict[str, tuple[bytes, int, int]] = {
    "nothing": (b"", 400, INVALID_JSON),
    "text": (b"hello", 400, INVALID_JSON),
    "half": (b'{"jsonrpc": "2.0"', 400, INVALID_JSON),
    "not UTF-8": (CALL + b'{"name": "\xff\xfe"}}', 400, INVALID_JSON),
    "byte order mark": (b"\xef\xbb\xbf" + message("ping"), 400, INVALID_JSON),
    "half a surrogate": (CALL + rb'{"name": "\ud800"}}', 400, INVALID_JSON),
    "NaN": (CALL + b'{"name": NaN}}', 400, INVALID_JSON),
    "endless number": (CALL + b'{"name": ' + b"9" * 5_000 + b"}}", 400, INVALID_JSON),
    "number": (b"7", 400, INVALID_REQUEST),
    "null": (b"null", 400, INVALID_REQUEST),
    "empty batch": (b"[]", 400, INVALID_REQUEST),
    "batch": (b"[" + message("ping") + b"," + message("ping") + b"]", 400, INVALID_REQUEST),
    "no version": (b'{"id": 1, "method": "ping"}', 400, INVALID_REQUEST),
    "version 1": (b'{"jsonrpc": "1.0", "id": 1, "method": "ping"}', 400, INVALID_REQUEST),
    "no method": (b'{"jsonrpc": "2.0", "id": 1}', 400, INVALID_REQUEST),
    "number as method": (START + b'"method": 7}', 400, INVALID_REQUEST),
    "list as method": (START + b'"method": ["ping"]}', 400, INVALID_REQUEST),
    "null as id": (b'{"jsonrpc": "2.0", "id": null, "method": "ping"}', 400, INVALID_REQUEST),
    "list as id": (b'{"jsonrpc": "2.0", "id": [1], "method": "ping"}', 400, INVALID_REQUEST),
    "list as params": (START + b'"method": "ping", "params": [1]}', 400, INVALID_REQUEST),
    "number as params": (CALL + b"7}", 400, INVALID_REQUEST),
    "unknown method": (START + b'"method": "tasks/list"}', 200, NO_METHOD),
    "no name": (CALL + b"{}}", 200, INVALID_PARAMS),
    "number as name": (CALL + b'{"name": 7}}', 200, INVALID_PARAMS),
    "object as name": (CALL + b'{"name": {"list_tags": 1}}}', 200, INVALID_PARAMS),
    "unknown tool": (CALL + b'{"name": "drop_table"}}', 200, INVALID_PARAMS),
    "list as arguments": (CALL + b'{"name": "list_tags", "arguments": []}}', 200, INVALID_PARAMS),
    "number as arguments": (CALL + b'{"name": "list_tags", "arguments": 7}}', 200, INVALID_PARAMS),
    "text as arguments": (CALL + b'{"name": "list_tags", "arguments": "{}"}}', 200, INVALID_PARAMS),
}


@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.parametrize("agent", [Agent(), scoped(READ)], ids=["session", "reader"])
def test_a_wrong_message_has_an_error_of_the_protocol(alice: User, agent: Agent, name: str) -> None:
    body, status, code = MESSAGES[name]

    response = agent.post(body)

    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize("arguments", [b"null", b"{}"])
def test_arguments_may_be_missing(alice: User, arguments: bytes) -> None:
    bodies = [CALL + b'{"name": "list_tags", "arguments": ' + arguments + b"}}"]
    bodies.append(CALL + b'{"name": "list_tags"}}')

    for body in bodies:
        assert Agent().post(body).json()["result"]["structuredContent"] == {"tags": []}


@pytest.mark.parametrize("value", ['{"name": "add_task", "arguments": {"title": %s}}', "%s"])
@pytest.mark.parametrize("agent", [Agent(), scoped(READ, WRITE)], ids=["session", "scopes"])
@pytest.mark.parametrize(("opened", "closed"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_deep_nesting_is_refused(
    alice: User, agent: Agent, value: str, opened: bytes, closed: bytes
) -> None:
    """Also at the depths around the limit of the interpreter, which each step of the code reaches
    at another one.
    """
    start, _, end = (CALL + value.encode() + b"}").partition(b"%s")

    for depth in (*range(900, 1_000), 10_000, 150_000):
        response = agent.post(start + opened * depth + b"1" + closed * depth + end)

        assert response.status_code in {200, 400}, depth
        body = response.json()
        assert response.status_code == 400 or "error" in body or body["result"]["isError"], depth
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    "method", ["notifications/initialized", "notifications/cancelled", "ping", "tools/call"]
)
def test_a_notification_is_accepted_and_has_no_response(alice: User, method: str) -> None:
    body = f'{{"jsonrpc": "2.0", "method": "{method}"}}'.encode()

    response = Agent().post(body)

    assert (response.status_code, response.content) == (202, b"")


def test_a_body_has_at_most_1_mib(alice: User) -> None:
    whole = message("ping").ljust(configured.MAX_BODY_BYTES)

    assert Agent().post(whole).json()["result"] == {}
    refused = Agent().post(whole + b" ")
    assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "PATCH"])
def test_only_post_is_allowed(alice: User, method: str) -> None:
    response = Agent().client.generic(method, URL)

    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("accept", ["application/json, text/event-stream", "text/html", "*/*"])
def test_the_response_is_json_whatever_the_client_accepts(alice: User, accept: str) -> None:
    response = Agent().send("ping", HTTP_ACCEPT=accept)

    assert response.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("url", [URL, f"{URL}/"])
def test_the_address_works_with_and_without_a_final_slash(alice: User, url: str) -> None:
    response = Agent().client.generic("POST", url, message("ping"), content_type="application/json")

    assert response.json()["result"] == {}
