"""Query parameters of the list of tasks: filters, then the order."""

import datetime
from collections.abc import Callable, Hashable
from typing import Any

from django.db.models import Q
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from tasks.models import PRIORITIES, SORTS, TaskQuerySet, pattern_of
from tasks.serializers import DATE
from todo_api.web.parameters import Parameter, Parameters, word
from todo_api.web.views import CompiledFilter

# Each word is looked for in every task of the user.
MAX_WORDS, MAX_WORD_LENGTH = 10, 100
# `created` is what frontends of this family send for "newest first".
NEWEST_FIRST = "created"
SORT_NAMES = {name: name for name in SORTS} | {NEWEST_FIRST: "created_at"}
SORT_WORDS = {word: word for name in SORT_NAMES for word in (name, f"-{name}")}
ORDERS = {"asc": False, "desc": True}
LOOKUPS = {
    "status": "completed",
    "completed": "completed",
    "priority": "priority",
    "due_before": "due_date__lt",
    "due_after": "due_date__gt",
}


def read_day(text: str) -> datetime.date:
    """A date, or a date-time whose date part is taken as written. Raises ValueError."""
    found = DATE.fullmatch(text)
    if not found:
        raise ValueError(text)
    return datetime.date.fromisoformat(found[1])


def read_words(text: str) -> list[str]:
    """The words of a search, each once. Raises ValueError for too many."""
    words = list(dict.fromkeys(text.split()))
    if len(words) > MAX_WORDS or any(len(word) > MAX_WORD_LENGTH for word in words):
        raise ValueError(text)
    if "\0" in text:
        raise ValidationError({"search": ["Null characters are not allowed."]})
    return words


DAY = Parameter(
    read_day,
    "Expected a date such as 2026-01-31",
    {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "const": ""}]},
)
PARAMETERS = Parameters(
    status=word({"all": None, "pending": False, "completed": True}),
    completed=word({"true": True, "false": False}, {"type": "boolean"}),
    priority=word(PRIORITIES),
    due_before=DAY,
    due_after=DAY,
    search=Parameter(
        read_words,
        f"Expected at most {MAX_WORDS} different words of {MAX_WORD_LENGTH} characters",
    ),
    sort=word(SORT_WORDS),
    sort_by=word(SORT_WORDS),
    order=word(ORDERS),
    sort_order=word(ORDERS),
)


class TaskFilterBackend(CompiledFilter):
    """Filters, then order. Every order ends in the id, so that pages neither repeat nor skip."""

    def read(self, request: Request, view: Any) -> tuple[Hashable, dict[str, Any]]:
        if view.action != "list":
            return None, {}
        asked = PARAMETERS.read(request.query_params)
        conditions = tuple(name for name in LOOKUPS if asked.get(name) is not None)
        words = asked.get("search", ())
        values = {name: asked[name] for name in conditions}
        values |= {f"word{number}": pattern_of(word) for number, word in enumerate(words)}
        return (conditions, len(words), *sort_of(asked)), values

    def narrow(self, rows: Any, shape: Any, value_of: Callable[[str], Any]) -> TaskQuerySet:
        tasks: TaskQuerySet = rows
        if shape is None:
            return tasks
        conditions, words, name, descending = shape
        tasks = tasks.filter(*(Q((LOOKUPS[name], value_of(name))) for name in conditions))
        tasks = tasks.containing(*(value_of(f"word{number}") for number in range(words)))
        return tasks.sorted_by(name, descending=descending)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return PARAMETERS.described()


def sort_of(asked: dict[str, Any]) -> tuple[str, bool]:
    """The field to sort by, and whether it descends: newest first where nothing is said."""
    sort = asked.get("sort") or asked.get("sort_by") or NEWEST_FIRST
    descending = asked.get("order", asked.get("sort_order"))
    if descending is None:
        descending = sort.startswith("-") or sort == NEWEST_FIRST
    return SORT_NAMES[sort.lstrip("-")], descending
