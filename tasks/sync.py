"""GET /api/sync: what changed since a checkpoint (docs/sync.md, ADR 26)."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tasks import schema
from tasks.checkpoints import BEFORE_ALL, LAST_ID, Checkpoint, read_checkpoint
from tasks.contract import with_additions
from tasks.models import SyncState
from tasks.querysets import TaskQuerySet
from tasks.serializers import TaskSerializer
from tasks.views import TaskViewSet
from todo_api.postgresql.statements import Bind, Row, Statement, select, select_page
from todo_api.web.cursors import after
from todo_api.web.pagination import MAX_LIMIT
from todo_api.web.parameters import Parameter, Parameters, number
from todo_api.web.representation import Representation

WRONG_CHECKPOINT = "expected the checkpoint of a response to this user; start again without it"
PARAMETERS = Parameters(since=Parameter(str, ""), limit=number(1, MAX_LIMIT, MAX_LIMIT))
KNOWN = frozenset(PARAMETERS)


class ChangesSerializer(serializers.Serializer[Any]):
    """A page of changes, oldest first: each task once, in its newest state."""

    tasks = TaskSerializer(many=True)
    deleted = serializers.ListField(child=serializers.UUIDField())
    checkpoint = serializers.CharField()
    more = serializers.BooleanField()


class SyncViewSet(TaskViewSet):
    """The changes of the signed-in user's tasks."""

    filter_backends: Any = ()
    known_actions = with_trash = {"sync"}
    failures = (410,)

    @extend_schema(
        summary="Get the tasks that changed since a checkpoint",
        description="All tasks without `since`. Repeat with the returned `checkpoint` while `more`"
        " is true, and later to get what changed in the meantime.",
        parameters=schema.SYNC,
        responses={200: ChangesSerializer, 304: OpenApiResponse(description="Nothing changed")},
    )
    def sync(self, request: Request, **kwargs: Any) -> HttpResponse:
        requested = PARAMETERS.read(request.query_params)
        limit, text = requested.get("limit", MAX_LIMIT), requested.get("since")
        seq, purged_seq = first_or_zero(*self.statement(state).run(self.values()))
        since = self.checkpoint(text) if text else Checkpoint(BEFORE_ALL, started=seq)
        since.require_complete(seq, purged_seq)
        if since == Checkpoint(seq) and f'"{text}"' in request.META.get("HTTP_IF_NONE_MATCH", ""):
            return not_modified(f'"{text}"')
        values = {"seq": since.seq, "pk": since.pk or LAST_ID, "limit": limit + 1, "offset": 0}
        rows, states = self.statement(changes).run(self.values(values))
        if text:  # a purge after the first statement may have removed a row that this one missed
            since.require_complete(*first_or_zero(states))
        return self.page(rows, limit, since.started, seq)

    def checkpoint(self, text: str) -> Checkpoint:
        try:
            return read_checkpoint(text, self.request.user.pk)
        except ValueError as exc:
            raise ValidationError({"since": [f"since: {WRONG_CHECKPOINT}"]}) from exc

    def page(self, rows: list[Row], limit: int, started: int, seq: int) -> Response:
        """Returns the page. All changes up to the number `seq` are among the rows."""
        more, rows = len(rows) > limit, rows[:limit]
        tasks = self.representation.represent([row[:-1] for row in rows])
        if more:
            checkpoint = Checkpoint(rows[-1][-1], tasks[-1]["id"], started)
        else:
            checkpoint = Checkpoint(max(seq, rows[-1][-1] if rows else 0))
        text = checkpoint.signed(self.request.user.pk)
        page = {
            "tasks": [with_additions(task) for task in tasks if task["deleted_at"] is None],
            "deleted": [task["id"] for task in tasks if task["deleted_at"] is not None],
            "checkpoint": text,
            "more": more,
        }
        return Response(page, headers={"ETag": f'"{text}"'})

    def known_parameters(self) -> frozenset[str]:
        return KNOWN


def state(tasks: TaskQuerySet, representation: Representation) -> Statement:
    """Returns the SELECT of the numbers of the user's last change and last purge."""
    return select(SyncState.objects.filter(user=Bind("user")).values_list("seq", "purged_seq"))


def changes(tasks: TaskQuerySet, representation: Representation) -> Statement:
    """Returns the SELECT of a page of changes with their numbers, and then that of the state."""
    since = after(tasks.sorted_by("seq", descending=False), (Bind("seq"), Bind("pk")))
    page = select_page(representation.select(since, "seq"))
    return page.and_then(state(tasks, representation))


def not_modified(tag: str) -> HttpResponse:
    response = HttpResponse(status=304, headers={"ETag": tag})
    del response.headers["Content-Type"]
    return response


def first_or_zero(states: list[Row]) -> Row:
    """Returns the state of a user; that of a user who never had a task is zero."""
    return states[0] if states else (0, 0)
