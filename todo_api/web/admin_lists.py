"""The lists of the admin say how they are filtered, also by lookups that no filter shows."""

from contextlib import suppress
from typing import Any

from django.contrib.admin import FieldListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.formats import localize

SIGNS = {"gte": "≥", "gt": ">", "lte": "≤", "lt": "<", "exact": "=", "isnull": "is empty:"}


class FilteredList(ChangeList):
    """Django's list, which also knows the lookups of its URL that no list filter shows: links of
    the dashboard have them.
    """

    def get_filters(self, request: HttpRequest) -> Any:
        found = super().get_filters(request)
        self.without_filter: dict[str, object] = dict(found[2])
        for spec in found[0]:
            # A filter by days shows only the periods that it offers.
            if isinstance(spec, FieldListFilter) and not is_selected(spec, self):
                self.without_filter |= spec.used_parameters
        return found

    def other_filters(self) -> list[str]:
        """Returns texts such as "completed at ≥ 2026-12-05 00:00 UTC"."""
        return [described(name, self.params[name]) for name in sorted(self.without_filter)]

    def without_other_filters(self) -> str:
        """Returns the query string of the list without them."""
        return self.get_query_string(dict.fromkeys(self.without_filter))


def is_selected(spec: FieldListFilter, changes: ChangeList) -> bool:
    return any(choice["selected"] for choice in spec.choices(changes))


def described(lookup: str, value: str) -> str:
    *names, kind = lookup.split(LOOKUP_SEP)
    if kind not in SIGNS:
        names, kind = [*names, kind], "exact"
    with suppress(ValueError):  # such as a month 13: the list refuses it
        value = localize(parse_datetime(value)) or value
    return f"{' '.join(names).replace('_', ' ')} {SIGNS[kind]} {value}"
