"""Runs the actions of the API's views for a tool: the same validation, statements and errors."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.utils.http import urlencode
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from todo_api.web.views import ApiViewSet

TOO_DEEP = "The body is nested too deeply"
# Of the request of an agent, all that the request of a tool keeps: its host and scheme. Conditions
# and Idempotency-Key would be about the whole conversation, and not about one task.
KEPT = ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "REMOTE_ADDR", "wsgi.url_scheme")


class CallerAuthentication(BaseAuthentication):
    """The user of another request, which has been authenticated and counted."""

    def __init__(self, caller: Request) -> None:
        self.caller = caller

    def authenticate(self, request: Request) -> tuple[Any, Any]:
        return self.caller.user, self.caller.auth


@dataclass(frozen=True)
class Call:
    """The action of a view, and the method with which clients of the API request it."""

    view: type[ApiViewSet]
    method: str
    action: str

    @property
    def scope(self) -> str:
        """The scope that the view declares for the method; "" without one."""
        declared: Mapping[str, str] = getattr(self.view, "required_scopes", {})
        return declared.get(self.method, "")

    def run(
        self,
        caller: Request,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        zone: str = "",
        **path: str,
    ) -> Any:
        """Returns what the action returns to the user of `caller`, which has been authenticated.
        `zone` is the header Time-Zone, and `path` are the arguments of the URL. Raises the
        exceptions of the view.
        """
        view: Any = self.view()
        view.action_map = {self.method.lower(): self.action}
        request = view.initialize_request(self._request(caller, query or {}, body, zone), **path)
        view.setup(request, **path)
        request.authenticators = (CallerAuthentication(caller),)
        view.initial(request, **path)
        try:
            return getattr(view, self.action)(request, **path)
        finally:
            request.parser_context.clear()  # without the cycle of view and request

    def _request(
        self,
        caller: Request,
        query: Mapping[str, Any],
        body: Mapping[str, Any] | None,
        zone: str,
    ) -> WSGIRequest:
        try:
            content = b"" if body is None else json.dumps(body).encode()
        except RecursionError as exc:
            raise ParseError(TOO_DEEP) from exc
        environ = {name: caller.META[name] for name in KEPT if name in caller.META}
        return WSGIRequest(
            environ
            | {
                "REQUEST_METHOD": self.method,
                "PATH_INFO": "/api/tasks",
                "QUERY_STRING": urlencode(query, doseq=True),
                "CONTENT_TYPE": "application/json",
                "CONTENT_LENGTH": str(len(content)),
                "HTTP_TIME_ZONE": zone,
                "wsgi.input": BytesIO(content),
            }
        )
