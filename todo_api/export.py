"""GET /api/me/export: all stored data of the user."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import identity, personal_data
from accounts.models import User
from accounts.serializers import ExportedUserSerializer
from accounts.views import own_row
from tasks.serializers import IdempotencyRecordSerializer, TaskSerializer
from todo_api.web.contract import in_case, name_in_case
from todo_api.web.openapi.schema import response_header
from todo_api.web.rendering import encoded


class ExportSerializer(serializers.Serializer[Any]):
    user = ExportedUserSerializer()
    tasks = TaskSerializer(many=True)
    idempotency_records = IdempotencyRecordSerializer(many=True)


class ExportView(APIView):
    http_method_names = ["get", "head"]  # the Allow header lists these

    @extend_schema(
        summary="Export all stored data of the user as a file",
        responses=ExportSerializer,
        parameters=[response_header("Content-Disposition", "The name of the file", 200)],
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Streams what `manage.py export_user` writes, as one JSON document."""
        claims: Any = request.auth
        response = StreamingHttpResponse(identity.each_as(claims, document(own_row(request))))
        file = f"todo-export-{timezone.localdate()}.json"
        response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
        response.headers["Content-Type"] = "application/json"
        response.headers["Cache-Control"] = "no-store"
        response.sets_identity = True  # type: ignore[attr-defined]  # see todo_api.middleware
        return response


def document(user: User) -> Iterator[bytes]:
    """Yields the bytes of `{"user": {…}, "tasks": […], "idempotency_records": […]}`."""
    yield b'{"user":' + encoded(in_case(ExportedUserSerializer(user).data))
    for kind in settings.PERSONAL_DATA:
        yield b"," + encoded(name_in_case(f"{kind}s")) + b":["
        for number, fields in enumerate(personal_data.belonging(user, kind)):
            yield (b"," if number else b"") + encoded(in_case(fields))
        yield b"]"
    yield b"}"
