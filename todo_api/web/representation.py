"""Representations of rows without model instances: a serializer's fields from columns (ADR 24)."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.db import connection
from django.db.models import DateTimeField, F, Func, QuerySet, TextField, UUIDField
from django.db.models.functions import Cast
from rest_framework import serializers

from todo_api.postgresql.statements import Row

# Fields whose database values need no conversion before todo_api.web.rendering.encoded.
UNCONVERTED = {
    kind.to_representation
    for kind in (
        serializers.CharField, serializers.BooleanField, serializers.IntegerField,
        serializers.FloatField, serializers.DateField, serializers.DateTimeField,
        serializers.UUIDField,
    )
}  # fmt: skip


class InUTC(Func):
    """A timestamp without time zone, in UTC, which is the fastest to read and write. The zone is an
    interval, because PostgreSQL would look up the name of a zone for each value.
    """

    template = "%(expressions)s AT TIME ZONE INTERVAL '0'"
    output_field: Any = DateTimeField()


class Representation:
    """The output of a ModelSerializer, whose fields must be columns or annotations."""

    def __init__(self, serializer_class: type[serializers.ModelSerializer[Any]]) -> None:
        if serializer_class.to_representation is not serializers.Serializer.to_representation:
            raise ImproperlyConfigured(f"{serializer_class.__name__}.to_representation is not used")
        fields: Any = serializer_class().fields
        readable = {name: field for name, field in fields.items() if not field.write_only}
        model = serializer_class.Meta.model
        self.names = tuple(readable)
        self.columns = [_column(model, field.source) for field in readable.values()]
        conversions = {name: _conversion(model, field) for name, field in readable.items()}
        self.represent = _compile(conversions)

    def select(self, rows: QuerySet[Any], *more: str) -> Any:
        """Returns the queryset for `represent`, with further columns at the end."""
        return rows.values_list(*self.columns, *more)


def _compile(
    fields: dict[str, Callable[[Any], Any] | None],
) -> Callable[[Iterable[Row]], list[Any]]:
    """Returns a function that converts rows to dicts by field name. Dates and times stay objects.

    Its code is generated for the fields, as in dataclasses. `dict(zip(names, row))` would take
    twice as long, which is 5 % of the time of a list.
    """
    values = ", ".join(f"v{number}" for number in range(len(fields)))
    members = ", ".join(
        f"{name!r}: v{number}"
        if convert is None
        else f"{name!r}: None if v{number} is None else convert[{name!r}](v{number})"
        for number, (name, convert) in enumerate(fields.items())
    )
    code = f"lambda rows: [{{{members}}} for ({values},) in rows]"
    represent: Callable[[Iterable[Row]], list[Any]] = eval(code, {"convert": fields})  # noqa: S307  (made of field names only)
    return represent


def _column(model: Any, source: str) -> Any:
    field = _model_field(model, source)
    if isinstance(field, UUIDField):
        return Cast(source, TextField())
    return InUTC(source) if isinstance(field, DateTimeField) else F(source)


def _conversion(model: Any, field: Any) -> Callable[[Any], Any] | None:
    """Returns the conversion from the database value to the field's output; None if not needed."""
    convert = field.to_representation
    decode = getattr(_model_field(model, field.source), "from_db_value", None)
    if decode:
        return lambda value: convert(decode(value, None, connection))
    # Their to_representation takes an instance and returns the value of the column.
    if isinstance(field, serializers.PrimaryKeyRelatedField | serializers.ModelField):
        return None
    if type(field).to_representation is serializers.ListField.to_representation:
        field = field.child  # an array of values
    unconverted = type(field).to_representation in UNCONVERTED and "format" not in vars(field)
    return None if unconverted else convert


def _model_field(model: Any, source: str) -> Any:
    """Returns the model field, or None for an annotation."""
    try:
        return model._meta.get_field(source)
    except FieldDoesNotExist:
        return None


representation_of = cache(Representation)
