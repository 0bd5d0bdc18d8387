"""What comes in, field by field; and what a task is in the OpenAPI document and in an export."""

import datetime
import re
from functools import cache
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from tasks.contract import without_status
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

# A date, or a date-time whose date part is taken as written, whatever its zone says.
DATE = re.compile(
    r"(\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
# Known to clients and harmless in a body: the server sets them, so that they change nothing.
SERVER_SET = {"id", "user_id", "user", "created_at", "updated_at", "completed_at"}


class FlagField(serializers.BooleanField):
    """A JSON boolean. DRF's own field would also take "on", 1 and a dozen other spellings."""

    default_error_messages = dict.fromkeys(("invalid", "null"), "Completed must be true or false")

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


@extend_schema_field({"type": "string", "enum": list(PRIORITIES)}, component_name="Priority")
class PriorityField(serializers.Field):  # type: ignore[type-arg]
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
    """A date or null; a date-time counts as its date part, and "" as null."""

    default_error_messages = {"invalid": "Due date must be a date such as 2026-01-31"}

    def to_internal_value(self, value: Any) -> datetime.date:
        found = DATE.fullmatch(value) if isinstance(value, str) else None
        if not found:
            self.fail("invalid", format="YYYY-MM-DD")
        date: datetime.date = super().to_internal_value(found[1])
        return date

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return super().validate_empty_values(None if data == "" else data)


class Body(serializers.Serializer[Any]):
    """What a body holds: the members that mean something here."""

    @classmethod
    def read(cls, request: Request, *, partial: bool = False) -> dict[str, Any]:
        """The members that were sent, checked. Raises ValidationError. Names those that mean
        nothing here (or refuses them, with STRICT_INPUT).
        """
        # Of a form, too, which DRF's stand-in for an empty body is: as a form, a missing flag would
        # count as false.
        sent: Any = request.data
        body = without_status({name: sent[name] for name in sent})
        fields = _made_once(cls, partial)
        ignore_unknown(body, {*fields.fields, *SERVER_SET})
        checked: dict[str, Any] = fields.run_validation(body)
        return checked


@cache
def _made_once(kind: type[Body], partial: bool) -> Body:
    """DRF makes all fields anew for each request. To validate needs none of the request's state."""
    return kind(partial=partial)


class TaskSerializer(Body, serializers.ModelSerializer[Task]):
    """A task, always with all its fields. Everything the server sets is read-only."""

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
            "due_date", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = ("id", "completed_at", "created_at", "updated_at")


class CompletionSerializer(Body):
    """The body of `complete`: sets what it says, and flips when it says nothing."""

    completed = FlagField(required=False)


class IdempotencyRecordSerializer(serializers.ModelSerializer[IdempotencyRecord]):
    """A kept answer, for a person who asks what is known of them."""

    class Meta:
        model = IdempotencyRecord
        fields = ("key", "status", "body", "created_at")
        read_only_fields = fields
