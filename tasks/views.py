"""The tasks of the person who calls."""

import builtins
import uuid
from typing import Any

from django.utils.encoding import escape_uri_path
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from tasks import schema
from tasks.etags import demanded_versions, etag_of, known_versions
from tasks.filters import TaskFilter, TaskFilterBackend
from tasks.idempotency import once
from tasks.models import Task, TaskQuerySet
from tasks.representation import columns, represent
from tasks.serializers import CompletionSerializer, TaskSerializer
from todo_api.body import ignore_unknown, ignored_fields_header
from todo_api.errors import PreconditionFailed
from todo_api.pagination import HeaderPagination

LIST_PARAMETERS = {*TaskFilter.base_filters, *HeaderPagination.parameters}


class TaskViewSet(GenericViewSet[Task]):
    """The caller's own tasks. Another person's task is absent: 404, never 403."""

    queryset = Task.objects.none()
    serializer_class = TaskSerializer
    filter_backends = (TaskFilterBackend,)
    filterset_class = TaskFilter
    pagination_class = HeaderPagination
    lookup_value_regex = "[^/]+"  # a malformed id is a 404 like any other

    def get_queryset(self) -> TaskQuerySet:
        return Task.objects.owned_by(self.request.user)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """A person in the path must be the caller. It never chooses whose data is read."""
        super().initial(request, *args, **kwargs)
        if kwargs.get("user_id", request.user.pk) != request.user.pk:
            raise PermissionDenied("This address belongs to another person", code="user_mismatch")
        known = LIST_PARAMETERS if self.action == "list" else ()
        ignore_unknown(request, request.query_params, known)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        final: Response = super().finalize_response(request, response, *args, **kwargs)
        if names := ignored_fields_header(request):
            final.headers["Ignored-Fields"] = names
        return final

    @extend_schema(
        summary="List own tasks, newest first",
        parameters=schema.LIST,
        responses={
            200: TaskSerializer(many=True),
            304: OpenApiResponse(description="Not changed"),
        },
    )
    def list(self, request: Request, **kwargs: Any) -> Response:
        tasks: Any = self.filter_queryset(self.get_queryset())
        page = self.paginate_queryset(tasks.represented()) or ()
        return self.get_paginated_response([represent(row) for row in page])

    @extend_schema(summary="Create a task", parameters=schema.CREATE)
    def create(self, request: Request, **kwargs: Any) -> Response:
        fields = self.validated()

        def add() -> Response:
            task = Task.objects.add(user=request.user, **fields)
            address = f"{escape_uri_path(request.path.rstrip('/'))}/{task.pk}"
            location = request.build_absolute_uri(address)
            return answer(columns(task), 201, Location=location)

        return once(request, "create", add)

    @extend_schema(
        summary="Get one task",
        parameters=schema.GET,
        responses={200: TaskSerializer, 304: OpenApiResponse(description="Not changed")},
    )
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        return answer(self.current())

    @extend_schema(
        summary="Change the fields that are sent",
        description="The same as PATCH: a field that is not sent stays as it is.",
        request=TaskSerializer(partial=True),
        parameters=schema.CHANGE,
    )
    def update(self, request: Request, **kwargs: Any) -> Response:
        return self.partial_update(request, **kwargs)

    @extend_schema(summary="Change the fields that are sent", parameters=schema.CHANGE)
    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        fields = self.validated(partial=True)
        return self.written(self.demanded_task().change(**fields))

    @extend_schema(
        summary="Complete or reopen a task",
        description="Sets `completed` to what the body says; without a body it flips.",
        request=CompletionSerializer,
        responses=TaskSerializer,
        parameters=schema.COMPLETE,
    )
    @action(detail=True, methods=["patch", "post"], serializer_class=CompletionSerializer)
    def complete(self, request: Request, **kwargs: Any) -> Response:
        fields = self.validated()

        def write() -> Response:
            task = self.demanded_task()
            return self.written(task.change(**fields) if fields else task.flip())

        return once(request, f"complete {self.kwargs['pk']}", write)

    @extend_schema(
        summary="The same as complete",
        request=CompletionSerializer,
        responses=TaskSerializer,
        parameters=schema.COMPLETE,
    )
    @action(detail=True, methods=["patch", "post"], serializer_class=CompletionSerializer)
    def toggle(self, request: Request, **kwargs: Any) -> Response:
        completed: Response = self.complete(request, **kwargs)  # type: ignore[arg-type]
        return completed

    @extend_schema(summary="Delete a task", parameters=schema.DELETE)
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        return Response(status=204) if self.demanded_task().remove() else self.written([])

    def demanded_task(self) -> TaskQuerySet:
        """The addressed task in a version that `If-Match` allows. The database decides: as part
        of the write the condition leaves no moment for somebody else to slip in.
        """
        task, ruled_out = self.own_task(), known_versions(self.request)
        if ruled_out is None:
            return task.none()
        if ruled_out:
            task = task.exclude(updated_at__in=ruled_out)
        versions = demanded_versions(self.request)
        return task if versions is None else task.filter(updated_at__in=versions)

    def current(self) -> dict[str, Any]:
        """The task as it is now. Raises NotFound."""
        row: dict[str, Any] | None = next(iter(self.own_task().represented()), None)
        if row is None:
            raise NotFound("Task not found")
        return row

    def written(self, rows: builtins.list[dict[str, Any]]) -> Response:
        """What a write left. Raises NotFound or PreconditionFailed when it met no task."""
        if not rows:
            row = self.current()
            raise PreconditionFailed(represent(row), etag_of(row["updated_at"]))
        return answer(rows[0])

    def own_task(self) -> TaskQuerySet:
        """The addressed task, if it is there and the caller's. A malformed id is no task."""
        text = self.kwargs["pk"].lower()
        try:
            pk = uuid.UUID(text)
        except ValueError as exc:
            raise NotFound("Task not found") from exc
        if str(pk) != text:  # braces, urn:uuid: and the like
            raise NotFound("Task not found")
        return self.get_queryset().filter(pk=pk)

    def validated(self, **options: Any) -> dict[str, Any]:
        """The fields that were sent, checked. Raises ValidationError."""
        serializer = self.get_serializer(data=self.request.data, **options)
        serializer.is_valid(raise_exception=True)
        fields: dict[str, Any] = serializer.validated_data
        return fields


def answer(row: dict[str, Any], status: int = 200, **headers: str) -> Response:
    headers["ETag"] = etag_of(row["updated_at"])
    return Response(represent(row), status, headers=headers)
