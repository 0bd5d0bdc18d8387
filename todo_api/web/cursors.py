"""Cursors: positions of rows in a list that is sorted by a field and then by the id."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Hashable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db.models import BooleanField, Expression, F, Func, OrderBy, Q, Value

from todo_api.postgresql.statements import Rows


class RowValues(Func):
    template = "(%(expressions)s)"


class RowComparison(Func):
    """A row comparison, `(a, b) > (c, d)`, for which PostgreSQL can use an index."""

    template = "%(expressions)s"
    output_field = BooleanField()


class Cursor(NamedTuple):
    """The position of a row in a list: the field that sorts it, whether the order is descending,
    the row's value of the field, and the row's id.

    A cursor is neither secret nor signed. A forged one only selects other rows of the same user.
    """

    field: str
    descending: bool
    value: str | None
    pk: str

    @property
    def shape(self) -> Hashable:
        return self.field, self.descending, self.value is None

    def __str__(self) -> str:
        return urlsafe_b64encode(orjson.dumps([*self])).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """Parses a cursor. Raises ValueError."""
    try:
        field, descending, value, pk = orjson.loads(urlsafe_b64decode(f"{text}==="))
    except (TypeError, ValueError) as exc:
        raise ValueError(text) from exc
    kinds = isinstance(field, str), type(descending) is bool, isinstance(pk, str)
    if not all(kinds) or not isinstance(value, str | None) or "\0" in (value or ""):
        raise ValueError(text)
    return Cursor(field, descending, value, str(UUID(pk)))


def cursor_of(ordering: tuple[str, bool], value: Any, pk: Any) -> Cursor:
    """Returns the cursor of a row. Its value is text that PostgreSQL parses by the field's type."""
    if isinstance(value, datetime):  # Representation reads times without time zone, in UTC
        value = value.replace(tzinfo=UTC)
    text = value.isoformat() if isinstance(value, date) else value
    return Cursor(*ordering, None if text is None else str(text), str(pk))


def after(rows: Rows, is_null: bool, value: Any, pk: Any) -> Rows:
    """Returns the rows after a cursor. Nulls come last in both directions."""
    field, descending = ordering_of(rows)
    if is_null:
        return rows.filter(**{f"{field}__isnull": True, f"pk__{'lt' if descending else 'gt'}": pk})
    later = RowComparison(
        RowValues(field, "pk"),
        RowValues(value_of(value), value_of(pk)),
        arg_joiner=" < " if descending else " > ",
    )
    first: Any = rows.query.order_by[0]
    if first.nulls_last:
        return rows.filter(Q(later) | Q(**{f"{field}__isnull": True}))
    return rows.filter(later)


def value_of(value: Any) -> Expression:
    return value if isinstance(value, Expression) else Value(value)


def ordered(rows: Rows) -> Rows:
    """Returns the rows, sorted by the first field of their order and then by the id."""
    first = (rows.query.order_by or rows.model._meta.ordering)[0]
    if not isinstance(first, str):
        return rows  # sorted by TaskQuerySet.sorted_by
    name, descending = first.lstrip("-"), first.startswith("-")
    key = OrderBy(F(name), descending=descending, nulls_last=is_nullable(rows, name) or None)
    return rows.order_by(key, "-pk" if descending else "pk")


def is_nullable(rows: Rows, name: str) -> bool:
    return name not in rows.query.annotations and bool(rows.model._meta.get_field(name).null)


def ordering_of(rows: Rows) -> tuple[str, bool]:
    """Returns the first field of the order, and whether it is descending."""
    first: Any = rows.query.order_by[0]
    return first.expression.name, first.descending
