"""The calendar feed of a user's tasks, and its secret address.

Calendar programs send no token: the secret in the path opens the feed, and nothing else.
"""

from datetime import date
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import identity, personal_data
from accounts.tokens import Claims
from tasks.formats.calendar_writing import write_events
from tasks.models import CalendarFeed, SyncState, Task
from tasks.serializers import CalendarFeedSerializer, NewCalendarFeedSerializer, TaskSerializer
from todo_api import __version__
from todo_api.request.context import current_request
from todo_api.web.openapi.schema import request_header, response_header
from todo_api.web.rendering import AnyFormat
from todo_api.web.scopes import OF_ACCOUNT

NAME = "Todo"  # of the calendar, as programs show it
# Some programs read nothing of a calendar with other dates.
SHOWN = date(1900, 1, 1), date(2199, 12, 31)
NO_FEED = "There is no calendar feed; POST to this address makes one"
UNKNOWN = "There is no calendar at this address; its user can make a new address"


class CalendarView(APIView):
    """The signed-in user's calendar feed. The secret is in the response to POST only."""

    http_method_names = ["get", "post", "delete", "head"]  # in the order of the Allow header
    required_scopes = OF_ACCOUNT
    failures = (404,)

    @extend_schema(summary="Get whether there is a calendar feed", responses=CalendarFeedSerializer)
    def get(self, request: Request) -> Response:
        feed = CalendarFeed.objects.filter(user=request.user.pk).first()
        if feed is None:
            raise NotFound(NO_FEED)
        return Response(CalendarFeedSerializer(feed).data)

    @extend_schema(
        summary="Make the address of a calendar feed",
        description="The address is shown once, and replaces an earlier one. It is like a password"
        " to read the open tasks with a due date.",
        request=None,
        responses={201: NewCalendarFeedSerializer},
    )
    def post(self, request: Request) -> Response:
        feed, secret = CalendarFeed.objects.renew(str(request.user.pk))
        shown: dict[str, Any] = {
            "url": request.build_absolute_uri(f"/api/calendar/{secret}.ics"),
            **CalendarFeedSerializer(feed).data,
        }
        return Response(shown, 201, headers={"Cache-Control": "no-store"})

    @extend_schema(summary="Revoke the address of the calendar feed", responses={204: None})
    def delete(self, request: Request) -> Response:
        deleted, _ = CalendarFeed.objects.filter(user=request.user.pk).delete()
        if not deleted:
            raise NotFound(NO_FEED)
        return Response(status=204)


class CalendarFeedView(APIView):
    """The feed of the user whose secret is in the path. Requests need no token.

    The look-up by the secret runs as the owner of the tables, everything else as the user.
    """

    http_method_names = ["get", "head"]  # the Allow header lists these
    authentication_classes = ()
    permission_classes = (AllowAny,)
    content_negotiation_class = AnyFormat
    failures = (404,)

    @extend_schema(
        summary="Get a calendar of open tasks with a due date",
        description="For calendar programs (RFC 5545). It needs no token: the address is secret.",
        parameters=[
            request_header("If-None-Match", "The version that the client has: 304 if unchanged"),
            response_header("ETag", "The version of the calendar", 200),
        ],
        responses={
            (200, "text/calendar"): OpenApiTypes.STR,
            304: OpenApiResponse(description="Not changed"),
        },
    )
    def get(self, request: Request, secret: str) -> HttpResponse | StreamingHttpResponse:
        with identity.as_owner("calendar feed"):
            feed = CalendarFeed.objects.opened_by(secret).first()
        if feed is None:
            raise NotFound(UNKNOWN)
        claims = Claims(feed.user_id, "", "", 0, 0, 0)
        identity.identify(claims, read_only=True, known_only=True)
        current_request().user_id = feed.user_id  # for the log line
        etag = version_of(feed.user_id)
        if etag in request.META.get("HTTP_IF_NONE_MATCH", ""):
            response = HttpResponse(status=304, headers={"ETag": etag})
            del response.headers["Content-Type"]
            return response
        lines = write_events(open_tasks(feed.user_id), NAME)
        stream = StreamingHttpResponse(
            identity.each_as(claims, lines, read_only=True, known_only=True),
            headers={
                "Content-Type": "text/calendar; charset=utf-8",
                # Without it, browsers name a saved file after the secret.
                "Content-Disposition": 'inline; filename="todo.ics"',
                "ETag": etag,
            },
        )
        stream.sets_identity = True  # type: ignore[attr-defined]  # see todo_api.middleware
        return stream


def version_of(user_id: str) -> str:
    """Returns the ETag of the feed: the number of the user's last change, and the release. Read
    before the tasks: a feed is never older than its version.
    """
    seq = SyncState.objects.filter(user=user_id).values_list("seq", flat=True).first()
    return f'"{__version__}-{seq or 0}"'


def open_tasks(user_id: str) -> Any:
    """Yields the user's open tasks with a due date, in the format of the API."""
    open_ones = Task.objects.owned_by(user_id).live().filter(completed=False)
    due = open_ones.filter(due_date__range=SHOWN)
    return personal_data.represented(TaskSerializer(), due.sorted_by("due_date", descending=False))
