"""A person's own copy of everything that is kept of them."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import personal_data
from accounts.serializers import ExportedUserSerializer
from accounts.views import own_row
from tasks.serializers import IdempotencyRecordSerializer, TaskSerializer
from todo_api.errors import Conflict
from todo_api.schema import response_header

# Of a kind. One answer is made in memory, and a request has ten seconds.
MOST = 20_000
TOO_MUCH = (
    f"More than {MOST} of a kind do not fit into one answer: page through /api/tasks, or ask "
    "whoever runs this service for an export"
)


class ExportSerializer(serializers.Serializer[Any]):
    user = ExportedUserSerializer()
    tasks = TaskSerializer(many=True)
    idempotency_records = IdempotencyRecordSerializer(many=True)


class ExportView(APIView):
    http_method_names = ["get", "head"]  # as Allow names them
    failures = (409,)

    @extend_schema(
        summary="Everything that is kept of the person who calls, as a file",
        responses=ExportSerializer,
        parameters=[response_header("Content-Disposition", "The name of the file", 200)],
    )
    def get(self, request: Request) -> Response:
        """The lines of `manage.py export_user`, as one document. A statement a kind."""
        kinds = {name: f"{name}s" for name in settings.PERSONAL_DATA}
        document: dict[str, Any] = {kind: [] for kind in kinds.values()}
        for line in personal_data.export(own_row(request), at_most=MOST + 1):
            ((name, fields),) = line.items()
            if name in kinds:
                document[kinds[name]].append(fields)
            else:
                document = {name: fields, **document}
        if any(len(document[kind]) > MOST for kind in kinds.values()):
            raise Conflict(TOO_MUCH)
        file = f"todo-export-{timezone.localdate()}.json"
        headers = {"Content-Disposition": f'attachment; filename="{file}"'}
        return Response(document, headers={**headers, "Cache-Control": "no-store"})
