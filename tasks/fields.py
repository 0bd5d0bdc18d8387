"""The fields of tasks in request and response bodies."""

import datetime
import re
import unicodedata
from functools import lru_cache
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tasks.models import (
    DESCRIPTION_LENGTH,
    MAX_TAGS,
    PRIORITIES,
    PRIORITY_NAMES,
    TAG_LENGTH,
    TITLE_LENGTH,
    Priority,
)
from tasks.recurrence import canonical_rule
from tasks.rule_parts import LENGTH as RULE_LENGTH
from tasks.time_zones import zone_named
from todo_api.web.body import TextField, ignore_unknown

# A date, or a date-time of which the date part is used, without a conversion of its time zone.
DATE = re.compile(
    r"(\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
# RFC 3339, with the seconds optional.
INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})",
    re.ASCII | re.IGNORECASE,
)
# What the next occurrence is counted from.
BASES = ("due", "completion")
# Control characters, and the characters that Unicode calls default-ignorable or that show nothing.
INVISIBLE = re.compile(
    "[\\s\0-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*"
)


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


class LineField(TextField):
    """A text in Unicode's form NFC, with at least one visible character."""

    def to_internal_value(self, data: Any) -> str:
        text = unicodedata.normalize("NFC", super().to_internal_value(data))
        if INVISIBLE.fullmatch(text):
            self.fail("blank")
        return text


class TitleField(LineField):
    def __init__(self, **options: Any) -> None:
        messages: Any = {
            "required": "Title is required",
            "null": "Title cannot be empty",
            "blank": "Title cannot be empty",
            "invalid": "Title must be text",
            "max_length": f"Title must not exceed {TITLE_LENGTH} characters",
        }
        super().__init__(max_length=TITLE_LENGTH, error_messages=messages, **options)


class DescriptionField(TextField):
    def __init__(self, **options: Any) -> None:
        messages: Any = {
            "invalid": "Description must be text or null",
            "max_length": f"Description must not exceed {DESCRIPTION_LENGTH} characters",
        }
        super().__init__(
            allow_null=True,
            allow_blank=True,
            trim_whitespace=False,
            max_length=DESCRIPTION_LENGTH,
            error_messages=messages,
            **options,
        )


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


class Clearable:
    """A field that "" clears, as null does."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(None if data == "" else data)  # type: ignore[misc]  # of the field


class DueDateField(Clearable, serializers.DateField):
    """A date or null. Of a date-time, the date part is used; "" is null."""

    default_error_messages = {"invalid": "Due date must be a date such as 2026-01-31"}

    def to_internal_value(self, value: Any) -> datetime.date:
        match = DATE.fullmatch(value) if isinstance(value, str) else None
        if not match:
            self.fail("invalid", format="YYYY-MM-DD")
        date: datetime.date = super().to_internal_value(match[1])
        return date


class InstantField(Clearable, serializers.DateTimeField):
    """A date and time with its offset from UTC, or null; "" is null."""

    def __init__(self, **options: Any) -> None:
        expected = "must be a time with its offset, such as 2026-01-31T09:00:00Z"
        messages: Any = {"invalid": f"{options.pop('label')} {expected}"}
        super().__init__(error_messages=messages, **options)

    def to_internal_value(self, value: Any) -> datetime.datetime:
        if not isinstance(value, str) or not INSTANT.fullmatch(value):
            self.fail("invalid")
        try:
            return datetime.datetime.fromisoformat(value.upper()).astimezone(datetime.UTC)
        except (ValueError, OverflowError):
            self.fail("invalid")


class TimeZoneField(Clearable, serializers.CharField):
    """The name of a time zone, or null; "" is null."""

    default_error_messages = dict.fromkeys(
        ("invalid", "blank"), "Time zone must be an IANA name such as Europe/Berlin"
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_blank=True, trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        try:
            return zone_named(data).key
        except (TypeError, ValueError):
            self.fail("invalid")


class RepeatField(serializers.JSONField):
    """When the task repeats: `rule` (RFC 5545) and `from`, "due" or "completion"; or null."""

    default_error_messages = {
        "invalid": 'Repeat must be null or such as {{"rule": "FREQ=WEEKLY", "from": "due"}}',
        "from": 'Repeat: from must be "due" or "completion"',
        "rule": "Repeat: {reason}",
    }

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict) or not isinstance(data.get("rule"), str):
            self.fail("invalid")
        ignore_unknown(data, {"rule", "from"})
        basis = data.get("from", BASES[0])
        if basis not in BASES:
            self.fail("from")
        # The texts that are kept are short; one that is longer is refused all the same.
        rule, reason = read_rule(data["rule"][: RULE_LENGTH + 1])
        if reason:
            self.fail("rule", reason=reason)
        return {"rule": rule, "from": basis}

    def to_representation(self, value: Any) -> Any:
        return {"rule": value["rule"], "from": value["from"]}  # without tasks.repeating's `time`


@lru_cache(1_024)
def read_rule(text: str) -> tuple[str, str]:
    """Returns the canonical rule and "", or "" and the reason why it is not accepted. A rule takes
    up to 5 ms, and an imported file may contain it 5,000 times.
    """
    try:
        return canonical_rule(text), ""
    except ValueError as exc:
        return "", str(exc)


class TagField(LineField):
    default_error_messages = {
        "invalid": "Tags must be texts",
        "null": "Tags must be texts",
        "blank": "A tag cannot be empty",
        "max_length": f"A tag must not exceed {TAG_LENGTH} characters",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=TAG_LENGTH, error_messages=self.default_error_messages, **options
        )


class TagsField(serializers.ListField):
    """The tags of a task, in their order. Null is the empty list."""

    child = TagField()
    default_error_messages = {
        "not_a_list": "Tags must be a list of texts",
        "max_length": f"A task must not have more than {MAX_TAGS} tags",
        "equal": "Two tags are equal: {tag}",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_TAGS, **options)

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return super().validate_empty_values([] if data is None else data)

    def run_child_validation(self, data: Any) -> list[str]:
        """Returns the tags. Raises ValidationError with the first error: of one tag, or for two
        that are equal without case.
        """
        tags: dict[str, str] = {}
        for each in data[: MAX_TAGS + 1]:  # with one more, max_length fails
            tag = self.child.run_validation(each)
            if tag.upper() in tags:
                self.fail("equal", tag=tag)
            tags[tag.upper()] = tag
        return [*tags.values()]
