"""Query parameters to queryset filters. The paginator reads the others."""

import datetime
from collections.abc import Iterable
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework.request import Request

from tasks.models import PRIORITIES, SORTS, Task, TaskQuerySet
from tasks.serializers import DATE

STATUSES = {"all": None, "pending": False, "completed": True}
TRUTHS = {"true": True, "false": False}
# Each word is looked for in every task of the user.
MAX_WORDS, MAX_WORD_LENGTH = 10, 100
# `created` is what frontends of this family send for "newest first".
NEWEST_FIRST = "created"
SORT_NAMES = {name: name for name in SORTS} | {NEWEST_FIRST: "created_at"}


class WordField(forms.ChoiceField):
    """One of a few words, in any case. A wrong one is answered with the list of right ones."""

    def __init__(self, words: Any = (), **kwargs: Any) -> None:
        accepted = f"Expected one of: {', '.join(words)}"
        super().__init__(
            choices=[(word, word) for word in words],
            error_messages={"invalid_choice": accepted},
            **kwargs,
        )

    def to_python(self, value: Any) -> str:
        return str(value).strip().lower() if value not in self.empty_values else ""


class DayField(forms.DateField):
    """A date, or a date-time whose date part is taken as written."""

    def to_python(self, value: Any) -> datetime.date | None:
        if value in self.empty_values:
            return None
        found = DATE.fullmatch(str(value))
        try:
            return datetime.date.fromisoformat(found[1]) if found else self._refuse()
        except ValueError:
            return self._refuse()

    def _refuse(self) -> datetime.date:
        raise ValidationError("Expected a date such as 2026-01-31")


class WordFilter(django_filters.Filter):
    field_class = WordField

    def __init__(self, words: Iterable[str], **kwargs: Any) -> None:
        super().__init__(words=list(words), **kwargs)
        extend_schema_field({"type": "string", "enum": list(words)})(self)


@extend_schema_field(
    {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "const": ""}]}
)
class DayFilter(django_filters.Filter):
    field_class = DayField


def few_words(text: str) -> None:
    words = set(text.split())
    if len(words) > MAX_WORDS or any(len(word) > MAX_WORD_LENGTH for word in words):
        limits = f"{MAX_WORDS} different words of {MAX_WORD_LENGTH} characters"
        raise ValidationError(f"Expected at most {limits}")


def sort_words() -> list[str]:
    return [sign + name for name in SORT_NAMES for sign in ("", "-")]


class TaskFilter(django_filters.FilterSet):
    """Filters, then order. Every order ends in the id, so that pages neither repeat nor skip."""

    status = WordFilter(words=STATUSES, method="by_status")
    completed = extend_schema_field(bool)(WordFilter(words=TRUTHS, method="by_completed"))
    priority = WordFilter(words=PRIORITIES, method="by_priority")
    due_before = DayFilter(field_name="due_date", lookup_expr="lt")
    due_after = DayFilter(field_name="due_date", lookup_expr="gt")
    search = django_filters.CharFilter(method="by_words", validators=[few_words])
    sort = WordFilter(words=sort_words(), method="keep")
    sort_by = WordFilter(words=sort_words(), method="keep")
    order = WordFilter(words=("asc", "desc"), method="keep")
    sort_order = WordFilter(words=("asc", "desc"), method="keep")

    class Meta:
        model = Task
        fields = ()

    def by_status(self, tasks: TaskQuerySet, name: str, word: str) -> TaskQuerySet:
        completed = STATUSES[word]
        return tasks if completed is None else tasks.filter(completed=completed)

    def by_completed(self, tasks: TaskQuerySet, name: str, word: str) -> TaskQuerySet:
        return tasks.filter(completed=TRUTHS[word])

    def by_priority(self, tasks: TaskQuerySet, name: str, word: str) -> TaskQuerySet:
        return tasks.filter(priority=PRIORITIES[word])

    def by_words(self, tasks: TaskQuerySet, name: str, words: str) -> TaskQuerySet:
        return tasks.containing(words)

    def keep(self, tasks: TaskQuerySet, name: str, word: str) -> TaskQuerySet:
        """Sorting takes two parameters together: see filter_queryset."""
        return tasks

    def filter_queryset(self, queryset: TaskQuerySet) -> TaskQuerySet:
        asked = self.form.cleaned_data
        sort = asked["sort"] or asked["sort_by"] or NEWEST_FIRST
        order = asked["order"] or asked["sort_order"]
        descending = order == "desc" if order else sort.startswith("-") or sort == NEWEST_FIRST
        name = SORT_NAMES[sort.lstrip("-")]
        tasks: TaskQuerySet = super().filter_queryset(queryset)
        return tasks.sorted_by(name, descending=descending)


class TaskFilterBackend(DjangoFilterBackend):
    """Without a parameter there is no form to be read."""

    def filter_queryset(self, request: Request, queryset: TaskQuerySet, view: Any) -> Any:
        if request.query_params:
            return super().filter_queryset(request, queryset, view)
        return queryset.newest_first()
