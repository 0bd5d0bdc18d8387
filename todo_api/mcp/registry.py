"""Registers tools at the server of the protocol, with their scopes and errors."""

import difflib
from collections.abc import Callable
from typing import Any

from django.http import Http404
from django_mcpz.server import MCPServer, ToolError, public
from rest_framework.request import Request

from todo_api import __version__
from todo_api.mcp.calls import Call
from todo_api.web.scopes import READ

Arguments = dict[str, Any]
Run = Callable[[Call, Request, Arguments], Any]
# What an agent can correct is a result of the tool. Every other error is that of the HTTP response.
CORRECTABLE = {400, 404, 409, 412}

SERVER = MCPServer(
    name="todo-api",
    title="Todo API",
    version=__version__,
    instructions="The to-do list of the signed-in user. Days such as 'today' are those of"
    " time_zone, so send the user's time zone. Deleted tasks stay in the trash, from which"
    " restore_task takes them out. A completed task that repeats returns the next one.",
    auth=public,  # McpView has authenticated the request
)
CALLS: dict[str, Call] = {}


class Failed(BaseException):
    """An error that is not the agent's. Not an Exception, which the server would log and hide."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(cause)
        self.cause = cause


def tool(
    name: str,
    call: Call,
    arguments: dict[str, Any],
    description: str,
    destructive: bool | None = None,
    idempotent: bool | None = None,
) -> Callable[[Run], Run]:
    """Registers a function as the tool `name`, for tokens with the scope of the call."""

    def register(run: Run) -> Run:
        def run_tool(request: Request, sent: Arguments) -> Any:
            try:
                refuse_unknown(sent, arguments["properties"])
                return run(call, request, sent)
            except ToolError:
                raise
            except Exception as exc:
                status = 404 if isinstance(exc, Http404) else getattr(exc, "status_code", 500)
                if status in CORRECTABLE:
                    raise ToolError(text_of(exc)) from exc
                raise Failed(exc) from exc

        CALLS[name] = call
        SERVER.tool(
            name=name,
            description=description,
            input_schema=arguments,
            read_only=call.scope == READ,
            destructive=destructive,
            idempotent=idempotent,
            open_world=False,
            permission=lambda request: is_allowed(request, call),
        )(run_tool)
        return run

    return register


def is_allowed(request: Any, call: Call) -> bool:
    """Returns whether the token has the scope of the call. That of a session has all."""
    scopes = request.auth.scopes
    return scopes is None or call.scope in scopes


def refuse_unknown(sent: Arguments, known: dict[str, Any]) -> None:
    """Raises ToolError for arguments that the tool does not have, and for members of an argument
    that it does not have. The API would ignore them, and the agent would not know.
    """
    for name, value in sent.items():
        if name not in known:
            near = difflib.get_close_matches(name[:100], known, n=1, cutoff=0.7)
            some = ", ".join(known) or "none"
            hint = f"did you mean {near[0]}?" if near else f"expected {some}"
            raise ToolError(f"Unknown argument {ascii(name)[:100]}: {hint}")
        members = known[name].get("properties")
        if members and isinstance(value, dict):
            refuse_unknown(value, members)


def text_of(exc: Exception) -> str:
    """Returns the texts of an error, which the API would show by field."""
    texts: list[str] = []

    def collect(detail: Any) -> None:
        if isinstance(detail, dict | list):
            for each in detail.values() if isinstance(detail, dict) else detail:
                collect(each)
        else:
            texts.append(str(detail))

    collect(getattr(exc, "detail", None) or "Task not found")
    return "; ".join(dict.fromkeys(texts))
