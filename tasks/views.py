"""The tasks of the person who calls."""

import uuid
from typing import Any

from django.utils.encoding import escape_uri_path
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from tasks import schema
from tasks.filters import TaskFilter
from tasks.models import Task, TaskQuerySet
from tasks.serializers import CompletionSerializer, TaskSerializer
from todo_api.body import ignore_unknown, ignored_fields_header
from todo_api.pagination import HeaderPagination

LIST_PARAMETERS = {*TaskFilter.base_filters, *HeaderPagination.parameters}


class TaskViewSet(GenericViewSet[Task]):
    """The caller's own tasks. Another person's task is absent: 404, never 403."""

    queryset = Task.objects.none()
    serializer_class = TaskSerializer
    filter_backends = (DjangoFilterBackend,)
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
        answer: Response = super().finalize_response(request, response, *args, **kwargs)
        if names := ignored_fields_header(request):
            answer.headers["Ignored-Fields"] = names
        return answer

    @extend_schema(
        summary="List own tasks, newest first", parameters=[*schema.PAGE, schema.IGNORED]
    )
    def list(self, request: Request, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(summary="Create a task", parameters=[schema.LOCATION, schema.IGNORED])
    def create(self, request: Request, **kwargs: Any) -> Response:
        task = Task.objects.add(user=request.user, **self.validated())
        address = f"{escape_uri_path(request.path.rstrip('/'))}/{task.pk}"
        location = request.build_absolute_uri(address)
        return Response(self.get_serializer(task).data, 201, headers={"Location": location})

    @extend_schema(summary="Get one task", parameters=[schema.IGNORED])
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        return self.shown(self.own_task())

    @extend_schema(
        summary="Change the fields that are sent",
        description="The same as PATCH: a field that is not sent stays as it is.",
        request=TaskSerializer(partial=True),
        parameters=[schema.IGNORED],
    )
    def update(self, request: Request, **kwargs: Any) -> Response:
        return self.partial_update(request, **kwargs)

    @extend_schema(summary="Change the fields that are sent", parameters=[schema.IGNORED])
    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        fields = self.validated(partial=True)
        task = self.own_task()
        if fields:
            task.change(**fields)
        return self.shown(task)

    @extend_schema(
        summary="Complete or reopen a task",
        description="Sets `completed` to what the body says; without a body it flips.",
        request=CompletionSerializer,
        responses=TaskSerializer,
        parameters=[schema.IGNORED],
    )
    @action(detail=True, methods=["patch", "post"], serializer_class=CompletionSerializer)
    def complete(self, request: Request, **kwargs: Any) -> Response:
        fields = self.validated()
        task = self.own_task()
        if fields:
            task.change(**fields)
        else:
            task.flip()
        return self.shown(task)

    @extend_schema(
        summary="The same as complete",
        request=CompletionSerializer,
        responses=TaskSerializer,
        parameters=[schema.IGNORED],
    )
    @action(detail=True, methods=["patch", "post"], serializer_class=CompletionSerializer)
    def toggle(self, request: Request, **kwargs: Any) -> Response:
        answer: Response = self.complete(request, **kwargs)  # type: ignore[arg-type]
        return answer

    @extend_schema(summary="Delete a task", parameters=[schema.IGNORED])
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        deleted, _ = self.own_task().delete()
        if not deleted:
            raise NotFound("Task not found")
        return Response(status=204)

    def own_task(self) -> TaskQuerySet:
        """The addressed task, if it is there and the caller's. A malformed id is no task."""
        try:
            return self.get_queryset().filter(pk=uuid.UUID(self.kwargs["pk"]))
        except ValueError as exc:
            raise NotFound("Task not found") from exc

    def shown(self, task: TaskQuerySet) -> Response:
        try:
            return Response(TaskSerializer(task.get()).data)
        except Task.DoesNotExist as exc:
            raise NotFound("Task not found") from exc

    def validated(self, **options: Any) -> dict[str, Any]:
        """The fields that were sent, checked. Raises ValidationError."""
        serializer = self.get_serializer(data=self.request.data, **options)
        serializer.is_valid(raise_exception=True)
        fields: dict[str, Any] = serializer.validated_data
        return fields
