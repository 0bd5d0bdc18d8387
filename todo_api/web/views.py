"""A view set whose SQL is compiled once, from `get_queryset` and filter backends (ADR 24)."""

from collections.abc import Callable, Hashable, Mapping
from datetime import date
from functools import cache, cached_property, lru_cache
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpResponse
from rest_framework.exceptions import APIException
from rest_framework.filters import BaseFilterBackend
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from todo_api.postgresql.statements import Bind, Rows, Statement
from todo_api.web.body import ignored_fields_header
from todo_api.web.representation import Representation, representation_of

# The size of the LRU cache of compiled statements, per process.
KEPT_STATEMENTS = 1_024


Compiled = TypeVar("Compiled", bound=Statement)


class CompiledFilter(BaseFilterBackend):
    """A filter backend whose SQL depends only on the shape of the request's parameters."""

    def read(self, request: Request, view: Any) -> tuple[Hashable, dict[str, Any]]:
        """Returns the shape of the request's parameters (what the SQL depends on), and the values
        to bind by name. Raises ValidationError.
        """
        raise NotImplementedError

    def narrow(self, rows: Rows, shape: Any, value_of: Callable[[str], Any]) -> Rows:
        """Returns the filtered rows for a shape. `value_of` returns the value of a name, or a Bind
        while the statement is compiled.
        """
        raise NotImplementedError

    def filter_queryset(self, request: Request, queryset: Rows, view: Any) -> Rows:
        shape, values = self.read(request, view)
        return self.narrow(queryset, shape, values.__getitem__)


class BoundUser(Bind):
    """A placeholder for `request.user` while `get_queryset` is compiled."""

    def __init__(self) -> None:
        super().__init__("user")

    @property
    def pk(self) -> "BoundUser":
        return self

    id = pk

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and hasattr(get_user_model(), name):
            raise NotImplementedError(f"request.user.{name} is not known yet")
        raise AttributeError(name)


class ApiViewSet(GenericViewSet[Any]):
    """A GenericViewSet whose actions run SQL through `statement` and `values`.

    `get_queryset` is called once for each action and shape, with a placeholder for the user. It may
    depend on `self.request.user` and `self.action` only; filter backends filter by everything else.
    The SQL is compiled for each request if a filter backend is not a CompiledFilter, or if the view
    overrides `filter_queryset`.
    """

    # The Allow header lists these. The CORS middleware responds to preflights before any view.
    http_method_names = ["get", "post", "put", "patch", "delete", "head"]
    request: Request

    @cached_property
    def filters(self) -> list[tuple[Any, Hashable, dict[str, Any]]]:
        """The filter backends, each with the shape and the values that it has read."""
        return [
            (backend, *backend.read(self.request, self))
            if isinstance(backend, CompiledFilter)
            else (backend, None, {})
            for backend in (kind() for kind in self.filter_backends)
        ]

    def __init__(self, **initkwargs: Any) -> None:
        super().__init__(**initkwargs)
        self.initkwargs = initkwargs

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Clears the view after the request, unless a renderer still needs it. Otherwise a
        reference cycle would keep the response in memory until the next garbage collection.
        """
        response = super().dispatch(request, *args, **kwargs)
        if not isinstance(response, Response):
            self.request.parser_context.clear()
            vars(self).clear()
        return response

    @property
    def model(self) -> Any:
        serializer: Any = self.get_serializer_class()
        return serializer.Meta.model

    @property
    def representation(self) -> Representation:
        serializer: Any = self.get_serializer_class()
        return representation_of(serializer)

    def statement(self, build: Callable[..., Compiled], *shape: Hashable) -> Compiled:
        """Returns `build(queryset, representation, *shape)`, cached by view, action and shapes."""
        serializer: Any = self.get_serializer_class()
        if not self.is_compiled():
            rows = self.filter_queryset(self.get_queryset())
            return build(rows, representation_of(serializer), *shape)
        filters = tuple((type(backend), read) for backend, read, _ in self.filters)
        options = tuple((name, hashable(each)) for name, each in self.initkwargs.items())
        found: Compiled = compiled(
            type(self), options, str(self.action), serializer, filters, build, shape
        )
        return found

    def is_compiled(self) -> bool:
        return type(self).filter_queryset is GenericAPIView.filter_queryset and all(
            isinstance(backend, CompiledFilter) for backend, _, _ in self.filters
        )

    def values(self, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Returns the values to bind: the user, the values of the filters, and `values`."""
        bound = {"user": self.request.user.pk}
        for _, _, read in self.filters:
            bound |= read
        return bound | dict(values or {})

    def must_load_object(self) -> bool:
        """Returns whether the view needs an instance, for object permissions or its get_object."""
        view = type(self)
        own = (
            view.get_object is not GenericAPIView.get_object
            or view.check_object_permissions is not APIView.check_object_permissions
        )
        return own or any(
            type(permission).has_object_permission is not BasePermission.has_object_permission
            for permission in self.get_permissions()
        )

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Without Allow, which DRF adds to every response and only a 405 needs."""
        return {"Vary": "Accept"} if len(self.renderer_classes) > 1 else {}

    def known_parameters(self) -> frozenset[str]:
        """Returns the names of the query parameters of the filter backends and the paginator."""
        kinds = tuple(self.filter_backends)
        if self.action == "list":
            return names_of((*kinds, self.pagination_class), type(self))
        return names_of(tuple(k for k in kinds if not issubclass(k, CompiledFilter)), type(self))

    def finalize_response(  # type: ignore[override]  # also takes a plain HttpResponse
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Adds Ignored-Fields, and Allow to a 405."""
        final = super().finalize_response(request, response, *args, **kwargs)
        if final.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            final.headers["Allow"] = ", ".join(self.allowed_methods)
        if names := ignored_fields_header():
            final.headers["Ignored-Fields"] = names
        return final


@cache
def names_of(kinds: tuple[Any, ...], view: type[ApiViewSet]) -> frozenset[str]:
    described = (kind().get_schema_operation_parameters(view()) for kind in kinds if kind)
    return frozenset(parameter["name"] for parameters in described for parameter in parameters)


def hashable(option: Any) -> Any:
    return tuple(option) if isinstance(option, list) else option


@lru_cache(maxsize=KEPT_STATEMENTS)
def compiled(
    view: type[ApiViewSet],
    options: tuple[tuple[str, Any], ...],
    action: str,
    serializer: Any,
    filters: tuple[tuple[type[CompiledFilter], Hashable], ...],
    build: Callable[..., Any],
    shape: tuple[Hashable, ...],
) -> Any:
    """Returns the statement for all requests with these arguments. `options` are those of
    `as_view`. Raises ImproperlyConfigured for a `get_queryset` that depends on anything else.
    """

    def build_statement() -> Any:
        instance = view(**dict(options))
        instance.action = action
        instance.request = SimpleNamespace(user=BoundUser())  # type: ignore[assignment]  # has only a user
        rows = instance.get_queryset()
        for kind, read in filters:
            rows = kind().narrow(rows, read, Bind)
        return build(rows, representation_of(serializer), *shape)

    message = (
        f"{view.__name__}.get_queryset() cannot be compiled once for all requests: it may depend on"
        " self.request.user and self.action only. Use Now() for the current time, and a filter"
        " backend for anything else of the request."
    )
    try:
        with connections[DEFAULT_DB_ALIAS].execute_wrapper(refuse_query):
            first, second = build_statement(), build_statement()
    except APIException:
        raise
    except Exception as exc:
        raise ImproperlyConfigured(message) from exc
    # It depends on the current time or on random values.
    if first != second or any(isinstance(param, date) for param in first.params):
        raise ImproperlyConfigured(message)
    return first


def refuse_query(*_: Any) -> Any:
    raise RuntimeError("a query while a statement is compiled: its rows would be cached forever")
