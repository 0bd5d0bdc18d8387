"""The fields of a serializer, read from columns: no instance is made for a row (ADR 24)."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.db import connection
from django.db.models import DateTimeField, F, Func, QuerySet, TextField, UUIDField
from django.db.models.functions import Cast
from rest_framework import serializers

from todo_api.postgresql.statements import Row

# Fields whose values are written as JSON as they are (todo_api.web.rendering.encoded).
AS_IT_IS = {
    kind.to_representation
    for kind in (
        serializers.CharField, serializers.BooleanField, serializers.IntegerField,
        serializers.FloatField, serializers.DateField, serializers.DateTimeField,
        serializers.UUIDField,
    )
}  # fmt: skip


class InUTC(Func):
    """A time without its zone, which is UTC: read and written fastest. (An interval, because the
    name of a zone would be looked up for each value.)
    """

    template = "%(expressions)s AT TIME ZONE INTERVAL '0'"
    output_field: Any = DateTimeField()


class Representation:
    """What a ModelSerializer shows. Each of its fields must be a column or an annotation."""

    def __init__(self, serializer_class: type[serializers.ModelSerializer[Any]]) -> None:
        if serializer_class.to_representation is not serializers.Serializer.to_representation:
            raise ImproperlyConfigured(f"{serializer_class.__name__}.to_representation is not used")
        fields: Any = serializer_class().fields
        shown = {name: field for name, field in fields.items() if not field.write_only}
        model = serializer_class.Meta.model
        self.names = tuple(shown)
        self.columns = [_column(model, field.source) for field in shown.values()]
        self.shown = _maker({name: _conversion(model, field) for name, field in shown.items()})

    def of(self, rows: QuerySet[Any], *more: str) -> Any:
        """The queryset of rows for `shown`, with further columns after them."""
        return rows.values_list(*self.columns, *more)


def _maker(fields: dict[str, Callable[[Any], Any] | None]) -> Callable[[Iterable[Row]], list[Any]]:
    """Returns the function that makes of rows what the API shows, with dates and times as they are.

    Its code is written for these fields, as dataclasses do: `dict(zip(names, row))` takes twice as
    long, which is a twentieth of a list's time.
    """
    values = ", ".join(f"v{number}" for number in range(len(fields)))
    members = ", ".join(
        f"{name!r}: v{number}"
        if convert is None
        else f"{name!r}: None if v{number} is None else convert[{name!r}](v{number})"
        for number, (name, convert) in enumerate(fields.items())
    )
    code = f"lambda rows: [{{{members}}} for ({values},) in rows]"
    shown: Callable[[Iterable[Row]], list[Any]] = eval(code, {"convert": fields})  # noqa: S307
    return shown


def _column(model: Any, source: str) -> Any:
    field = _model_field(model, source)
    if isinstance(field, UUIDField):
        return Cast(source, TextField())
    return InUTC(source) if isinstance(field, DateTimeField) else F(source)


def _conversion(model: Any, field: Any) -> Callable[[Any], Any] | None:
    """What makes of a value of the database what the field shows. None where they are the same."""
    show = field.to_representation
    decode = getattr(_model_field(model, field.source), "from_db_value", None)
    if decode:
        return lambda value: show(decode(value, None, connection))
    # Of these, DRF takes an instance and returns what the column holds.
    if isinstance(field, serializers.PrimaryKeyRelatedField | serializers.ModelField):
        return None
    as_it_is = type(field).to_representation in AS_IT_IS and "format" not in vars(field)
    return None if as_it_is else show


def _model_field(model: Any, source: str) -> Any:
    """None for an annotation."""
    try:
        return model._meta.get_field(source)
    except FieldDoesNotExist:
        return None


representation_of = cache(Representation)
