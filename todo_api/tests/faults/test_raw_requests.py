"""Raw requests: pipelined, with an absolute target, truncated, and with unusual headers."""

import pytest

from conftest import Serve
from tasks.models import Task
from todo_api.tests.faults.clients import (
    BEARER,
    CLOSED,
    TOKEN,
    exchange,
    get,
    post,
    signed_in,
    statuses,
)
from todo_api.tests.faults.service import Service
from todo_api.tests.http import Response, request, send

CHUNKED = "Transfer-Encoding: chunked"
# A request that must not be executed after an error.
SMUGGLED = request("POST", "/api/tasks", b'{"title": "Smuggled"}', **signed_in())


def test_an_error_in_a_pipeline_closes_the_connection(served: str) -> None:

    received = exchange(served, get() + get("X-A : b") + SMUGGLED)
    in_the_body = exchange(served, get() + post(CHUNKED, body=b"xyz\r\n") + SMUGGLED)

    assert statuses(received) == statuses(in_the_body) == [200, 400]
    assert Task.objects.count() == 0


def test_pipelined_responses_are_in_the_order_of_their_requests(served: str) -> None:
    tasks = [
        post(f"Content-Length: {n + 13}", body=b'{"title": "%s"}' % (b"x" * n)) for n in (1, 2, 3)
    ]

    received = exchange(served, tasks[0] + get(target="/api/nowhere") + tasks[1] + get() + tasks[2])

    assert statuses(received) == [201, 404, 201, 200, 201]
    assert sorted(Task.objects.values_list("title", flat=True)) == ["x", "xx", "xxx"]


def test_chunk_extensions_and_trailers_are_accepted(served: str) -> None:
    body = b'14;a=b;c="d"\r\n{"title": "Chunked"}\r\n0\r\nX-Checksum: 1\r\n\r\n'

    received = exchange(served, post(CHUNKED, "Connection: close", body=body))

    assert statuses(received) == [201]
    assert Task.objects.get().title == "Chunked"


def test_a_trailer_with_authorization_returns_400(served: str) -> None:
    body = b'14\r\n{"title": "Trailer"}\r\n0\r\n%s\r\n\r\n' % BEARER.encode()
    raw = get(CHUNKED, "Content-Type: application/json", method="POST", target="/api/tasks")

    received = exchange(served, raw + body + SMUGGLED)

    assert statuses(received) == [400]
    assert Task.objects.count() == 0


def test_the_host_of_an_absolute_target_overrides_the_header(served: str) -> None:
    expected = {
        ("http://localhost/api/tasks", "evil.test"): [200],
        ("http://localhost:8000/api/tasks?limit=1", "evil.test"): [200],
        ("HTTP://LOCALHOST/api/tasks", "evil.test"): [200],
        ("http://evil.test/api/tasks", "localhost"): [400],
        ("http://localhost@evil.test/api/tasks", "localhost"): [400],
        ("http://evil.test:80/api/tasks", "localhost"): [400],
        ("http:///api/tasks", "localhost"): [400],  # RFC 9110, 4.2.1
        ("/http://evil.test/api/tasks", "localhost"): [404],
    }

    def statuses_for(target: str, host: str) -> list[int]:
        lines = [f"GET {target} HTTP/1.1", f"Host: {host}", BEARER, "Connection: close", "", ""]
        return statuses(exchange(served, "\r\n".join(lines).encode()))

    assert {case: statuses_for(*case) for case in expected} == expected


def test_a_half_closed_request_is_executed_at_most_once(
    served: str,
) -> None:
    service = Service(served, TOKEN)
    bodies = [b'{"title": "Half closed %d"}' % n for n in range(10)]
    raws = [post(f"Content-Length: {len(body)}", body=body) for body in bodies]

    received = [statuses(exchange(service.address, raw, shut_down=True)) for raw in raws]

    assert {tuple(found) for found in received} <= {(201,), (CLOSED,)}
    titles = list(Task.objects.values_list("title", flat=True))
    assert len(titles) == len(set(titles)) >= received.count([201])
    assert service.list().status == 200


@pytest.mark.parametrize(
    "raw",
    [
        post("Content-Length: 60", body=b'{"title": "Cut off"}'),
        post(CHUNKED, body=b'14\r\n{"title": "Cut off"}\r\n'),
        post(CHUNKED, body=b'14\r\n{"title": "Cut off"}\r\n0\r\n'),
        post(CHUNKED, body=b'ffffffffffffffff\r\n{"title": "Cut off"}\r\n0\r\n\r\n'),
    ],
    ids=["a length", "chunks", "chunks without the last line", "a chunk of 2^64 bytes"],
)
def test_a_truncated_body_is_not_executed(served: str, raw: bytes) -> None:
    service = Service(served, TOKEN)

    received = exchange(service.address, raw, shut_down=True)

    assert statuses(received)[0] in {400, CLOSED}
    assert service.list().json == []


def test_headers_with_underscores_are_ignored(serve: Serve) -> None:
    address = serve("--workers", "1", TRUSTED_PROXY_COUNT="1", RATE_LIMIT_ANONYMOUS_PER_MINUTE="2")

    def from_address(name: str, number: int) -> Response:
        lines = [f"{name}: 192.0.2.{number}", "X_Request_ID: forged", "Connection: close"]
        return send(address, get(*lines, target="/api/tasks"))

    forged = [from_address("X_Forwarded_For", number) for number in range(4)]
    genuine = [from_address("X-Forwarded-For", number) for number in range(4)]

    assert [response.status for response in forged] == [401, 401, 429, 429]
    assert [response.status for response in genuine] == [401] * 4
    assert "forged" not in {response.headers["x-request-id"] for response in forged}
