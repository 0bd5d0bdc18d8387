"""Request bodies, and the format of tasks in responses and exports."""

from functools import cache
from typing import Any

from rest_framework import serializers

from tasks.contract import without_additions
from tasks.fields import (
    DescriptionField,
    DueDateField,
    FlagField,
    InstantField,
    PriorityField,
    RepeatField,
    TagsField,
    TimeZoneField,
    TitleField,
)
from tasks.models import CalendarFeed, IdempotencyRecord, Task
from todo_api.web.body import ignore_unknown

# Set by the server. Clients may send these members back: they are ignored and not reported.
SERVER_SET = {
    "id", "user_id", "user", "created_at", "updated_at", "completed_at", "deleted_at",
}  # fmt: skip


class RequestBody(serializers.Serializer[Any]):
    """The known members of a request body."""

    @classmethod
    def read(cls, sent: Any, *, partial: bool = False) -> dict[str, Any]:
        """Returns the validated members of `request.data` or of another mapping. Raises
        ValidationError. Unknown members are reported in Ignored-Fields, or raise ValidationError
        with STRICT_INPUT.
        """
        # An empty body, and a form, are a QueryDict. It is copied to a dict, because a BooleanField
        # reads a missing name of a QueryDict as false.
        body = without_additions({name: sent[name] for name in sent})
        serializer = _cached_serializer(cls, partial)
        ignore_unknown(body, {*serializer.fields, *SERVER_SET})
        validated: dict[str, Any] = serializer.run_validation(body)
        return validated


@cache
def _cached_serializer(serializer_class: type[RequestBody], partial: bool) -> RequestBody:
    """Returns one instance for all requests: DRF would copy all fields for each request, but
    validation keeps no state of a request.
    """
    return serializer_class(partial=partial)


class TaskSerializer(RequestBody, serializers.ModelSerializer[Task]):
    """A task with all its fields. The fields that the server sets are read-only."""

    user_id = serializers.CharField(read_only=True)
    title = TitleField()
    description = DescriptionField(required=False)
    completed = FlagField(required=False)
    priority = PriorityField(required=False)
    due_date = DueDateField(required=False, allow_null=True)
    due_at = InstantField(
        label="Due time",
        required=False,
        allow_null=True,
        help_text="With its offset from UTC. It sets `due_date` to its day in `time_zone`",
    )
    time_zone = TimeZoneField(required=False, allow_null=True)
    remind_at = InstantField(
        label="Reminder",
        required=False,
        allow_null=True,
        help_text="With its offset from UTC. For clients: this service sends nothing",
    )
    repeat = RepeatField(required=False, allow_null=True)
    tags = TagsField(required=False)

    class Meta:
        model = Task
        fields = (
            "id", "user_id", "title", "description", "completed", "completed_at", "priority",
            "due_date", "due_at", "time_zone", "remind_at", "repeat", "tags", "created_at",
            "updated_at", "deleted_at",
        )  # fmt: skip
        read_only_fields = ("id", "completed_at", "created_at", "updated_at", "deleted_at")


class ChangedTaskSerializer(TaskSerializer):
    """A task that was changed, with the next one when it repeats and was completed."""

    next = TaskSerializer(required=False, read_only=True, help_text="The next task of a series")

    class Meta(TaskSerializer.Meta):
        fields = (*TaskSerializer.Meta.fields, "next")  # type: ignore[assignment]  # longer


class CompletionSerializer(RequestBody):
    """The body of `complete`: sets `completed`, or toggles it when `completed` is not sent."""

    completed = FlagField(required=False)


class IdempotencyRecordSerializer(serializers.ModelSerializer[IdempotencyRecord]):
    """A stored response, in the export of a user's data."""

    class Meta:
        model = IdempotencyRecord
        fields = ("key", "status", "body", "created_at")
        read_only_fields = fields


class CalendarFeedSerializer(serializers.ModelSerializer[CalendarFeed]):
    """A calendar feed without its secret, also in the export of a user's data."""

    class Meta:
        model = CalendarFeed
        fields = ("created_at",)
        read_only_fields = fields


class NewCalendarFeedSerializer(CalendarFeedSerializer):
    """A calendar feed with its address, which contains the secret."""

    url = serializers.URLField(read_only=True)

    class Meta(CalendarFeedSerializer.Meta):
        fields: tuple[str, ...] = ("url", "created_at")  # type: ignore[assignment]  # one more
