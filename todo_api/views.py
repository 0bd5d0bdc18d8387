"""DRF's view set, for an API with one way to sign in, one parser and one form of answers.

What DRF chooses, and makes anew for each request, depends on none of them here and is made once.
"""

from functools import cache
from typing import Any, NamedTuple

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.viewsets import GenericViewSet

from todo_api.body import ignored_fields_header
from todo_api.shapes import Answer, shaped


class ApiViewSet(GenericViewSet[Any]):
    """Its actions return an Answer, which takes the form that the deployment chose on leaving."""

    # Without OPTIONS, which is answered before any view, or not at all: Allow names what there is.
    http_method_names = ["get", "post", "put", "patch", "delete", "head"]
    has_query = False  # DRF's query_params would read an empty one, too

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """DRF's own steps, without what only its Response needs."""
        self.args, self.kwargs = args, kwargs
        self.request = asked = self.initialize_request(request, *args, **kwargs)
        try:
            try:
                self.initial(asked, *args, **kwargs)
                method = str(request.method).lower()
                known = method in self.http_method_names
                act = getattr(self, method, None) if known else None
                response = (act or self.http_method_not_allowed)(asked, *args, **kwargs)
            except Exception as exc:
                response = self.handle_exception(exc)
            return self.finalize_response(asked, response, *args, **kwargs)
        finally:
            # A view refers to its own methods, and DRF's request to itself. What hangs on such a
            # circle, the answer's bytes too, would be kept until the garbage collector comes by.
            asked.parser_context.clear()
            self.__dict__.clear()

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        self.action = self.action_map.get(request.method.lower(), "")
        self.has_query = bool(request.META.get("QUERY_STRING"))
        made = made_once()
        context = {"view": self, "args": args, "kwargs": kwargs}
        return Request(request, made.parsers, made.authenticators, made.negotiator, context)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raises NotAcceptable, NotAuthenticated, or whatever the authentication raises, which has
        counted the call: no throttle is asked besides.
        """
        made_once().negotiator.select_renderer(request, made_once().renderers)
        self.check_permissions(request)

    def get_permissions(self) -> Any:
        return made_once().permissions

    def finalize_response(  # type: ignore[override]  # no DRF Response is made
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        final: HttpResponse = response
        if isinstance(response, Answer):
            final = shaped(response, str(self.action))
        if final.status_code == 405:
            final.headers["Allow"] = ", ".join(self.allowed_methods)
        if names := ignored_fields_header(request):
            final.headers["Ignored-Fields"] = names
        return final


class Made(NamedTuple):
    parsers: list[Any]
    authenticators: list[Any]
    permissions: list[Any]
    renderers: list[Any]
    negotiator: Any


@cache
def made_once() -> Made:
    """What the project's settings name. None of it holds anything of a request."""
    project: Any = api_settings
    return Made(
        parsers=[kind() for kind in project.DEFAULT_PARSER_CLASSES],
        authenticators=[kind() for kind in project.DEFAULT_AUTHENTICATION_CLASSES],
        permissions=[kind() for kind in project.DEFAULT_PERMISSION_CLASSES],
        renderers=[kind() for kind in project.DEFAULT_RENDERER_CLASSES],
        negotiator=project.DEFAULT_CONTENT_NEGOTIATION_CLASS(),
    )
