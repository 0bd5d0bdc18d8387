"""SQL statements that the ORM compiles once and that each request binds to values (ADR 24)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet, ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Model, QuerySet
from django.db.models.expressions import DatabaseDefault
from django.db.models.sql import DeleteQuery, InsertQuery, Query, UpdateQuery

Row = tuple[Any, ...]
Rows = QuerySet[Any, Any]


class Bind(Expression):
    """A placeholder in a query for the value `name`, which is bound when the statement runs."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def __str__(self) -> str:
        raise TypeError(f"the value of {self.name} is not known yet")


@dataclass(frozen=True)
class Statement:
    """One or more SQL statements that are sent as one message. `params` contains constants, and a
    Bind for each value that is bound later.
    """

    sql: str
    params: tuple[Any, ...] = ()

    def run(self, values: Mapping[str, Any]) -> list[list[Row]]:
        """Runs the statements and returns the rows of each. Raises KeyError for a missing value."""
        params = [values[each.name] if isinstance(each, Bind) else each for each in self.params]
        database: Any = connections[DEFAULT_DB_ALIAS]
        wrapped = database.kept_cursor()
        wrapped.execute(self.sql, params)
        cursor, results = wrapped.cursor, []
        while True:
            results.append(cursor.fetchall())
            cursor.pgresult.clear()  # it may be large, and the cursor stays
            if not cursor.nextset():
                return results

    def wrapped(self, before: str, after: str, *params: Any) -> "Statement":
        return Statement(f"{before}{self.sql}{after}", (*self.params, *params))

    def and_then(self, other: "Statement") -> "Statement":
        """Returns both statements as one message."""
        return Statement(f"{self.sql}; {other.sql}", self.params + other.params)


NOTHING = Statement("SELECT WHERE false")
NEW = "new."  # the prefix of Binds for written values


def select(rows: Rows) -> Statement:
    return _compiled(rows.query)


def select_page(rows: Rows) -> Statement:
    """Returns a SELECT of `limit` rows after `offset`, both bound."""
    return select(rows).wrapped("", " LIMIT %s OFFSET %s", Bind("limit"), Bind("offset"))


def count(rows: Rows, *conditions: str) -> Statement:
    """Returns a SELECT of the number of rows, and of the rows where each condition is true."""
    counted = select(rows.order_by().values_list("pk", *conditions))
    if counted is NOTHING:
        return Statement(f"SELECT {', '.join('0' for _ in ('total', *conditions))}")
    counts = ["count(*)", *(f"count(*) FILTER (WHERE {name})" for name in conditions)]
    return counted.wrapped(f"SELECT {', '.join(counts)} FROM (", ") AS counted")  # noqa: S608  (names from our code)


def update(rows: Rows, changes: Mapping[str, Any], returning: Rows) -> Statement:
    """Returns an UPDATE of the rows. `changes` are values or expressions by field name. Each
    changed row returns the columns of `returning`, such as `rows.values_list(…)`.
    """
    query: Any = rows.order_by().query.chain(UpdateQuery)
    query.add_update_values(changes)
    return _returning(_compiled(query), returning)


def delete(rows: Rows, returning: Rows) -> Statement:
    """Returns a DELETE of the rows. Rows that refer to them are not deleted."""
    return _returning(_compiled(rows.order_by().query.chain(DeleteQuery)), returning)


def insert(
    returning: Rows, columns: frozenset[str], fewer: Rows, *, unless_exists: bool = False
) -> Statement:
    """Returns an INSERT of one row, with a Bind for each of the columns (see `row_of`). It inserts
    nothing unless there are fewer rows in `fewer` than the value `quota`, and with `unless_exists`
    nothing if the primary key exists.
    """
    model = returning.model
    fields = [field for field in model._meta.concrete_fields if field.attname in columns]
    query: Any = InsertQuery(model)
    bound = {field.attname: Bind(NEW + field.attname) for field in fields}
    query.insert_values(fields, [model(**bound)], raw=True)
    write, counted = _compiled(query), select(fewer.order_by().values_list("pk"))
    into, _, values = write.sql.partition(" VALUES (")
    pk = connections[DEFAULT_DB_ALIAS].ops.quote_name(model._meta.pk.column)
    unless = f" ON CONFLICT ({pk}) DO NOTHING" if unless_exists else ""
    kept = f"SELECT count(*) FROM ({counted.sql} LIMIT %s) AS kept"  # noqa: S608  (names from our code)
    limited = Statement(
        f"{into} SELECT {values.removesuffix(')')} WHERE ({kept}) < %s{unless}",
        (*write.params, *counted.params, Bind("quota"), Bind("quota")),
    )
    return _returning(limited, returning)


def row_of(instance: Model) -> dict[str, Any]:
    """Returns the values of an INSERT of the instance by column, without database defaults."""
    fields = (field for field in instance._meta.concrete_fields if not is_generated(field))
    row = {field.attname: field.pre_save(instance, add=True) for field in fields}
    return {name: value for name, value in row.items() if not isinstance(value, DatabaseDefault)}


def is_generated(field: Any) -> bool:
    return bool(getattr(field, "generated", False))


def prepared_values(model: type[Model], row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values to bind for fields that are written, converted for the database."""
    database, field_of = connections[DEFAULT_DB_ALIAS], model._meta.get_field
    values = {}
    for name, value in row.items():
        field: Any = field_of(name)
        plain = value.pk if isinstance(value, Model) else value
        values[NEW + name] = field.get_db_prep_save(plain, database)
    return values


def _returning(write: Statement, returning: Rows) -> Statement:
    if write is NOTHING:
        return NOTHING
    query = returning.order_by().query.chain()
    # After the change the row may no longer match the filters.
    query.clear_where()
    query.promote_joins(query.alias_map)
    table = connections[DEFAULT_DB_ALIAS].ops.quote_name(returning.model._meta.db_table)
    # In the rest of the statement, the name of the table refers to the written rows.
    before = write.wrapped(f"WITH {table} AS (", " RETURNING *) ")
    read = _compiled(query)
    if sum(read.sql.count(f"{word} {table}") for word in ("FROM", "JOIN")) > 1:
        raise ImproperlyConfigured(
            f"an annotation reads {table}, but a write sees only its own rows"
        )
    return Statement(before.sql + read.sql, before.params + read.params)


def _compiled(query: Query) -> Statement:
    try:
        compiled: Any = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    except EmptyResultSet:  # of `none()`
        return NOTHING
    # SQLInsertCompiler returns a list.
    sql, params = compiled[0] if isinstance(compiled, list) else compiled
    return Statement(sql, tuple(params))
