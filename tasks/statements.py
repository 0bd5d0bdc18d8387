"""What the API's hot paths ask of the database: built by the ORM, and compiled once.

Each is a query as the ORM makes it for one request, with a Bind for every value. To build and
compile it anew would take several times as long as PostgreSQL needs to answer (ADR 19).
"""

from functools import cache
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import BooleanField, Func, Value
from django.db.models.sql import DeleteQuery, InsertQuery, Query

from tasks.models import REPRESENTATION, Task, TaskQuerySet

Row = tuple[Any, ...]
RETURNING = f" RETURNING {REPRESENTATION}"


class Bind(Value):
    """Stands in a query for the value of this name, which comes when the statement runs."""

    def __init__(self, name: str) -> None:
        super().__init__(None)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class Among(Func):
    """A column is one of the values in an array: however many there are, the SQL is the same."""

    arg_joiner, template = " = ANY (", "%(expressions)s)"
    output_field: Any = BooleanField()


class Demand(NamedTuple):
    """Whether the caller names versions that are `allowed`, or `ruled_out`."""

    allowed: bool = False
    ruled_out: bool = False


class Statement:
    """SQL, and which value belongs where."""

    def __init__(self, query: Query, then: str = RETURNING) -> None:
        compiled: Any = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        # An INSERT may be several.
        sql, self.params = compiled[0] if isinstance(compiled, list) else compiled
        self.sql = f"{sql}{then}"

    def run(self, **values: Any) -> list[Row]:
        """The rows as they are now, in the order of REPRESENTED."""
        params = [values[each.name] if isinstance(each, Bind) else each for each in self.params]
        database: Any = connections[DEFAULT_DB_ALIAS]
        rows: list[Row] = database.rows(self.sql, params)
        return rows


@cache
def newest(limit: int) -> Statement:
    """The first page of the list of `user_id`."""
    return shown(own().newest_first()[:limit])


@cache
def read(demand: Demand) -> Statement:
    return shown(addressed(demand))


@cache
def change(names: frozenset[str], completed: bool | None, demand: Demand) -> Statement:
    """Writes these fields, and what follows from `completed` when it is not None. It is `now`."""
    fields: dict[str, Any] = {name: Bind(name) for name in names}
    if completed is not None:
        fields["completed"] = completed
    return Statement(addressed(demand).changing(Bind("now"), **fields))


@cache
def flip(demand: Demand) -> Statement:
    return Statement(addressed(demand).flipping(Bind("now")))


@cache
def remove(demand: Demand) -> Statement:
    """Nothing refers to a task; to find that out, QuerySet.delete() takes four messages. Shows the
    task as it was.
    """
    return Statement(addressed(demand).query.chain(DeleteQuery))


@cache
def add() -> Statement:
    query, fields = InsertQuery(Task), Task._meta.concrete_fields
    query.insert_values(fields, [Task(**{field.attname: Bind(field.attname) for field in fields})])
    return Statement(query)


def own() -> TaskQuerySet:
    return Task.objects.owned_by(Bind("user_id"))


def addressed(demand: Demand) -> TaskQuerySet:
    """The task `id` of `user_id`, in a version that the caller demands. The database decides: as
    part of a write the condition leaves no moment for somebody else to slip in.
    """
    task = own().filter(pk=Bind("id")).order_by()
    if demand.ruled_out:
        task = task.exclude(Among("updated_at", Bind("ruled_out")))
    return task.filter(Among("updated_at", Bind("allowed"))) if demand.allowed else task


def shown(tasks: TaskQuerySet) -> Statement:
    return Statement(tasks.represented().query, then="")
