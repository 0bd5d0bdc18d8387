"""GET /api/me/export: all stored data of the user."""

from collections.abc import Iterator
from typing import Any, cast

from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import identity, personal_data
from accounts.models import User
from accounts.serializers import ExportedUserSerializer
from accounts.views import own_row
from tasks.formats import calendar_writing, csv_files
from tasks.serializers import (
    CalendarFeedSerializer,
    IdempotencyRecordSerializer,
    TaskSerializer,
)
from todo_api.web.contract import in_case, name_in_case
from todo_api.web.openapi.schema import response_header
from todo_api.web.parameters import FLAG, Parameters, exact, word
from todo_api.web.rendering import AnyFormat, encoded
from todo_api.web.scopes import OF_ACCOUNT

MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "ics": "text/calendar; charset=utf-8",
}
BOM = "`true`: CSV begins with a byte order mark, for spreadsheet programs"
WRITERS: dict[str, Any] = {"csv": csv_files.write, "ics": calendar_writing.write_todos}
PARAMETERS = Parameters(
    format=exact(word({name: name for name in MEDIA_TYPES})), bom=exact(word(FLAG))
)


class ExportSerializer(serializers.Serializer[Any]):
    user = ExportedUserSerializer()
    tasks = TaskSerializer(many=True)
    idempotency_records = IdempotencyRecordSerializer(many=True)
    calendar_feeds = CalendarFeedSerializer(many=True)


class ExportView(APIView):
    http_method_names = ["get", "head"]  # the Allow header lists these
    content_negotiation_class = AnyFormat
    required_scopes = OF_ACCOUNT

    @extend_schema(
        summary="Export the user's data as a file",
        description="All stored data as JSON, or the tasks as CSV or iCalendar.",
        responses={
            (200, "application/json"): ExportSerializer,
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "text/calendar"): OpenApiTypes.STR,
        },
        parameters=[
            OpenApiParameter("format", str, enum=[*MEDIA_TYPES], default="json"),
            OpenApiParameter("bom", bool, description=BOM),
            response_header("Content-Disposition", "The name of the file", 200),
        ],
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Streams what `manage.py export_user` writes, as one JSON document, or the tasks."""
        requested = PARAMETERS.read(request.query_params)
        name, claims, user = requested.get("format", "json"), request.auth, own_row(request)
        content: Iterator[bytes] = document(user)
        if name != "json":
            tasks = personal_data.belonging(user, "task")
            options = {"byte_order_mark": requested.get("bom", False)} if name == "csv" else {}
            content = (text.encode() for text in WRITERS[name](tasks, **options))
        response = StreamingHttpResponse(identity.each_as(cast(Any, claims), content))
        file = f"todo-export-{timezone.localdate()}.{name}"
        response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
        response.headers["Content-Type"] = MEDIA_TYPES[name]
        response.headers["Cache-Control"] = "no-store"
        response.sets_identity = True  # type: ignore[attr-defined]  # see todo_api.middleware
        return response


def document(user: User) -> Iterator[bytes]:
    """Yields the bytes of `{"user": {…}, "tasks": […], "idempotency_records": […], …}`."""
    yield b'{"user":' + encoded(in_case(ExportedUserSerializer(user).data))
    for kind in settings.PERSONAL_DATA:
        yield b"," + encoded(name_in_case(f"{kind}s")) + b":["
        for number, fields in enumerate(personal_data.belonging(user, kind)):
            yield (b"," if number else b"") + encoded(in_case(fields))
        yield b"]"
    yield b"}"
