"""The query parameters of the list of tasks: filters and sorting."""

import datetime
from collections.abc import Callable, Hashable
from typing import Any

from django.db.models import Q
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from tasks.models import PRIORITIES, SORTS, TaskQuerySet, like_pattern
from tasks.serializers import DATE
from todo_api.web.parameters import Parameter, Parameters, word
from todo_api.web.views import CompiledFilter

# Limits the cost of a search: each word is searched for in every task of the user.
MAX_WORDS, MAX_WORD_LENGTH = 10, 100
ASCENDING, DESCENDING = False, True
ORDERS = {"asc": ASCENDING, "desc": DESCENDING}
# The field and the direction of each value of `sort`. Frontends of this API family send `created`
# for "newest first"; every other name without a direction sorts in ascending order.
SORT_WORDS: dict[str, tuple[str, bool]] = {
    word: (name, direction)
    for name in SORTS
    for word, direction in ((name, ASCENDING), (f"-{name}", DESCENDING))
} | {"created": ("created_at", DESCENDING), "-created": ("created_at", DESCENDING)}
# Further words of existing frontends.
SHORT_NAMES = {"created": "created_at", "updated": "updated_at", "due": "due_date"}
DIRECTIONS = {
    "created_at": {"oldest": ASCENDING, "newest": DESCENDING},
    "updated_at": {"oldest": ASCENDING, "newest": DESCENDING},
    "due_date": {"soonest": ASCENDING, "latest": DESCENDING},
    "priority": {"low_high": ASCENDING, "high_low": DESCENDING},
    "title": {"az": ASCENDING, "za": DESCENDING},
}
SORT_ALIASES: dict[str, tuple[str, bool]] = {
    f"{prefix}_{suffix}": (name, direction)
    for name in SORTS
    for prefix in (name, *(short for short, full in SHORT_NAMES.items() if full == name))
    for suffix, direction in (ORDERS | DIRECTIONS[name]).items()
} | {
    "updated": ("updated_at", ASCENDING), "-updated": ("updated_at", DESCENDING),
    "due": ("due_date", ASCENDING), "-due": ("due_date", DESCENDING),
    "newest": ("created_at", DESCENDING), "oldest": ("created_at", ASCENDING),
    "alphabetical": ("title", ASCENDING), "alphabetical_az": ("title", ASCENDING),
    "alphabetical_za": ("title", DESCENDING),
}  # fmt: skip
PENDING, COMPLETED = False, True
STATUS_ALIASES = {
    "incomplete": PENDING, "active": PENDING, "open": PENDING, "todo": PENDING,
    "complete": COMPLETED, "done": COMPLETED,
}  # fmt: skip
LOOKUPS = {
    "status": "completed",
    "completed": "completed",
    "priority": "priority",
    "due_before": "due_date__lt",
    "due_after": "due_date__gt",
}


def read_day(text: str) -> datetime.date:
    """Returns the date of a date or of a date-time, as it is written. Raises ValueError."""
    match = DATE.fullmatch(text)
    if not match:
        raise ValueError(text)
    return datetime.date.fromisoformat(match[1])


def read_words(text: str) -> list[str]:
    """Returns the words of a search without duplicates. Raises ValueError for too many words or a
    word that is too long, and ValidationError for a null character.
    """
    words = list(dict.fromkeys(text.split()))
    if len(words) > MAX_WORDS or any(len(word) > MAX_WORD_LENGTH for word in words):
        raise ValueError(text)
    if "\0" in text:
        raise ValidationError({"search": ["Null characters are not allowed."]})
    return words


DAY = Parameter(
    read_day,
    "expected a date such as 2026-01-31",
    {"type": "string", "format": "date"},
)
SORTING = (
    "Ascending; descending with a leading `-`. `created`, the default, is newest first; the default"
    " of the trash is the newest deletion first"
)
PARAMETERS = Parameters(
    status=word({"all": None, "pending": PENDING, "completed": COMPLETED}, STATUS_ALIASES),
    completed=word({"true": True, "false": False}, {"all": None}, {"type": "boolean"}),
    priority=word(PRIORITIES, {"all": None}),
    deleted=word(
        {"true": True, "false": False}, None, {"type": "boolean"}, "`true`: the tasks in the trash"
    ),
    due_before=DAY,
    due_after=DAY,
    search=Parameter(
        read_words,
        f"expected at most {MAX_WORDS} different words of {MAX_WORD_LENGTH} characters",
    ),
    sort=word(SORT_WORDS, SORT_ALIASES, description=SORTING),
    sort_by=word(SORT_WORDS, SORT_ALIASES, description="The same as `sort`"),
    order=word(ORDERS, description="Takes precedence over the direction in `sort`"),
    sort_order=word(ORDERS, description="The same as `order`"),
)
# Of DELETE.
DELETION = Parameters(forever=word({"true": True, "false": False}))


class TaskFilterBackend(CompiledFilter):
    """Filters and sorts. The id is always the last sort key, so that pages do not overlap."""

    def read(self, request: Request, view: Any) -> tuple[Hashable, dict[str, Any]]:
        if view.action != "list":
            return None, {}
        requested = PARAMETERS.read(request.query_params)
        conditions = tuple(name for name in LOOKUPS if requested.get(name) is not None)
        words = requested.get("search", ())
        values = {name: requested[name] for name in conditions}
        values |= {f"word{number}": like_pattern(word) for number, word in enumerate(words)}
        in_trash = requested.get("deleted", False)
        return (in_trash, conditions, len(words), *sort_of(requested)), values

    def narrow(self, rows: Any, shape: Any, value_of: Callable[[str], Any]) -> TaskQuerySet:
        tasks: TaskQuerySet = rows
        if shape is None:
            return tasks
        in_trash, conditions, words, name, descending = shape
        tasks = tasks.trashed() if in_trash else tasks.live()
        tasks = tasks.filter(*(Q((LOOKUPS[name], value_of(name))) for name in conditions))
        tasks = tasks.containing(*(value_of(f"word{number}") for number in range(words)))
        return tasks.sorted_by(name, descending=descending)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return PARAMETERS.described()


def sort_of(requested: dict[str, Any]) -> tuple[str, bool]:
    """Returns the field to sort by, and whether to sort descending. The default is newest first, in
    the trash the newest deletion.
    """
    newest = ("deleted_at", DESCENDING) if requested.get("deleted") else SORT_WORDS["created"]
    sort = requested.get("sort") or requested.get("sort_by") or newest
    descending = requested.get("order", requested.get("sort_order"))
    return sort if descending is None else (sort[0], descending)
