"""What the API asks of the database about one task. Each starts from the view's queryset."""

from typing import Any, NamedTuple

from django.db.models import BooleanField, Func

from tasks.models import TaskQuerySet, changes, flip_of
from todo_api.postgresql.statements import NEW, Bind, Statement, delete, insert, select, update
from todo_api.web.representation import Representation


class Among(Func):
    """A column is one of the values in an array: however many there are, the SQL is the same."""

    arg_joiner, template = " = ANY (", "%(expressions)s)"
    output_field: Any = BooleanField()


class Demand(NamedTuple):
    """Whether the request names versions that are `allowed`, or `ruled_out`."""

    allowed: bool = False
    ruled_out: bool = False


def read(tasks: TaskQuerySet, shown: Representation, demand: Demand) -> Statement:
    return select(shown.of(addressed(tasks, demand)))


def change(
    tasks: TaskQuerySet,
    shown: Representation,
    demand: Demand,
    names: frozenset[str],
    completed: Any,
) -> Statement:
    """Writes these fields, and what follows from `completed` when it is not None. It is `now`."""
    fields: dict[str, Any] = {name: Bind(NEW + name) for name in sorted(names)}
    if completed is not None:
        fields["completed"] = completed
    return update(written(tasks, demand), changes(Bind("now"), **fields), shown.of(tasks))


def flip(tasks: TaskQuerySet, shown: Representation, demand: Demand) -> Statement:
    return update(written(tasks, demand), flip_of(Bind("now")), shown.of(tasks))


def remove(tasks: TaskQuerySet, shown: Representation, demand: Demand) -> Statement:
    """Nothing refers to a task; to find that out, QuerySet.delete() takes four messages."""
    return delete(written(tasks, demand), shown.of(tasks))


def add(tasks: TaskQuerySet, shown: Representation, columns: frozenset[str]) -> Statement:
    return insert(shown.of(tasks), columns)


def addressed(tasks: TaskQuerySet, demand: Demand) -> TaskQuerySet:
    """The task `pk` in a version that the request demands."""
    task = tasks.filter(pk=Bind("pk")).order_by()
    if demand.ruled_out:
        task = task.exclude(Among("updated_at", Bind("ruled_out")))
    return task.filter(Among("updated_at", Bind("allowed"))) if demand.allowed else task


def written(tasks: TaskQuerySet, demand: Demand) -> TaskQuerySet:
    """The same for a write. The database decides: as part of the write, the condition leaves no
    moment for somebody else to slip in.
    """
    if tasks.query.count_active_tables() > 1:
        # With a join, Django moves all conditions into a subquery. PostgreSQL does not look at it
        # again when it has waited for another write of the row.
        every: Any = tasks.model.objects
        tasks = every.filter(pk__in=tasks.order_by().values("pk"))
    return addressed(tasks, demand)
