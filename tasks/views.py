"""The tasks of the person who calls."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.encoding import escape_uri_path
from django.utils.functional import SimpleLazyObject
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request

from tasks import schema, statements
from tasks.etags import demanded_versions, etag_of, known_versions
from tasks.filters import TaskFilter, TaskFilterBackend
from tasks.idempotency import once
from tasks.models import REPRESENTED, Task, TaskQuerySet
from tasks.representation import UPDATED_AT, represent
from tasks.serializers import CompletionSerializer, TaskSerializer
from tasks.statements import Demand, Row, Statement
from todo_api.body import ignore_unknown
from todo_api.errors import PreconditionFailed
from todo_api.pagination import MAX_LIMIT, HeaderPagination
from todo_api.shapes import Answer
from todo_api.views import ApiViewSet

TASK_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
LIST_PARAMETERS = {*TaskFilter.base_filters, *HeaderPagination.parameters}


class TaskViewSet(ApiViewSet):
    """The caller's own tasks. Another person's task is absent: 404, never 403."""

    queryset = Task.objects.none()
    serializer_class = TaskSerializer
    filter_backends = (TaskFilterBackend,)
    filterset_class = TaskFilter
    pagination_class = HeaderPagination
    lookup_value_regex = "[^/]+"  # a malformed id is a 404 like any other

    def get_queryset(self) -> TaskQuerySet:
        """What query parameters narrow and sort. What needs none is in tasks.statements, and says
        by the same `owned_by` whose it is.
        """
        return Task.objects.owned_by(self.request.user)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """A person in the path must be the caller. It never chooses whose data is read."""
        super().initial(request, *args, **kwargs)
        if "user_id" in kwargs and kwargs["user_id"] != request.user.pk:
            raise PermissionDenied("This address belongs to another person", code="user_mismatch")
        if self.has_query:
            known = LIST_PARAMETERS if self.action == "list" else ()
            ignore_unknown(request, request.query_params, known)

    @extend_schema(
        summary="List own tasks, newest first",
        parameters=schema.LIST,
        responses={
            200: TaskSerializer(many=True),
            304: OpenApiResponse(description="Not changed"),
        },
    )
    def list(self, request: Request, **kwargs: Any) -> Answer:
        pages: Any = self.paginator
        if self.has_query:
            rows = pages.paginate_queryset(self.represented(), request, self)
            rows = [row[-len(REPRESENTED) :] for row in rows]  # without what only sorts them
        else:  # what nearly every call asks for; the queryset only where there are further pages
            first = statements.newest(MAX_LIMIT + 1).run(user_id=request.user.pk)
            tasks = SimpleLazyObject(self.represented)
            rows = pages.paginate_queryset(tasks, request, self, first)
        return Answer(represent(rows), headers=pages.headers, counts=pages.counts)

    @extend_schema(summary="Create a task", parameters=schema.CREATE)
    def create(self, request: Request, **kwargs: Any) -> Answer:
        fields = TaskSerializer.read(request)

        def add() -> Answer:
            task = Task.objects.new(user_id=request.user.pk, **fields)
            (row,) = statements.add().run(**{name: getattr(task, name) for name in REPRESENTED})
            address = f"{escape_uri_path(request.path.rstrip('/'))}/{task.pk}"
            return self.shown(row, 201, Location=request.build_absolute_uri(address))

        return once(request, "create", add)

    @extend_schema(
        summary="Get one task",
        parameters=schema.GET,
        responses={200: TaskSerializer, 304: OpenApiResponse(description="Not changed")},
    )
    def retrieve(self, request: Request, **kwargs: Any) -> Answer:
        return self.shown(self.current())

    @extend_schema(
        summary="Change the fields that are sent",
        description="The same as PATCH: a field that is not sent stays as it is.",
        request=TaskSerializer(partial=True),
        parameters=schema.CHANGE,
    )
    def update(self, request: Request, **kwargs: Any) -> Answer:
        return self.partial_update(request, **kwargs)

    @extend_schema(summary="Change the fields that are sent", parameters=schema.CHANGE)
    def partial_update(self, request: Request, **kwargs: Any) -> Answer:
        return self.changed(TaskSerializer.read(request, partial=True))

    @extend_schema(  # type: ignore[type-var]  # an Answer: see ApiViewSet
        summary="Complete or reopen a task",
        description="Sets `completed` to what the body says; without a body it flips.",
        request=CompletionSerializer,
        responses=TaskSerializer,
        parameters=schema.COMPLETE,
    )
    @action(detail=True, methods=["patch", "post"], serializer_class=CompletionSerializer)
    def complete(self, request: Request, **kwargs: Any) -> Answer:
        fields = CompletionSerializer.read(request)

        def write() -> Answer:
            if fields:
                return self.changed(fields)
            return self.shown(self.demanded(statements.flip, now=timezone.now()))

        return once(request, f"complete {self.kwargs['pk'].lower()}", write)

    @extend_schema(  # type: ignore[type-var]
        summary="The same as complete",
        request=CompletionSerializer,
        responses=TaskSerializer,
        parameters=schema.COMPLETE,
    )
    @action(detail=True, methods=["patch", "post"], serializer_class=CompletionSerializer)
    def toggle(self, request: Request, **kwargs: Any) -> Answer:
        completed: Answer = self.complete(request, **kwargs)  # type: ignore[arg-type]
        return completed

    @extend_schema(summary="Delete a task", parameters=schema.DELETE)
    def destroy(self, request: Request, **kwargs: Any) -> Answer:
        self.demanded(statements.remove)
        return Answer(None, 204)

    def shown(self, row: Row, status: int = 200, **headers: str) -> Answer:
        headers["ETag"] = etag_of(row[UPDATED_AT])
        return Answer(represent([row])[0], status, headers)

    def changed(self, fields: dict[str, Any]) -> Answer:
        """The task with these fields. Without one it stays as it is."""
        if not fields:
            return self.shown(self.demanded(statements.read))
        change = partial(statements.change, frozenset(fields), fields.get("completed"))
        return self.shown(self.demanded(change, **fields, now=timezone.now()))

    def demanded(self, statement: Callable[[Demand], Statement], **values: Any) -> Row:
        """Runs it on the addressed task, in a version that the headers allow. Raises NotFound or
        PreconditionFailed when it meets none.
        """
        ruled_out, allowed = known_versions(self.request), demanded_versions(self.request)
        rows = []
        if ruled_out is not None and allowed != []:
            demand = Demand(allowed is not None, bool(ruled_out))
            versions = {"allowed": allowed, "ruled_out": ruled_out}
            rows = statement(demand).run(**self.address(), **versions, **values)
        if not rows:
            row = self.current()
            raise PreconditionFailed(represent([row])[0], etag_of(row[UPDATED_AT]))
        return rows[0]

    def represented(self) -> Any:
        """The list as the query parameters ask for it."""
        tasks: Any = self.filter_queryset(self.get_queryset())
        return tasks.represented()

    def current(self) -> Row:
        """The task as it is now. Raises NotFound."""
        rows = statements.read(Demand()).run(**self.address())
        if not rows:
            raise NotFound("Task not found")
        return rows[0]

    def address(self) -> dict[str, Any]:
        """Whose task, and which. Raises NotFound: a malformed id is no task."""
        pk = self.kwargs["pk"]
        if not TASK_ID.fullmatch(pk):  # PostgreSQL would take braces and the like
            raise NotFound("Task not found")
        return {"user_id": self.request.user.pk, "id": pk}
