"""The query parameters of the list of tasks."""

import unicodedata
from collections.abc import Callable, Hashable
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from tasks.due import zone_of
from tasks.fields import DATE
from tasks.models import PRIORITIES, TAG_LENGTH
from tasks.querysets import SORTS, EqualsAny, TaskQuerySet
from tasks.time_zones import day_bounds, today
from todo_api.web.parameters import FLAG, Parameter, Parameters, word, words
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
SORTING = (
    "Ascending; descending with a leading `-`. `created`, the default, is newest first; the default"
    " of the trash is the newest deletion first"
)
PENDING, COMPLETED = False, True
STATUS_ALIASES = {
    "incomplete": PENDING, "active": PENDING, "open": PENDING, "todo": PENDING,
    "complete": COMPLETED, "done": COMPLETED,
}  # fmt: skip
FLAGS = ("status", "completed", "overdue")
# Of `due`: the first and the last day, counted from today.
DUE_DAYS = {"today": (0, 0), "tomorrow": (1, 1), "week": (0, 6), "overdue": (None, -1)}
UNDATED = "none"
DUE = {"due", "due_from", "due_until", "due_after", "due_before"}
DAY = timedelta(days=1)


def read_day(text: str) -> date:
    """Returns the date of a date or of a date-time, as it is written. Raises ValueError."""
    match = DATE.fullmatch(text)
    if not match:
        raise ValueError(text)
    return date.fromisoformat(match[1])


def read_words(text: str) -> list[str]:
    """Returns the words of a search without duplicates. Raises ValueError for too many words or a
    word that is too long, and ValidationError for a null character.
    """
    found = list(dict.fromkeys(unicodedata.normalize("NFC", text).split()))
    if len(found) > MAX_WORDS or any(len(word) > MAX_WORD_LENGTH for word in found):
        raise ValueError(text)
    if "\0" in text:
        raise ValidationError({"search": ["Null characters are not allowed."]})
    return found


def read_tag(text: str) -> str:
    """Returns a tag in Unicode's form NFC. Raises ValueError for one that no task can have."""
    tag = unicodedata.normalize("NFC", text)
    if len(tag) > TAG_LENGTH or "\0" in tag:
        raise ValueError(text)
    return tag


DATE_PARAMETER = Parameter(
    read_day,
    "expected a date such as 2026-01-31",
    {"type": "string", "format": "date"},
)
PARAMETERS = Parameters(
    status=word({"all": None, "pending": PENDING, "completed": COMPLETED}, STATUS_ALIASES),
    completed=word(FLAG, {"all": None}, {"type": "boolean"}),
    priority=words(PRIORITIES, {"all": None}, "Any of them"),
    tag=Parameter(
        read_tag,
        f"expected a tag of at most {TAG_LENGTH} characters",
        {"type": "string", "maxLength": TAG_LENGTH},
        description="All of them, in any case",
        repeatable=True,
    ),
    due=word(
        {name: name for name in (*DUE_DAYS, UNDATED)},
        description="Days of the `Time-Zone`. `overdue`: pending, and due before today; `week`:"
        " today and the six days after it; `none`: without a due date",
    ),
    due_from=DATE_PARAMETER,
    due_until=DATE_PARAMETER,
    deleted=word(FLAG, None, {"type": "boolean"}, "`true`: the tasks in the trash"),
    due_before=DATE_PARAMETER,
    due_after=DATE_PARAMETER,
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
DELETION = Parameters(forever=word(FLAG))


class TaskFilterBackend(CompiledFilter):
    """Filters and sorts. The id is always the last sort key, so that pages do not overlap."""

    def read(self, request: Request, view: Any) -> tuple[Hashable, dict[str, Any]]:
        if view.action != "list":
            return None, {}
        requested = PARAMETERS.read(request.query_params)
        values = {name: requested[name] for name in FLAGS if requested.get(name) is not None}
        priorities = [each for some in requested.get("priority", ()) for each in some]
        if priorities and None not in priorities:
            values["priority"] = priorities
        if "tag" in requested:
            values["tag"] = requested["tag"]
        found = requested.get("search", ())
        values |= {f"word{number}": word for number, word in enumerate(found)}
        values |= due_values(requested, request)
        in_trash, undated = requested.get("deleted", False), requested.get("due") == UNDATED
        return (in_trash, undated, tuple(values), len(found), *sort_of(requested)), values

    def narrow(self, rows: Any, shape: Any, value_of: Callable[[str], Any]) -> TaskQuerySet:
        tasks: TaskQuerySet = rows
        if shape is None:
            return tasks
        in_trash, undated, names, words, sort, descending = shape
        tasks = tasks.trashed() if in_trash else tasks.live()
        if undated:
            tasks = tasks.filter(due_date=None)
        for name in names:
            if name in FLAGS:
                tasks = tasks.filter(completed=value_of(name))
        if "priority" in names:
            tasks = tasks.filter(EqualsAny("priority", value_of("priority")))
        if "tag" in names:
            tasks = tasks.tagged(value_of("tag"))
        if "first_day" in names:
            tasks = tasks.due_from(value_of("first_day"), value_of("beginning"))
        if "last_day" in names:
            tasks = tasks.due_until(value_of("last_day"), value_of("end"))
        tasks = tasks.containing(*(value_of(f"word{number}") for number in range(words)))
        return tasks.sorted_by(sort, descending=descending)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return PARAMETERS.described()


def due_values(requested: dict[str, Any], request: Request) -> dict[str, Any]:
    """Returns the values of the parameters of due dates: the first day with the instant of its
    beginning, and the last day with that of its end, in the zone of the request.
    """
    sent = DUE & requested.keys()
    if not sent:
        return {}
    zone = zone_of(request)
    try:
        first, last = due_days(requested, today(zone, timezone.now()))
        values: dict[str, Any] = {}
        if first is not None:
            values |= {"first_day": first, "beginning": day_bounds(first, zone)[0]}
        if last is not None:
            values |= {"last_day": last, "end": day_bounds(last, zone)[1]}
    except (OverflowError, ValueError) as exc:
        message = "expected a date between 0001-01-02 and 9999-12-30"
        raise ValidationError({name: [f"{name}: {message}"] for name in sent}) from exc
    if requested.get("due") == "overdue":
        values["overdue"] = PENDING
    return values


def due_days(requested: dict[str, Any], now: date) -> tuple[date | None, date | None]:
    """Returns the first and the last requested day, both inclusive. `now` is today."""
    offsets = DUE_DAYS.get(requested.get("due", ""), (None, None))
    firsts, lasts = ([] if each is None else [now + each * DAY] for each in offsets)
    for name, days, bounds in (
        ("due_from", 0, firsts), ("due_after", 1, firsts), ("due_until", 0, lasts),
        ("due_before", -1, lasts),
    ):  # fmt: skip
        if name in requested:
            bounds.append(requested[name] + days * DAY)
    return max(firsts, default=None), min(lasts, default=None)


def sort_of(requested: dict[str, Any]) -> tuple[str, bool]:
    """Returns the field to sort by, and whether to sort descending. The default is newest first, in
    the trash the newest deletion.
    """
    newest = ("deleted_at", DESCENDING) if requested.get("deleted") else SORT_WORDS["created"]
    sort = requested.get("sort") or requested.get("sort_by") or newest
    descending = requested.get("order", requested.get("sort_order"))
    return sort if descending is None else (sort[0], descending)
