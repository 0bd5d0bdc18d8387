"""What the API's hot paths ask of the database: built by the ORM, and compiled once.

Each is a query as the ORM makes it for one request, with a Bind for every value. To build and
compile it anew would take several times as long as PostgreSQL needs to answer (ADR 19).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Value
from django.db.models.sql import DeleteQuery, InsertQuery, Query

from tasks.models import REPRESENTATION, Task, TaskQuerySet

Row = tuple[Any, ...]
RETURNING = f" RETURNING {REPRESENTATION}"
# As many as one body's members and a few entity tags make. What is rarer is compiled again.
KEPT = 256


class Bind(Value):
    """Stands in a query for the value of this name, which comes when the statement runs."""

    def __init__(self, name: str) -> None:
        super().__init__(None)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class Demand(NamedTuple):
    """How many versions `If-Match` allows (None: any), and how many `If-None-Match` rules out."""

    allowed: int | None = None
    ruled_out: int = 0


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
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            rows: list[Row] = cursor.fetchall()
            return rows


@lru_cache(KEPT)
def newest(limit: int) -> Statement:
    """The first page of the list of `user_id`."""
    return shown(own().sorted_by("created_at", descending=True)[:limit])


@lru_cache(KEPT)
def read(demand: Demand) -> Statement:
    return shown(addressed(demand))


@lru_cache(KEPT)
def change(names: frozenset[str], completed: bool | None, demand: Demand) -> Statement:
    """Writes these fields, and what follows from `completed` when it is not None. It is `now`."""
    fields: dict[str, Any] = {name: Bind(name) for name in names}
    if completed is not None:
        fields["completed"] = completed
    return Statement(addressed(demand).changing(Bind("now"), **fields))


@lru_cache(KEPT)
def flip(demand: Demand) -> Statement:
    return Statement(addressed(demand).flipping(Bind("now")))


@lru_cache(KEPT)
def remove(demand: Demand) -> Statement:
    """Nothing refers to a task; to find that out, QuerySet.delete() takes four messages. Shows the
    task as it was.
    """
    return Statement(addressed(demand).query.chain(DeleteQuery))


@lru_cache(1)
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
        task = task.exclude(updated_at__in=binds("ruled_out", demand.ruled_out))
    if demand.allowed is None:
        return task
    return task.filter(updated_at__in=binds("allowed", demand.allowed))


def bound(name: str, values: Sequence[Any]) -> dict[str, Any]:
    """The values of `binds`."""
    return {f"{name}_{number}": value for number, value in enumerate(values)}


def binds(name: str, count: int) -> Any:
    return [Bind(f"{name}_{number}") for number in range(count)]


def shown(tasks: TaskQuerySet) -> Statement:
    return Statement(tasks.represented().query, then="")
