"""An agent: it sends messages to /api/mcp with the token of a user, and calls tools."""

import json
from dataclasses import dataclass, field
from typing import Any

from conftest import ALICE, client_of

URL = "/api/mcp"
Json = dict[str, Any]


class ToolFailed(Exception):
    """The text of a result with `isError`, which the agent reads."""


@dataclass
class Agent:
    """An agent with a user's token. `claims` are further claims of the token, such as `scope`."""

    user_id: str = ALICE
    claims: Json = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client: Any = client_of(self.user_id, **self.claims)

    def post(self, body: bytes, **headers: Any) -> Any:
        """Returns the HTTP response to a body."""
        return self.client.generic("POST", URL, body, content_type="application/json", **headers)

    def send(self, method: str, params: Any = None, **headers: Any) -> Any:
        """Returns the HTTP response to a request of the protocol."""
        return self.post(message(method, params), **headers)

    def result(self, method: str, params: Any = None) -> Json:
        """Returns the result of a request of the protocol."""
        response = self.send(method, params)
        assert response.status_code == 200, response.content
        found: Json = response.json()["result"]
        return found

    def called(self, tool: str, **arguments: Any) -> Any:
        """Returns the HTTP response to the call of a tool."""
        return self.send("tools/call", {"name": tool, "arguments": arguments})

    def call(self, tool: str, **arguments: Any) -> Any:
        """Returns what a tool returns. Raises ToolFailed with the text of its error."""
        result = self.result("tools/call", {"name": tool, "arguments": arguments})
        (content,) = result["content"]
        if result["isError"]:
            raise ToolFailed(content["text"])
        # Older clients read the text, newer ones the structure.
        assert result["structuredContent"] == json.loads(content["text"])
        return result["structuredContent"]

    def tools(self) -> dict[str, Json]:
        """Returns the definitions of the tools that are listed, by name."""
        return {tool["name"]: tool for tool in self.result("tools/list")["tools"]}


def message(method: str, params: Any = None) -> bytes:
    """Returns the body of a request of the protocol."""
    members = {"jsonrpc": "2.0", "id": 1, "method": method}
    return json.dumps(members if params is None else members | {"params": params}).encode()


def scoped(*scopes: str, user_id: str = ALICE) -> Agent:
    """Returns an agent whose token was issued with these scopes."""
    return Agent(user_id, {"scope": " ".join(scopes), "azp": "an-agent"})
