"""The tasks of the user who sends the request."""

import re
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request

from tasks import schema, statements
from tasks.contract import TaskResponse, counted_columns, deletion, with_status
from tasks.etags import demanded_versions, etag_of, known_versions
from tasks.filters import TaskFilterBackend
from tasks.idempotency import once
from tasks.models import Task, TaskQuerySet
from tasks.serializers import CompletionSerializer, TaskSerializer
from tasks.statements import Demand
from todo_api.postgresql.statements import Row, Statement, row_of, written
from todo_api.web.body import ignore_unknown
from todo_api.web.exceptions import PreconditionFailed
from todo_api.web.pagination import HeaderPagination
from todo_api.web.representation import Representation, representation_of
from todo_api.web.views import ApiViewSet

TASK_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
Fields = dict[str, Any]


class TaskViewSet(ApiViewSet):
    """The user's own tasks. Another user's task is absent: 404, never 403."""

    queryset = Task.objects.all()
    serializer_class = TaskSerializer
    filter_backends = (TaskFilterBackend,)
    pagination_class = HeaderPagination
    lookup_value_regex = "[^/]+"  # a malformed id is a 404 like any other

    def get_queryset(self) -> TaskQuerySet:
        """The rows that every action reads and writes, compiled once (ApiViewSet)."""
        tasks: Any = super().get_queryset()
        return tasks.owned_by(self.request.user)  # type: ignore[no-any-return]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The user in the path must be that of the token. It never chooses whose data is read."""
        super().initial(request, *args, **kwargs)
        if "user_id" in kwargs and kwargs["user_id"] != request.user.pk:
            raise PermissionDenied("This address belongs to another person", code="user_mismatch")
        # Of actions that a subclass adds nobody knows which parameters they read.
        if request.META.get("QUERY_STRING") and self.action in vars(TaskViewSet):
            ignore_unknown(request.query_params, self.known_parameters())

    @extend_schema(
        summary="List own tasks, newest first",
        parameters=schema.LIST,
        responses={
            200: TaskSerializer(many=True),
            304: OpenApiResponse(description="Not changed"),
        },
    )
    def list(self, request: Request, **kwargs: Any) -> TaskResponse:
        pages: Any = self.paginator
        tasks = self.representation.shown(pages.paginate(self, counted_columns()))
        return TaskResponse(tasks, headers=pages.headers, counts=pages.counts)

    @extend_schema(summary="Create a task", parameters=schema.CREATE)
    def create(self, request: Request, **kwargs: Any) -> TaskResponse:
        fields = self.read_body()

        def add() -> TaskResponse:
            task: Task = self.model.objects.new(user_id=request.user.pk, **fields)
            row = row_of(task)
            values = self.values(written(self.model, row))
            (rows,) = self.statement(statements.add, frozenset(row)).run(values)
            address = f"{escape_uri_path(request.path.rstrip('/'))}/{task.pk}"
            return self.shown(rows[0], 201, Location=request.build_absolute_uri(address))

        return once(request, "create", add)

    @extend_schema(
        summary="Get one task",
        parameters=schema.GET,
        responses={200: TaskSerializer, 304: OpenApiResponse(description="Not changed")},
    )
    def retrieve(self, request: Request, **kwargs: Any) -> TaskResponse:
        return self.shown(self.current())

    @extend_schema(
        summary="Change the fields that are sent",
        description="The same as PATCH: a field that is not sent stays as it is.",
        request=TaskSerializer(partial=True),
        parameters=schema.CHANGE,
    )
    def update(self, request: Request, **kwargs: Any) -> TaskResponse:
        return self.partial_update(request, **kwargs)

    @extend_schema(summary="Change the fields that are sent", parameters=schema.CHANGE)
    def partial_update(self, request: Request, **kwargs: Any) -> TaskResponse:
        return self.changed(self.read_body(partial=True))

    @extend_schema(  # type: ignore[type-var]  # an TaskResponse
        summary="Complete or reopen a task",
        description="Sets `completed` to what the body says; without a body it flips.",
        request=CompletionSerializer,
        responses=TaskSerializer,
        parameters=schema.COMPLETE,
    )
    @action(detail=True, methods=["patch", "post"])
    def complete(self, request: Request, **kwargs: Any) -> TaskResponse:
        fields = CompletionSerializer.read(request)

        def write() -> TaskResponse:
            if fields:
                return self.changed(fields)
            return self.shown(self.demanded(statements.flip, now=timezone.now()))

        return once(request, f"complete {self.kwargs['pk'].lower()}", write)

    @extend_schema(  # type: ignore[type-var]  # an TaskResponse
        summary="The same as complete",
        request=CompletionSerializer,
        responses=TaskSerializer,
        parameters=schema.COMPLETE,
    )
    @action(detail=True, methods=["patch", "post"])
    def toggle(self, request: Request, **kwargs: Any) -> TaskResponse:
        response: TaskResponse = self.complete(request, **kwargs)  # type: ignore[arg-type]
        return response

    @extend_schema(summary="Delete a task", parameters=schema.DELETE)
    def destroy(self, request: Request, **kwargs: Any) -> HttpResponse:
        self.demanded(statements.remove)
        return deletion()

    def finalize_response(  # type: ignore[override]  # a TaskResponse comes in, too
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(response, TaskResponse):
            response = response.rendered(request.accepted_renderer, str(self.action))
        return super().finalize_response(request, response, *args, **kwargs)

    @property
    def model(self) -> Any:
        serializer: Any = self.get_serializer_class()
        return serializer.Meta.model

    @property
    def representation(self) -> Representation:
        serializer: Any = self.get_serializer_class()
        return representation_of(serializer)

    def read_body(self, *, partial: bool = False) -> Fields:
        """Returns the fields that were sent, checked. Raises ValidationError."""
        serializer: Any = self.get_serializer_class()
        fields: Fields = serializer.read(self.request, partial=partial)
        return fields

    def shown(self, row: Row, status: int = 200, **headers: str) -> TaskResponse:
        (task,) = self.representation.shown([row])
        return TaskResponse(task, status, headers | {"ETag": etag_of(task["updated_at"])})

    def changed(self, fields: Fields) -> TaskResponse:
        """The task with these fields. Without one it stays as it is."""
        if not fields:
            return self.shown(self.demanded(statements.read))
        values = written(self.model, fields)
        shape = frozenset(fields), fields.get("completed")
        return self.shown(self.demanded(statements.change, *shape, **values, now=timezone.now()))

    def demanded(self, build: Callable[..., Statement], *shape: Any, **values: Any) -> Row:
        """Runs the statement on the addressed task, in a version that the headers allow. Returns
        its row. Raises NotFound, or PreconditionFailed for another version.
        """
        pk = self.addressed()
        ruled_out, allowed = known_versions(self.request), demanded_versions(self.request)
        if ruled_out is not None and allowed != []:
            demand = Demand(allowed is not None, bool(ruled_out))
            values |= {"pk": pk, "allowed": allowed, "ruled_out": ruled_out}
            (rows,) = self.statement(build, demand, *shape).run(self.values(values))
            if rows:
                return rows[0]  # type: ignore[no-any-return]
        (current,) = self.representation.shown([self.current()])
        raise PreconditionFailed(with_status(current), etag_of(current["updated_at"]))

    def current(self) -> Row:
        """The task as it is now. Raises NotFound."""
        values = self.values({"pk": self.addressed()})
        (rows,) = self.statement(statements.read, Demand()).run(values)
        if not rows:
            raise NotFound("Task not found")
        return rows[0]  # type: ignore[no-any-return]

    def addressed(self) -> str:
        """The id in the path. Raises NotFound for a malformed one, and whatever object-level
        permissions raise.
        """
        pk: str = self.kwargs["pk"]
        if not TASK_ID.fullmatch(pk):  # PostgreSQL would take braces and the like
            raise NotFound("Task not found")
        if not self.must_load_object():
            return pk
        try:
            return str(self.get_object().pk)
        except Http404 as exc:
            raise NotFound("Task not found") from exc
