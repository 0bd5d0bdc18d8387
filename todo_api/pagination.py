"""The one paginator of the API: limit, offset or cursor, told in headers. And the admin's."""

import re
from typing import Any

from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.encoding import escape_uri_path
from django.utils.functional import cached_property
from rest_framework import serializers
from rest_framework.pagination import BasePagination
from rest_framework.request import Request

from todo_api.shapes import counted

MAX_LIMIT = 1000
COUNTED = 10_000
SIGNER = signing.Signer(salt="todo_api.pagination")
NUMBERS = {  # name: (lowest, highest, default)
    "limit": (1, MAX_LIMIT, MAX_LIMIT),
    "offset": (0, 2**31 - 1, 0),
}


class HeaderPagination(BasePagination):
    """Pages over a queryset ordered by one field and the id, so that none repeats or skips a row.

    The cursor holds the last row's place, not its number: rows that come or go before it move
    nothing. It is no secret (a bound on the caller's own rows), and signed so that what comes back
    is what was handed out.
    """

    parameters = (*NUMBERS, "cursor")

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None, first: list[Any] | None = None
    ) -> list[Any]:
        """Returns the rows of the page, and notes `counts` and `headers`. One query, and one to
        count when rows lie outside it.

        `first` are the first MAX_LIMIT rows and one more, where they are known already.
        """
        self.request = request
        cursor = None
        if first is None:
            cursor = request.query_params.get("cursor")
            limit, offset = (self._number(name) for name in NUMBERS)
            page = self._after(queryset, cursor) if cursor else queryset
            rows = list(page[offset : offset + limit + 1])
        else:
            (limit, offset), rows = (MAX_LIMIT, 0), first
        more, rows = len(rows) > limit, rows[:limit]
        # A last page says where the list ends, but not what the pages before it hold.
        known = not more and not cursor and (not offset or (rows and len(counted()) == 1))
        self.counts = (
            {"total": offset + len(rows)} if known else queryset.order_by().aggregate(**counted())
        )
        self.headers = {"X-Total-Count": str(self.counts["total"])}
        if more:
            self.headers["Link"] = f'<{self._address(_encode(queryset, rows[-1]))}>; rel="next"'
        return rows

    def _address(self, cursor: str) -> str:
        """Of the same list, from another place on."""
        sent = self.request.META.get("QUERY_STRING", "").encode("latin-1")
        query = QueryDict(sent, mutable=True)
        query.pop("offset", None)
        query["cursor"] = cursor
        target = f"{escape_uri_path(self.request.path)}?{query.urlencode()}"
        return self.request.build_absolute_uri(target)

    def _number(self, name: str) -> int:
        low, high, default = NUMBERS[name]
        text = self.request.query_params.get(name) or str(default)
        if not re.fullmatch("[0-9]{1,10}", text) or not low <= int(text) <= high:
            message = f"Expected a whole number from {low} to {high}"
            raise serializers.ValidationError({name: [message]})
        return int(text)

    def _after(self, queryset: QuerySet[Any], cursor: str) -> QuerySet[Any]:
        name, descending = _ordering(queryset)
        try:
            value, pk = _decode(queryset, cursor)
        except (signing.BadSignature, ValueError) as exc:
            message = "This cursor does not belong to this list; start again without it"
            raise serializers.ValidationError({"cursor": [message]}) from exc
        beyond = "lt" if descending else "gt"
        tie = Q(**{f"pk__{beyond}": pk})
        if value is None:  # nulls come last in either direction
            return queryset.filter(tie, **{f"{name}__isnull": True})
        later = Q(**{f"{name}__{beyond}": value}) | Q(**{name: value}) & tie
        if _field(queryset, name).null:
            return queryset.filter(later | Q(**{f"{name}__isnull": True}))
        # Implied by `later`; as a plain bound it is where the index starts to read.
        return queryset.filter(later, **{f"{name}__{beyond}e": value})


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """For the admin: counts no further than a person would page. An exact count reads it all."""

    most = COUNTED

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: self.most].count())


def _ordering(queryset: QuerySet[Any]) -> tuple[str, bool]:
    """The field a queryset is ordered by (before its id), and whether it descends."""
    first: Any = queryset.query.order_by[0]
    return first.expression.name, first.descending


def _field(queryset: QuerySet[Any], name: str) -> Any:
    try:
        return queryset.model._meta.get_field(name)
    except FieldDoesNotExist:
        return queryset.query.annotations[name].output_field


def _encode(queryset: Any, row: Any) -> str:
    """The place of a row. Compressed, because the longest title must fit into an address."""
    name, descending = _ordering(queryset)
    value, pk = queryset.place_of(row, name)
    text = value.isoformat() if hasattr(value, "isoformat") else value
    # Without a time in it: the same page keeps the same address, and so its version.
    return SIGNER.sign_object([name, descending, text, pk], compress=True)


def _decode(queryset: QuerySet[Any], cursor: str) -> tuple[Any, Any]:
    """The place a cursor stands for. Raises BadSignature for garbage, ValueError for one of
    another list.
    """
    name, descending, text, pk = SIGNER.unsign_object(cursor)
    if (name, descending) != _ordering(queryset):
        raise ValueError("another order")
    value = None if text is None else _field(queryset, name).to_python(text)
    return value, queryset.model._meta.pk.to_python(pk)
