"""Calls of tools while the database is stopped."""

from typing import Any

from todo_api.tests.faults.postgres import Postgres
from todo_api.tests.faults.service import Service, assert_unavailable

CALL: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}


def test_a_stopped_database_is_an_http_error_and_not_a_result(
    service: Service, postgres: Postgres
) -> None:
    def call(tool: str, **arguments: str) -> Any:
        params = {"name": tool, "arguments": arguments}
        return service.send_request("POST", "/api/mcp", CALL | {"params": params})

    call("add_task", title="Before")
    postgres.stop()
    read, write = call("list_tasks"), call("add_task", title="Meanwhile")
    ping = service.send_request("POST", "/api/mcp", {**CALL, "method": "ping"})
    postgres.start()
    after = call("add_task", title="After")

    assert_unavailable(read)
    assert_unavailable(write)
    assert (ping.status, ping.json["result"]) == (200, {})
    assert (after.status, after.json["result"]["isError"]) == (200, False)
    assert postgres.titles() == ["After", "Before"]
