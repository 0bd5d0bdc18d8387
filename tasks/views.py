"""The API of the signed-in user's tasks."""

import re
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request

from tasks import schema, statements
from tasks.contract import TaskResponse, counted_columns, deletion_response, with_additions
from tasks.etags import etag_of, if_match_versions, if_none_match_versions
from tasks.filters import DELETION, TaskFilterBackend
from tasks.idempotency import run_once
from tasks.models import Task, TaskQuerySet
from tasks.operations import TooManyTasks
from tasks.serializers import CompletionSerializer, TaskSerializer
from tasks.statements import Preconditions
from todo_api.postgresql.statements import Row, Statement, prepared_values, row_of
from todo_api.web.body import ignore_unknown
from todo_api.web.exceptions import AlreadyExists, PreconditionFailed
from todo_api.web.pagination import HeaderPagination
from todo_api.web.representation import Representation, representation_of
from todo_api.web.views import ApiViewSet

TASK_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
Fields = dict[str, Any]
# Actions whose query parameters are known. A subclass can add others.
ACTIONS = {
    "list", "create", "retrieve", "update", "partial_update", "destroy", "complete", "toggle",
    "restore", "sync", "batch",
}  # fmt: skip
# Actions that also read or write tasks in the trash; TaskFilterBackend filters those of the list.
WITH_TRASH = {"list", "destroy", "restore", "sync", "batch"}


class TaskViewSet(ApiViewSet):
    """The tasks of the signed-in user. A task of another user returns 404, never 403."""

    queryset = Task.objects.all()
    serializer_class = TaskSerializer
    filter_backends = (TaskFilterBackend,)
    pagination_class = HeaderPagination
    lookup_value_regex = "[^/]+"  # so that a malformed id returns the API's 404

    def get_queryset(self) -> TaskQuerySet:
        """Returns the tasks that every action reads and writes. Compiled once (ApiViewSet)."""
        tasks = cast(TaskQuerySet, super().get_queryset()).owned_by(self.request.user)
        return tasks if self.action in WITH_TRASH else tasks.live()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raises PermissionDenied when the user id in the path is not that of the token. Only the
        token determines whose tasks are read.
        """
        super().initial(request, *args, **kwargs)
        if "user_id" in kwargs and kwargs["user_id"] != request.user.pk:
            raise PermissionDenied("This address belongs to another person", code="user_mismatch")
        if request.META.get("QUERY_STRING") and self.action in ACTIONS:
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
        tasks = self.representation.represent(pages.paginate(self, counted_columns()))
        return TaskResponse(tasks, headers=pages.headers, counts=pages.counts)

    @extend_schema(summary="Create a task", parameters=schema.CREATE)
    def create(self, request: Request, **kwargs: Any) -> TaskResponse:
        fields = self.read_body()

        def add() -> TaskResponse:
            task: Task = self.model.objects.new(user_id=request.user.pk, **fields)
            return self.insert(task, f"{request.path.rstrip('/')}/{task.pk}")

        return run_once(request, "create", add)

    @extend_schema(
        summary="Get one task",
        parameters=schema.GET,
        responses={200: TaskSerializer, 304: OpenApiResponse(description="Not changed")},
    )
    def retrieve(self, request: Request, **kwargs: Any) -> TaskResponse:
        return self.task_response(self.read_row())

    @extend_schema(
        summary="Change the fields that are sent, or create a task",
        description="The same as PATCH: fields that are not sent keep their values. With"
        " `If-None-Match: *` it creates a task with this id, or returns 412 if the id exists.",
        request=TaskSerializer(partial=True),
        responses={200: TaskSerializer, 201: TaskSerializer},
        parameters=schema.PUT,
    )
    def update(self, request: Request, **kwargs: Any) -> TaskResponse:
        if if_none_match_versions(request) is not None:
            return self.partial_update(request, **kwargs)
        pk, fields = self.path_id(), self.read_body()

        def add() -> TaskResponse:
            task: Task = self.model.objects.new(pk=pk, user_id=request.user.pk, **fields)
            return self.insert(task, request.path.rstrip("/"), new_id=False)

        return run_once(request, f"create {pk}", add)

    @extend_schema(summary="Change the fields that are sent", parameters=schema.CHANGE)
    def partial_update(self, request: Request, **kwargs: Any) -> TaskResponse:
        return self.change(self.read_body(partial=True))

    @extend_schema(  # type: ignore[type-var]  # returns a TaskResponse
        summary="Complete or reopen a task",
        description="Sets `completed` to the value in the body, or toggles it without one.",
        request=CompletionSerializer,
        responses=TaskSerializer,
        parameters=schema.COMPLETE,
    )
    @action(detail=True, methods=["patch", "post"])
    def complete(self, request: Request, **kwargs: Any) -> TaskResponse:
        fields = CompletionSerializer.read(request.data)

        def write() -> TaskResponse:
            if fields:
                return self.change(fields)
            return self.task_response(self.run_on_task(statements.toggle, now=timezone.now()))

        return run_once(request, f"complete {self.kwargs['pk'].lower()}", write)

    @extend_schema(  # type: ignore[type-var]  # returns a TaskResponse
        summary="The same as complete",
        request=CompletionSerializer,
        responses=TaskSerializer,
        parameters=schema.COMPLETE,
    )
    @action(detail=True, methods=["patch", "post"])
    def toggle(self, request: Request, **kwargs: Any) -> TaskResponse:
        # The stubs of @action take self for the request.
        return self.complete(request, **kwargs)  # type: ignore[arg-type]

    @extend_schema(
        summary="Delete a task",
        description="Moves the task to the trash, from which `restore` takes it out again.",
        parameters=schema.DELETE,
    )
    def destroy(self, request: Request, **kwargs: Any) -> HttpResponse:
        if DELETION.read(request.query_params).get("forever"):
            self.run_on_task(statements.remove)
        else:
            self.run_on_task(statements.trash, trashed=False, now=timezone.now())
        return deletion_response()

    @extend_schema(  # type: ignore[type-var]  # returns a TaskResponse
        summary="Take a task out of the trash",
        description="Returns 404 for a task that is not in the trash.",
        request=None,
        responses=TaskSerializer,
        parameters=schema.CHANGE,
    )
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, **kwargs: Any) -> TaskResponse:
        return self.task_response(
            self.run_on_task(statements.restore, trashed=True, now=timezone.now())
        )

    def finalize_response(  # type: ignore[override]  # also takes a TaskResponse
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
        """Returns the validated fields that were sent. Raises ValidationError."""
        serializer: Any = self.get_serializer_class()
        fields: Fields = serializer.read(self.request.data, partial=partial)
        return fields

    def task_response(self, row: Row, status: int = 200, **headers: str) -> TaskResponse:
        """Returns the response that shows the row, with its ETag."""
        (task,) = self.representation.represent([row])
        return TaskResponse(task, status, headers | {"ETag": etag_of(task["updated_at"])})

    def insert(self, task: Task, path: str, *, new_id: bool = True) -> TaskResponse:
        """Inserts the task, and returns the response with it and its path. Raises QuotaExceeded,
        and without `new_id` AlreadyExists.
        """
        row = row_of(task)
        values = prepared_values(self.model, row) | {"quota": settings.TASKS_PER_USER}
        (rows,) = self.statement(statements.add, frozenset(row), new_id).run(self.values(values))
        if rows:
            location = self.request.build_absolute_uri(escape_uri_path(path))
            return self.task_response(rows[0], 201, Location=location)
        if not new_id:
            own, ((used,),) = self.statement(statements.not_added).run(self.values({"pk": task.pk}))
            if own or used < settings.TASKS_PER_USER:
                raise AlreadyExists
        raise TooManyTasks

    def change(self, fields: Fields) -> TaskResponse:
        """Writes the fields, and returns the response with the task. Without fields, it only reads
        the task.
        """
        if not fields:
            return self.task_response(self.run_on_task(statements.read))
        values = prepared_values(self.model, fields)
        shape = frozenset(fields), fields.get("completed")
        row = self.run_on_task(statements.change, *shape, **values, now=timezone.now())
        return self.task_response(row)

    def run_on_task(
        self,
        build: Callable[..., Statement],
        *shape: Any,
        trashed: bool | None = None,
        **values: Any,
    ) -> Row:
        """Runs the statement on the task in the path, and returns its row. Raises NotFound, and
        PreconditionFailed when the headers exclude the task's version.
        """
        pk = self.task_id()
        excluded, allowed = if_none_match_versions(self.request), if_match_versions(self.request)
        if excluded is not None and allowed != []:
            conditions = Preconditions(allowed is not None, bool(excluded), trashed)
            values |= {"pk": pk, "if_match": allowed, "if_none_match": excluded}
            (rows,) = self.statement(build, conditions, *shape).run(self.values(values))
            if rows:
                return rows[0]
        if excluded == [] and allowed is None:
            raise NotFound("Task not found")
        (current,) = self.representation.represent([self.read_row(trashed)])
        raise PreconditionFailed(with_additions(current), etag_of(current["updated_at"]))

    def read_row(self, trashed: bool | None = None) -> Row:
        """Returns the row of the task in the path, in any version. Raises NotFound."""
        values, conditions = self.values({"pk": self.task_id()}), Preconditions(trashed=trashed)
        (rows,) = self.statement(statements.read, conditions).run(values)
        if not rows:
            raise NotFound("Task not found")
        return rows[0]

    def task_id(self) -> str:
        """Returns the id in the path. Raises NotFound for a malformed id, and the exceptions of
        object-level permissions.
        """
        pk = self.path_id()
        if not self.must_load_object():
            return pk
        try:
            return str(self.get_object().pk)
        except Http404 as exc:
            raise NotFound("Task not found") from exc

    def path_id(self) -> str:
        """Returns the id in the path in lower case. Raises NotFound for a malformed id."""
        pk: str = self.kwargs["pk"]
        if not TASK_ID.fullmatch(pk):  # PostgreSQL accepts other formats of a UUID
            raise NotFound("Task not found")
        return pk.lower()

    def known_parameters(self) -> frozenset[str]:
        known = super().known_parameters()
        return known.union(DELETION) if self.action == "destroy" else known
