"""The SQL statements for one task. Each is built from the view's queryset (ADR 24)."""

from typing import Any, NamedTuple

from django.db.models import Q

from tasks.querysets import EqualsAny, TaskQuerySet, changes, toggle_changes
from todo_api.postgresql.statements import (
    NEW,
    Bind,
    Statement,
    count,
    delete,
    insert,
    select,
    update,
)
from todo_api.web.representation import Representation


class Preconditions(NamedTuple):
    """Whether the request names versions in If-Match, and in If-None-Match; whether the task must
    be in the trash (None: as in `get_queryset`); and whether it must not repeat unless it is
    completed.
    """

    if_match: bool = False
    if_none_match: bool = False
    trashed: bool | None = None
    not_repeating: bool = False


def read(
    tasks: TaskQuerySet, representation: Representation, conditions: Preconditions
) -> Statement:
    return select(representation.select(matching(tasks, conditions)))


def change(
    tasks: TaskQuerySet,
    representation: Representation,
    conditions: Preconditions,
    names: frozenset[str],
    completed: Any,
) -> Statement:
    """Returns the UPDATE of the fields `names`. `completed` is its new value, or None when it is
    not written. The time is the value `now`.
    """
    fields: dict[str, Any] = {name: Bind(NEW + name) for name in sorted(names)}
    if completed is not None:
        fields["completed"] = completed
    values = changes(Bind("now"), **fields)
    return update(writable(tasks, conditions), values, representation.select(tasks))


def toggle(
    tasks: TaskQuerySet, representation: Representation, conditions: Preconditions
) -> Statement:
    values = toggle_changes(Bind("now"))
    return update(writable(tasks, conditions), values, representation.select(tasks))


def trash(
    tasks: TaskQuerySet, representation: Representation, conditions: Preconditions
) -> Statement:
    values = changes(Bind("now"), deleted_at=Bind("now"))
    return update(writable(tasks, conditions), values, representation.select(tasks))


def restore(
    tasks: TaskQuerySet, representation: Representation, conditions: Preconditions
) -> Statement:
    values = changes(Bind("now"), deleted_at=None)
    return update(writable(tasks, conditions), values, representation.select(tasks))


def remove(
    tasks: TaskQuerySet, representation: Representation, conditions: Preconditions
) -> Statement:
    """Returns the DELETE in one statement. QuerySet.delete() needs four messages to find out that
    no other row refers to a task.
    """
    return delete(writable(tasks, conditions), representation.select(tasks))


def add(
    tasks: TaskQuerySet, representation: Representation, columns: frozenset[str], new_id: bool
) -> Statement:
    """Returns the INSERT of a task. Without `new_id`, it inserts nothing if the id exists."""
    rows = representation.select(tasks)
    return insert(rows, columns, fewer=of_user(tasks), unless_exists=not new_id)


def quota_used(tasks: TaskQuerySet, representation: Representation) -> Statement:
    return count(of_user(tasks))


def not_added(tasks: TaskQuerySet, representation: Representation) -> Statement:
    """Returns the SELECTs of the user's task with the id `pk`, and of the number of their tasks."""
    return select(of_user(tasks).filter(pk=Bind("pk")).values_list("pk")).and_then(
        count(of_user(tasks))
    )


def of_user(tasks: TaskQuerySet) -> TaskQuerySet:
    """Returns all tasks of the user: also the trash, and where the view's queryset is narrower."""
    rows: TaskQuerySet = tasks.model.objects.filter(user=Bind("user"))
    return rows


def matching(tasks: TaskQuerySet, conditions: Preconditions) -> TaskQuerySet:
    """Returns the task `pk`, if its version meets the preconditions."""
    task = tasks.filter(pk=Bind("pk")).order_by()
    if conditions.trashed is not None:
        task = task.trashed() if conditions.trashed else task.live()
    if conditions.not_repeating:
        task = task.filter(Q(repeat__isnull=True) | Q(completed=True))
    if conditions.if_none_match:
        task = task.exclude(EqualsAny("updated_at", Bind("if_none_match")))
    if conditions.if_match:
        task = task.filter(EqualsAny("updated_at", Bind("if_match")))
    return task


def writable(tasks: TaskQuerySet, conditions: Preconditions) -> TaskQuerySet:
    """Returns the same task for a write. The database checks the preconditions in the statement
    that writes, so that no concurrent write can come between the check and the change.
    """
    if tasks.query.count_active_tables() > 1:
        # With a join, Django moves all conditions into a subquery, and PostgreSQL does not evaluate
        # a subquery again after it has waited for a concurrent write of the row.
        all_tasks: Any = tasks.model.objects
        tasks = all_tasks.filter(pk__in=tasks.order_by().values("pk"))
    return matching(tasks, conditions)
