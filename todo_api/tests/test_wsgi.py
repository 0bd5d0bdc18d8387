"""The service on gunicorn's threaded worker, for deployments behind a buffering proxy."""

import json
from typing import Any

from conftest import ALICE, Serve, token_for
from todo_api.tests.http import request, send

JSON: dict[str, Any] = {"content_type": "application/json"}
SIGNED_IN: dict[str, Any] = {"authorization": f"Bearer {token_for(ALICE)}"}


def test_the_threaded_worker_serves_requests_and_streams(serve: Serve) -> None:
    address = serve("--worker-class", "gthread", "--threads", "4", application="todo_api.wsgi")
    chunks = b'14\r\n{"title": "In parts"}\r\n0\r\n\r\n'.replace(b"14", b"15")

    created = send(
        address, request("POST", "/api/tasks", b'{"title": "Whole"}', **JSON, **SIGNED_IN)
    )
    chunked = request(
        "POST", "/api/tasks", chunks, length=False, transfer_encoding="chunked", **JSON, **SIGNED_IN
    )
    in_parts = send(address, chunked)
    listed = send(address, request("GET", "/api/tasks", **SIGNED_IN))
    exported = send(address, request("GET", "/api/me/export", **SIGNED_IN))
    alive = send(address, b"GET /healthz HTTP/1.0\r\n\r\n")

    assert (created.status, in_parts.status, alive.status) == (201, 201, 200)
    assert [task["title"] for task in listed.json] == ["In parts", "Whole"]
    document = exported.body.partition(b"\r\n")[2].decode()
    assert exported.status == 200
    assert json.loads(created.body)["id"] in document
