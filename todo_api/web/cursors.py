"""Cursors: positions of rows in a list that is sorted by a field and then by the id."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Hashable, Iterable, Sequence
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
    """The position of a row in a list: the fields that sort it, with `-` for descending order, and
    the row's values of these fields. The last field is the primary key.

    A cursor is neither secret nor signed. A forged one only selects other rows of the same user.
    """

    order: tuple[str, ...]
    values: tuple[str | None, ...]

    @property
    def shape(self) -> Hashable:
        return self.order, tuple(value is None for value in self.values)

    def bound(self) -> dict[str, str | None]:
        """Returns the values by the names that `after` binds."""
        return {f"cursor{number}": value for number, value in enumerate(self.values)}

    def __str__(self) -> str:
        return urlsafe_b64encode(orjson.dumps([*self])).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """Parses a cursor. Raises ValueError."""
    try:
        order, values = orjson.loads(urlsafe_b64decode(f"{text}==="))
        cursor = Cursor(tuple(order), tuple(values))
    except (TypeError, ValueError) as exc:
        raise ValueError(text) from exc
    kinds = all(isinstance(each, str) for each in cursor.order)
    if not kinds or not all(isinstance(each, str | None) for each in cursor.values):
        raise ValueError(text)
    if len(cursor.order) != len(cursor.values) or not cursor.values:
        raise ValueError(text)
    if any("\0" in (each or "") for each in cursor.values):
        raise ValueError(text)
    UUID(cursor.values[-1] or "")  # raises ValueError
    return cursor


def cursor_of(order: tuple[str, ...], values: Iterable[Any]) -> Cursor:
    """Returns the cursor of a row. Its values are texts that PostgreSQL parses by their types."""
    return Cursor(order, tuple(map(text_of, values)))


def text_of(value: Any) -> str | None:
    if isinstance(value, datetime):  # Representation reads times without time zone, in UTC
        value = value.replace(tzinfo=UTC)
    text = value.isoformat() if isinstance(value, date) else value
    return None if text is None else str(text)


def after(rows: Rows, values: Sequence[Any]) -> Rows:
    """Returns the rows after the one with these values of the fields that sort the rows. A value is
    None, or a value or an Expression. Nulls come last in both directions.
    """
    keys = keys_of(rows)
    directions = {key.descending for key in keys}
    if len(directions) == 1 and not any(key.nulls_last for key in keys):
        return rows.filter(
            RowComparison(
                RowValues(*(key.expression for key in keys)),
                RowValues(*map(value_of, values)),
                arg_joiner=" < " if directions == {True} else " > ",
            )
        )
    later = Q()
    for key, value in reversed([*zip(keys, values, strict=True)]):
        later = after_key(key, value, later)
    name, value = keys[0].expression.name, values[0]
    if value is not None and not keys[0].nulls_last:  # for an index, which needs one comparison
        later &= Q((f"{name}__{'lte' if keys[0].descending else 'gte'}", value_of(value)))
    return rows.filter(later)


def after_key(key: Any, value: Any, then: Q) -> Q:
    """Returns the condition of rows after `value`, or with the same value and `then`."""
    name = key.expression.name
    if value is None:
        return Q((f"{name}__isnull", True)) & then
    later = Q((f"{name}__{'lt' if key.descending else 'gt'}", value_of(value)))
    if key.nulls_last:
        later |= Q((f"{name}__isnull", True))
    return later | (Q((name, value_of(value))) & then) if then else later


def value_of(value: Any) -> Expression:
    return value if isinstance(value, Expression) else Value(value)


def ordered(rows: Rows) -> Rows:
    """Returns the rows, sorted by the first field of their order and then by the primary key."""
    first = (rows.query.order_by or rows.model._meta.ordering)[0]
    if not isinstance(first, str):
        return rows  # sorted by TaskQuerySet.sorted_by
    name, descending = first.lstrip("-"), first.startswith("-")
    key = OrderBy(F(name), descending=descending, nulls_last=is_nullable(rows, name) or None)
    return rows.order_by(key, OrderBy(F(rows.model._meta.pk.name), descending=descending))


def is_nullable(rows: Rows, name: str) -> bool:
    return name not in rows.query.annotations and bool(rows.model._meta.get_field(name).null)


def keys_of(rows: Rows) -> Sequence[Any]:
    """Returns the OrderBy expressions of rows from `ordered`."""
    return rows.query.order_by


def order_of(rows: Rows) -> tuple[str, ...]:
    """Returns the fields that sort the rows, with `-` for descending order."""
    return tuple(
        f"-{key.expression.name}" if key.descending else key.expression.name
        for key in keys_of(rows)
    )
