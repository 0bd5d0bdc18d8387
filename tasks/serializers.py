"""The fields of request bodies, and the formats of tasks in the OpenAPI document and in exports."""

import datetime
import re
from functools import cache
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tasks.contract import without_additions
from tasks.models import (
    DESCRIPTION_LENGTH,
    PRIORITIES,
    PRIORITY_NAMES,
    TITLE_LENGTH,
    IdempotencyRecord,
    Priority,
    Task,
)
from todo_api.web.body import TextField, ignore_unknown

# A date, or a date-time of which the date part is used, without a conversion of its time zone.
DATE = re.compile(
    r"(\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
# Set by the server. Clients may send these members back: they are ignored and not reported.
SERVER_SET = {
    "id", "user_id", "user", "created_at", "updated_at", "completed_at", "deleted_at",
}  # fmt: skip


class FlagField(serializers.BooleanField):
    """A JSON boolean. DRF's own field also accepts "on", 1 and other values."""

    def __init__(self, **options: Any) -> None:
        name = options.pop("label", "Completed")
        messages: Any = dict.fromkeys(("invalid", "null"), f"{name} must be true or false")
        super().__init__(error_messages=messages, **options)

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


@extend_schema_field({"type": "string", "enum": list(PRIORITIES)}, component_name="Priority")
class PriorityField(serializers.Field):  # type: ignore[type-arg]  # generic only in the stubs
    """`low`, `medium`, `high` or `urgent`, in any case; stored as a number."""

    default_error_messages = dict.fromkeys(
        ("invalid", "null"), f"Priority must be one of: {', '.join(PRIORITIES)}"
    )

    def to_internal_value(self, data: Any) -> Priority:
        if not isinstance(data, str) or data.lower() not in PRIORITIES:
            self.fail("invalid")
        return PRIORITIES[data.lower()]

    def to_representation(self, value: int) -> str:
        return PRIORITY_NAMES[value]


class DueDateField(serializers.DateField):
    """A date or null. Of a date-time, the date part is used; "" is null."""

    default_error_messages = {"invalid": "Due date must be a date such as 2026-01-31"}

    def to_internal_value(self, value: Any) -> datetime.date:
        match = DATE.fullmatch(value) if isinstance(value, str) else None
        if not match:
            self.fail("invalid", format="YYYY-MM-DD")
        date: datetime.date = super().to_internal_value(match[1])
        return date

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return super().validate_empty_values(None if data == "" else data)


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
    title = TextField(
        max_length=TITLE_LENGTH,
        error_messages={
            "required": "Title is required",
            "null": "Title cannot be empty",
            "blank": "Title cannot be empty",
            "invalid": "Title must be text",
            "max_length": f"Title must not exceed {TITLE_LENGTH} characters",
        },
    )
    description = TextField(
        required=False,
        allow_null=True,
        allow_blank=True,
        trim_whitespace=False,
        max_length=DESCRIPTION_LENGTH,
        error_messages={
            "invalid": "Description must be text or null",
            "max_length": f"Description must not exceed {DESCRIPTION_LENGTH} characters",
        },
    )
    completed = FlagField(required=False)
    priority = PriorityField(required=False)
    due_date = DueDateField(required=False, allow_null=True)

    class Meta:
        model = Task
        fields = (
            "id", "user_id", "title", "description", "completed", "completed_at", "priority",
            "due_date", "created_at", "updated_at", "deleted_at",
        )  # fmt: skip
        read_only_fields = ("id", "completed_at", "created_at", "updated_at", "deleted_at")


class CompletionSerializer(RequestBody):
    """The body of `complete`: sets `completed`, or toggles it when `completed` is not sent."""

    completed = FlagField(required=False)


class IdempotencyRecordSerializer(serializers.ModelSerializer[IdempotencyRecord]):
    """A stored response, in the export of a user's data."""

    class Meta:
        model = IdempotencyRecord
        fields = ("key", "status", "body", "created_at")
        read_only_fields = fields
