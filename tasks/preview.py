"""POST /api/repeat/preview: the next dates of a recurrence rule."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tasks import schema
from tasks.due import with_due_date, zone_of
from tasks.fields import DueDateField, InstantField, RepeatField, TimeZoneField
from tasks.models import Task
from tasks.recurrence import next_occurrences
from tasks.repeating import counted_from, zone_of_task
from tasks.serializers import RequestBody
from tasks.time_zones import instant_of, local_time
from todo_api.web.body import ignored_fields_header
from todo_api.web.scopes import READ


class PreviewSerializer(RequestBody):
    """When a task repeats and when it is due, as in a task. Without a due date: today."""

    repeat = RepeatField()
    due_date = DueDateField(required=False, allow_null=True)
    due_at = InstantField(label="Due time", required=False, allow_null=True)
    time_zone = TimeZoneField(required=False, allow_null=True)


class OccurrencesSerializer(serializers.Serializer[Any]):
    """The next five local dates, and the instants if there is a due time."""

    dates = serializers.ListField(child=serializers.DateField())
    times = serializers.ListField(child=serializers.DateTimeField(), allow_null=True)


class PreviewView(APIView):
    http_method_names = ["post"]
    required_scopes = {"POST": READ}  # it changes nothing

    @extend_schema(
        summary="Get the next five dates of a recurrence rule",
        request=PreviewSerializer,
        responses=OccurrencesSerializer,
        parameters=[schema.TIME_ZONE, schema.IGNORED],
    )
    def post(self, request: Request) -> Response:
        now, zone = timezone.now(), zone_of(request)
        task = Task(**with_due_date(PreviewSerializer.read(request.data), zone))
        zone = zone_of_task(task, zone)
        start, after = counted_from(task, now, zone)
        found = next_occurrences(task.repeat["rule"], start, after, zone)
        times = [instant_of(each, zone) for each in found] if task.due_at else None
        if times:  # a clock change may move a time that it skips to the next day
            found = [local_time(each, zone) for each in times]
        shown = OccurrencesSerializer({"dates": [each.date() for each in found], "times": times})
        ignored = {"Ignored-Fields": names} if (names := ignored_fields_header()) else None
        return Response(shown.data, headers=ignored)
