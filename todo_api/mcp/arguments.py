"""The arguments of tools, as JSON Schemas that an agent reads. The views validate them."""

from typing import Any

from tasks.filters import DUE_DAYS, UNDATED
from tasks.models import (
    DESCRIPTION_LENGTH,
    MAX_TAGS,
    PRIORITIES,
    TAG_LENGTH,
    TITLE_LENGTH,
)
from tasks.querysets import SORTS

Schema = dict[str, Any]
DEFAULT_LIMIT, MAX_LIMIT = 20, 100

ID = {"type": "string", "description": "The id of the task, from list_tasks"}
DATE = {"type": "string", "format": "date"}
ZONE = {"type": "string", "description": "IANA time zone of the user, such as Europe/Berlin"}
PRIORITY = {"type": "string", "enum": [*PRIORITIES]}
TAG = {"type": "string", "maxLength": TAG_LENGTH}

COMPLETION: dict[str, Schema] = {
    "id": ID,
    "completed": {"type": "boolean", "default": True},
    "time_zone": {**ZONE, "description": f"{ZONE['description']}, for `next`. Default: UTC"},
}
FIELDS: dict[str, Schema] = {
    "title": {"type": "string", "maxLength": TITLE_LENGTH},
    "description": {"type": ["string", "null"], "maxLength": DESCRIPTION_LENGTH},
    "priority": PRIORITY,
    "due_date": {
        "type": ["string", "null"],
        "format": "date",
        "description": "The day it is due, such as 2026-12-24. It clears due_at: to move a task"
        " that has a due_at, send a new due_at",
    },
    "due_at": {
        "type": ["string", "null"],
        "format": "date-time",
        "description": "The time it is due, with its offset from UTC, such as"
        " 2026-12-24T09:00:00+01:00. Send it instead of due_date, with time_zone",
    },
    "time_zone": {
        "type": ["string", "null"],
        "description": "IANA time zone of due_at, such as Europe/Berlin",
    },
    "remind_at": {
        "type": ["string", "null"],
        "format": "date-time",
        "description": "When the user's app reminds them, with the offset from UTC",
    },
    "repeat": {
        "type": ["object", "null"],
        "properties": {
            "rule": {
                "type": "string",
                "description": "RFC 5545, such as FREQ=WEEKLY;BYDAY=MO,TH or FREQ=MONTHLY",
            },
            "from": {
                "type": "string",
                "enum": ["due", "completion"],
                "description": "What the next date is counted from. Default: due",
            },
        },
        "required": ["rule"],
        "additionalProperties": False,
        "description": "Completing the task then creates the next one, due at the next date of the"
        " rule",
    },
    "tags": {
        "type": "array",
        "items": TAG,
        "maxItems": MAX_TAGS,
        "description": "All tags of the task; replaces those before. See list_tags for those in"
        " use",
    },
}
LIST: dict[str, Schema] = {
    "status": {
        "type": "string",
        "enum": ["all", "pending", "completed"],
        "description": "Default: all",
    },
    "search": {"type": "string", "description": "Words that are all in title or description"},
    "due": {
        "type": "string",
        "enum": [*DUE_DAYS, UNDATED],
        "description": "overdue: pending and due before today; week: today and the six days after",
    },
    "due_from": {**DATE, "description": "The first day, such as 2026-12-24"},
    "due_until": {**DATE, "description": "The last day, which is included"},
    "time_zone": {**ZONE, "description": f"{ZONE['description']}, for due. Default: UTC"},
    "priority": {"type": "array", "items": PRIORITY, "description": "Any of them"},
    "tag": {"type": "array", "items": TAG, "description": "All of them"},
    "deleted": {"type": "boolean", "description": "true: the trash instead of the tasks"},
    "sort": {
        "type": "string",
        "enum": [f"{sign}{name}" for name in SORTS for sign in ("", "-")],
        "description": "Ascending; with - descending. Default: newest first",
    },
    "limit": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    "cursor": {
        "type": "string",
        "description": "next_cursor of the last page, with all other arguments unchanged",
    },
}


def schema(properties: dict[str, Schema], *required: str) -> Schema:
    """Returns the schema of arguments: `properties`, of which some are required."""
    return {
        "type": "object",
        "properties": properties,
        "required": [*required],
        "additionalProperties": False,
    }
