"""GET /api/tags: the user's tags. PATCH and DELETE /api/tags/{name}: on all of their tasks."""

import unicodedata
from collections import Counter
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Count, Func, IntegerField
from django.db.models.expressions import RawSQL
from django.db.models.lookups import GreaterThan
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from tasks import schema
from tasks.fields import TagField
from tasks.querysets import TaskQuerySet, next_version
from tasks.serializers import RequestBody
from tasks.views import TaskViewSet
from todo_api.postgresql.statements import Statement, select
from todo_api.web.representation import Representation

# A task that has both names keeps the tag once, at the first place.
RENAMED = """ARRAY(
    SELECT (array_agg(name ORDER BY place))[1] FROM (
        SELECT CASE WHEN todo_tag(tag) = todo_tag(%s) THEN %s ELSE tag END AS name, place
        FROM unnest(tags) WITH ORDINALITY AS each(tag, place)
    ) AS renamed GROUP BY todo_tag(name) ORDER BY min(place))"""
REMOVED = """ARRAY(
    SELECT tag FROM unnest(tags) WITH ORDINALITY AS each(tag, place)
    WHERE todo_tag(tag) <> todo_tag(%s) ORDER BY place)"""


class TagSerializer(serializers.Serializer[Any]):
    """A tag, with the number of open tasks and of all tasks that have it."""

    name = serializers.CharField()
    open = serializers.IntegerField()
    total = serializers.IntegerField()


class TagNameSerializer(RequestBody):
    """The new name of a tag."""

    name = TagField()


class TagViewSet(TaskViewSet):
    """The tags of the signed-in user's tasks. The trash does not count, but is changed, too."""

    filter_backends: Any = ()
    known_actions = with_trash = {"tags", "rename", "remove"}
    patch_is_whole = True

    @extend_schema(summary="List own tags", responses=TagSerializer(many=True))
    def tags(self, request: Request, **kwargs: Any) -> Response:
        return Response(self.counted())

    @extend_schema(
        summary="Rename a tag",
        description="On all tasks. A task that has both tags keeps one.",
        request=TagNameSerializer,
        responses=TagSerializer,
        parameters=[schema.TAG_NAME, schema.IGNORED],
    )
    def rename(self, request: Request, name: str, **kwargs: Any) -> Response:
        new = TagNameSerializer.read(request.data)["name"]
        self.write(RENAMED, name, new)
        unused = {"name": new, "open": 0, "total": 0}
        found = (tag for tag in self.counted() if tag["name"].upper() == new.upper())
        return Response(next(found, unused))

    @extend_schema(
        summary="Remove a tag from all tasks",
        responses={204: None},
        parameters=[schema.TAG_NAME],
    )
    def remove(self, request: Request, name: str, **kwargs: Any) -> HttpResponse:
        self.write(REMOVED, name)
        return Response(status=204)

    def write(self, tags: str, name: str, *new: str) -> None:
        """Writes the tags of all tasks that have this one: the SQL `tags` with the name and `new`.
        Raises NotFound without any.
        """
        name = unicodedata.normalize("NFC", name)
        names = (name, name.removesuffix("/"))
        # The path may have a final slash, which is part of the name only if a tag has it.
        if not any(self.changed(tags, each, *new) for each in dict.fromkeys(names)):
            raise NotFound("Tag not found")

    def changed(self, tags: str, name: str, *new: str) -> int:
        """Writes the tags of all tasks that have this one, and returns their number."""
        found = self.get_queryset().tagged([name])
        # All of them are locked before the first gets a number (tasks.transactions.prepare). Their
        # ids are only counted: as a condition, PostgreSQL would look each of them up.
        locked = ArraySubquery(found.order_by("pk").select_for_update().values("pk"))
        number = Func(locked, function="cardinality", output_field=IntegerField())
        values = RawSQL(tags, [name, *new])  # noqa: S611  (bound)
        with transaction.atomic():
            return found.filter(GreaterThan(number, 0)).update(
                tags=values, updated_at=next_version(timezone.now())
            )

    def counted(self) -> list[dict[str, Any]]:
        """Returns the tags in alphabetical order. Spellings that differ in case are one tag, with
        the name that most tasks have.
        """
        (rows,) = self.statement(counts).run(self.values())
        totals: Counter[str] = Counter()
        for name, _, tasks in rows:
            totals[name] += tasks
        tags: dict[str, dict[str, Any]] = {}
        for name, completed, tasks in sorted(rows, key=lambda row: (-totals[row[0]], row[0])):
            tag = tags.setdefault(name.upper(), {"name": name, "open": 0, "total": 0})
            tag["open"] += 0 if completed else tasks
            tag["total"] += tasks
        return [tags[key] for key in sorted(tags)]


def counts(tasks: TaskQuerySet, representation: Representation) -> Statement:
    """Returns the SELECT of the number of tasks for each tag, as it is spelled, that are completed
    and that are not.
    """
    tagged = tasks.live().exclude(tags=[]).order_by().values("tags", "completed")
    # Tasks with the same tags are counted first: there are far fewer lists of tags than tasks.
    lists = select(tagged.annotate(tasks=Count("*")).values_list("tags", "completed", "tasks"))
    return lists.wrapped(
        "SELECT unnest(tags), completed, sum(tasks)::bigint FROM (",
        ") AS counted (tags, completed, tasks) GROUP BY 1, 2",
    )
