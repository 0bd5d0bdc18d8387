"""Calls each tool with the official client of the protocol: agent.py ADDRESS TOKEN MODE

MODE is "auto" for the newest protocol, "legacy" for those that start with a handshake.
"""

import asyncio
import sys
from typing import Any

from httpx2 import AsyncClient
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

TOOLS = [
    "list_tasks", "get_task", "add_task", "update_task", "complete_task", "delete_task",
    "restore_task", "list_tags",
]  # fmt: skip
WEEKLY = {"due_date": "2099-12-04", "repeat": {"rule": "FREQ=WEEKLY"}}


async def main(address: str, token: str, mode: str) -> None:
    async with (
        AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http,
        Client(streamable_http_client(f"{address}/api/mcp", http_client=http), mode=mode) as client,
    ):

        async def call(tool: str, **arguments: Any) -> Any:
            result = await client.call_tool(tool, arguments)
            assert not result.is_error, result
            return result.structured_content

        assert client.server_info.title == "Todo API"
        if mode == "legacy":  # the newest protocol has no ping
            await client.send_ping()
        listed = await client.list_tools()
        assert [tool.name for tool in listed.tools] == TOOLS, listed

        added = await call("add_task", title="Water the plants", tags=["home"], **WEEKLY)
        task_id = added["id"]
        assert (await call("get_task", id=task_id)) == added
        changed = await call("update_task", id=task_id, title="Water them", priority="high")
        assert (changed["title"], changed["priority"]) == ("Water them", "high"), changed
        completed = await call("complete_task", id=task_id)
        assert completed["next"]["due_date"] == "2099-12-11", completed
        await call("delete_task", id=task_id)
        page = await call("list_tasks", tag=["home"], status="pending")
        assert [task["id"] for task in page["tasks"]] == [completed["next"]["id"]], page
        assert (await call("restore_task", id=task_id))["completed"] is True
        tags = await call("list_tags")
        assert tags == {"tags": [{"name": "home", "open": 1, "total": 2}]}, tags

        failed = await client.call_tool("list_tasks", {"due": "someday"})
        assert failed.is_error, failed
        assert failed.content[0].text.startswith("due: expected one of: today, "), failed


asyncio.run(main(*sys.argv[1:]))
