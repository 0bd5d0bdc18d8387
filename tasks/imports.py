"""POST /api/import: tasks from a file of this service or of another one."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import UnsupportedMediaType, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from tasks import schema
from tasks.due import with_due_date, zone_of
from tasks.formats.entries import Entry, Problem, Result
from tasks.formats.reading import READERS, decoded, reader_for
from tasks.idempotency import lock
from tasks.models import Task
from tasks.operations import TooManyTasks
from tasks.transactions import used
from tasks.views import TaskViewSet
from todo_api.web.parameters import FLAG, Parameters, exact, word

PARAMETERS = Parameters(dry_run=exact(word(FLAG)))
DOCUMENTED = ("application/json", "text/csv", "text/calendar")
MAX_RULES = 100  # each takes up to 5 ms
MICROSECOND = timedelta(microseconds=1)


class FailedEntrySerializer(serializers.Serializer[Any]):
    """A task that was not imported."""

    line = serializers.IntegerField(help_text="Its line; in JSON its place, from 1")
    message = serializers.CharField()


class ImportSerializer(serializers.Serializer[Any]):
    """The result of an import, or of its preview. `ids` are those of the new tasks."""

    created = serializers.IntegerField()
    existing = serializers.IntegerField()
    failed = FailedEntrySerializer(many=True)
    ids = serializers.ListField(child=serializers.UUIDField())


class UnsupportedFile(UnsupportedMediaType):
    default_detail = f"Send a file with one of these as Content-Type: {', '.join(DOCUMENTED)}"

    def __init__(self, media_type: str) -> None:
        super().__init__(media_type, self.default_detail)


def parser_of(name: str) -> type[BaseParser]:
    """Returns a parser that returns the bytes of a body with this media type."""

    def parse(self: Any, stream: Any, *args: Any) -> bytes:
        content: bytes = stream.read()
        return content

    return type("FileParser", (BaseParser,), {"media_type": name, "parse": parse})


class ImportView(TaskViewSet):
    """Imports tasks. The same file again creates nothing."""

    filter_backends: Any = ()
    known_actions = with_trash = {"import_tasks"}
    parser_classes = [*map(parser_of, READERS)]

    @extend_schema(
        summary="Import tasks from a file",
        description="An export of this service (JSON, CSV or iCalendar), a CSV file of Todoist, or"
        " `Tasks.json` of Google Takeout. With `dry_run` it only shows what it would do.",
        request={name: {"type": "string", "format": "binary"} for name in DOCUMENTED},
        responses=ImportSerializer,
        parameters=[OpenApiParameter("dry_run", bool), schema.TIME_ZONE, schema.IGNORED],
    )
    def import_tasks(self, request: Request, **kwargs: Any) -> Response:
        dry_run = PARAMETERS.read(request.query_params).get("dry_run", False)
        if request.content_type.partition(";")[0].strip().lower() not in READERS:
            raise UnsupportedFile(request.content_type)
        body: Any = request.data or b""  # DRF parses no body of length zero
        with transaction.atomic():
            lock(f"import {request.user.pk}")  # before the work: one import of a user at a time
            try:
                read = reader_for(request.content_type)
                results = list(read(decoded(body), zone_of(request)))
            except ValueError as exc:
                raise ValidationError(str(exc)) from exc
            tasks, failed = self.tasks_of(results)
            new = self.new(tasks)
            if new and used(self) + len(new) > settings.TASKS_PER_USER:
                raise TooManyTasks
            if not dry_run:
                Task.objects.bulk_create(new)
        counts = {
            "created": len(new),
            "existing": len(tasks) - len(new),
            "failed": failed,
            "ids": [] if dry_run else [str(task.pk) for task in new],
        }
        return Response(counts)

    def tasks_of(self, results: list[Result]) -> tuple[dict[str, Task], list[dict[str, Any]]]:
        """Returns the valid tasks by their keys, and the line and message of each other one."""
        now, tasks, failed = timezone.now(), {}, []
        rules: set[str] = set()
        for number, result in enumerate(results):
            if isinstance(result, Problem):
                failed.append({"line": result.line, "message": result.message})
                continue
            try:
                limit_rules(rules, result)
                # The first task of a file is the first of a list, which begins with the newest.
                tasks[result.key] = self.task_of(result, now, -number * MICROSECOND)
            except ValidationError as exc:
                message = " ".join(messages_of(exc.detail))
                failed.append({"line": result.line, "message": message})
        return tasks, failed

    def task_of(self, entry: Entry, now: datetime, place: timedelta) -> Task:
        """Returns a task that is not saved. `place` is added to times in whole seconds, and to now,
        so that the tasks keep their order. Raises ValidationError.
        """
        fields = dict(entry.fields)
        times = {name: fields.pop(name, None) for name in ("created_at", "completed_at")}
        serializer: Any = self.get_serializer_class()
        valid = with_due_date(serializer.read(fields), zone_of(self.request))
        user_id = str(self.request.user.pk)
        task: Task = Task.objects.new(user_id=user_id, pk=id_of(user_id, entry.key), **valid)
        created_at = past(times["created_at"], now) or now
        has_place = created_at != now and created_at.microsecond
        task.created_at = created_at if has_place else created_at + place
        if task.completed:
            task.completed_at = past(times["completed_at"], now) or now
        return task

    def new(self, tasks: dict[str, Task]) -> list[Task]:
        """Returns the tasks that the user does not have: neither with the id that an import gives
        them, nor with their own id.
        """
        own = {key: key for key in tasks if is_uuid(key)}
        ids = {str(task.pk) for task in tasks.values()} | {*own}
        found = self.get_queryset().filter(pk__in=ids).values_list("pk", flat=True)
        present = {str(pk) for pk in found} if ids else set()
        return [
            task
            for key, task in tasks.items()
            if not {str(task.pk), own.get(key, "").lower()} & present
        ]

    def known_parameters(self) -> frozenset[str]:
        return frozenset(PARAMETERS)


def limit_rules(rules: set[str], entry: Entry) -> None:
    """Raises ValidationError for one more different repeat rule than MAX_RULES."""
    repeat = entry.fields.get("repeat")
    if isinstance(repeat, dict):
        rule = str(repeat.get("rule"))
        if len(rules) == MAX_RULES and rule not in rules:
            raise ValidationError(f"More than {MAX_RULES} different repeat rules; split the file")
        rules.add(rule)


def id_of(user_id: str, key: str) -> UUID:
    """Returns the id of an imported task: the same for each import of the same user. Not its own
    id, which the tasks of another user may have. Nobody can compute it, and take it before.
    """
    digest = salted_hmac("tasks.imports", f"{user_id}\n{key}", algorithm="sha256").digest()
    return UUID(bytes=digest[:16], version=4)


def is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def past(text: str | None, now: datetime) -> datetime | None:
    """Returns a time of a file; None for one in the future."""
    moment = datetime.fromisoformat(text) if text else None
    return moment if moment and moment <= now else None


def messages_of(detail: Any) -> Iterator[str]:
    """Yields the messages of a ValidationError."""
    if isinstance(detail, dict):
        for each in detail.values():
            yield from messages_of(each)
    elif isinstance(detail, list):
        for each in detail:
            yield from messages_of(each)
    else:
        yield str(detail)
