"""Changes that read tasks, change them in memory, and write them, in one transaction (ADR 27)."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction

from tasks import statements
from tasks.operations import Operations
from tasks.repeating import following_id
from todo_api.web.exceptions import Conflict

Result = TypeVar("Result")
ATTEMPTS = 3


def in_transaction(view: Any, ids: set[str], run: Callable[[Operations], Result]) -> Result:
    """Returns the result of `run`, which changes the tasks with these ids. Raises Conflict when
    other requests kept creating the same tasks.
    """
    taken: set[str] = set()
    for _ in range(ATTEMPTS):
        with transaction.atomic():
            operations = prepare(view, ids, taken)
            result = run(operations)
            hidden = write(view, operations)
            if not hidden and within_quota(view, operations):
                return result
            transaction.set_rollback(True)
        taken |= hidden
    raise Conflict("Other requests were writing the same tasks; send it again")


def prepare(view: Any, ids: set[str], taken: set[str]) -> Operations:
    """Reads and locks the tasks, and those that follow them. All tasks before any number of a
    change, and in the order of their ids: otherwise two batches, or a batch and another request,
    could wait for each other.
    """
    named = ids | {str(following_id(pk)) for pk in ids}
    rows = view.filter_queryset(view.get_queryset())
    if rows.query.distinct or rows.query.group_by:  # PostgreSQL cannot lock these
        rows = view.model.objects.filter(pk__in=rows.order_by().values("pk"))
    tasks = rows.filter(pk__in=named).order_by("pk").select_for_update(of=("self",))
    found = {str(task.pk): task for task in tasks} if ids else {}
    return Operations(view, named, found, taken, lambda: settings.TASKS_PER_USER - used(view))


def used(view: Any) -> int:
    """Returns the number of the user's tasks. One query."""
    (((number,),),) = view.statement(statements.quota_used).run(view.values())
    return int(number)


def write(view: Any, operations: Operations) -> set[str]:
    """Writes the tasks, and returns the ids of new ones that exist already: for another user, or
    because a request at the same time has created them.
    """
    added = [operations.added[pk] for pk in sorted(operations.added)]
    tasks: Any = view.model.objects
    tasks.bulk_create(task for task in added if str(task.pk) not in operations.named)
    chosen = [task for task in added if str(task.pk) in operations.named]
    tasks.bulk_create(chosen, ignore_conflicts=True)
    if operations.changed:
        view.get_queryset().bulk_update(operations.changed.values(), operations.written)
    own = (
        tasks.filter(user_id=view.request.user.pk, pk__in=[task.pk for task in chosen])
        if chosen
        else []
    )
    written = {(task.pk, task.updated_at) for task in own}
    return {str(task.pk) for task in chosen if (task.pk, task.updated_at) not in written}


def within_quota(view: Any, operations: Operations) -> bool:
    """Counts again: a batch at the same time was not counted. The next one waits for this."""
    return not operations.added or used(view) <= settings.TASKS_PER_USER
