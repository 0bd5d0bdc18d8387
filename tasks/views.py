"""The API of the signed-in user's tasks."""

from typing import Any, ClassVar, cast

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from tasks import schema, statements
from tasks.contract import TaskResponse, counted_columns, deletion_response
from tasks.due import with_due_date, zone_of
from tasks.etags import if_none_match_versions
from tasks.filters import DELETION, TaskFilterBackend
from tasks.idempotency import run_once
from tasks.models import Task
from tasks.one_task import OneTaskView
from tasks.querysets import TaskQuerySet
from tasks.serializers import ChangedTaskSerializer, CompletionSerializer, TaskSerializer
from todo_api.web.body import ignore_unknown
from todo_api.web.pagination import HeaderPagination
from todo_api.web.scopes import OF_TASKS


class TaskViewSet(OneTaskView):
    """The tasks of the signed-in user. A task of another user returns 404, never 403.

    Query parameters that are not known are reported for `known_actions`; a subclass can add actions
    with other parameters. Actions `with_trash` also read or write tasks in the trash.
    """

    queryset = Task.objects.all()
    serializer_class = TaskSerializer
    required_scopes = OF_TASKS
    filter_backends = (TaskFilterBackend,)
    pagination_class = HeaderPagination
    known_actions: ClassVar = {
        "list", "create", "retrieve", "update", "partial_update", "destroy", "complete", "toggle",
        "restore",
    }  # fmt: skip
    # The list is filtered. The next task of a series may be in the trash.
    with_trash: ClassVar = {
        "list", "update", "partial_update", "destroy", "complete", "toggle", "restore",
    }  # fmt: skip

    def get_queryset(self) -> TaskQuerySet:
        """Returns the tasks that every action reads and writes. Compiled once (ApiViewSet)."""
        tasks = cast(TaskQuerySet, super().get_queryset()).owned_by(self.request.user)
        return tasks if self.action in self.with_trash else tasks.live()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raises PermissionDenied when the user id in the path is not that of the token. Only the
        token determines whose tasks are read.
        """
        super().initial(request, *args, **kwargs)
        if "user_id" in kwargs and kwargs["user_id"] != request.user.pk:
            raise PermissionDenied("This address belongs to another person", code="user_mismatch")
        if request.META.get("QUERY_STRING") and self.action in self.known_actions:
            ignore_unknown(request.query_params, self.known_parameters())
        zone_of(request)  # an unknown zone is refused everywhere

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
        fields = with_due_date(self.read_body(), zone_of(request))

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
        responses={200: ChangedTaskSerializer, 201: TaskSerializer},
        parameters=schema.PUT,
    )
    def update(self, request: Request, **kwargs: Any) -> TaskResponse:
        if if_none_match_versions(request) is not None:
            return self.partial_update(request, **kwargs)
        pk, fields = self.path_id(), with_due_date(self.read_body(), zone_of(request))

        def add() -> TaskResponse:
            task: Task = self.model.objects.new(pk=pk, user_id=request.user.pk, **fields)
            return self.insert(task, request.path.rstrip("/"), new_id=False)

        return run_once(request, f"create {pk}", add)

    @extend_schema(
        summary="Change the fields that are sent",
        responses=ChangedTaskSerializer,
        parameters=schema.UPDATE,
    )
    def partial_update(self, request: Request, **kwargs: Any) -> TaskResponse:
        return self.change(self.read_body(partial=True))

    @extend_schema(  # type: ignore[type-var]  # returns a TaskResponse
        summary="Complete or reopen a task",
        description="Sets `completed` to the value in the body, or toggles it without one. When a"
        " task that repeats is completed, `next` is the new one.",
        request=CompletionSerializer,
        responses=ChangedTaskSerializer,
        parameters=schema.COMPLETE,
    )
    @action(detail=True, methods=["patch", "post"])
    def complete(self, request: Request, **kwargs: Any) -> TaskResponse:
        fields = CompletionSerializer.read(request.data)

        def write() -> TaskResponse:
            if fields:
                return self.change(fields)
            row = self.find_and_run(
                statements.toggle, trashed=False, not_repeating=True, now=timezone.now()
            )
            return self.task_response(row) if row else self.change_in_memory(None)

        return run_once(request, f"complete {self.kwargs['pk'].lower()}", write)

    @extend_schema(  # type: ignore[type-var]  # returns a TaskResponse
        summary="The same as complete",
        request=CompletionSerializer,
        responses=ChangedTaskSerializer,
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

    def known_parameters(self) -> frozenset[str]:
        known = super().known_parameters()
        return known.union(DELETION) if self.action == "destroy" else known
