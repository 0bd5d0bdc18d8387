"""Verifies the isolation of users: test users, with and without an identity, try to access rows of
another user.

Everything runs in one transaction that is rolled back. All statements address rows of the test
users, so that even with a hole no other row is changed or locked.
"""

from collections.abc import Iterator
from datetime import date
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from accounts.tokens import Claims
from tasks.models import CalendarFeed, IdempotencyRecord, Task
from todo_api.maintenance.isolation.attempts import try_statements
from todo_api.maintenance.isolation.check import Check, rolled_back
from todo_api.maintenance.isolation.operations import try_operations
from todo_api.maintenance.isolation.rules import check_rules


def checks() -> Iterator[Check]:
    """Runs and yields all checks. Leaves no rows behind."""
    with rolled_back():
        if (yield from check_rules()):
            now = timezone.now()
            due = {"due_date": date(2000, 1, 1)}  # so that calendar feeds contain the tasks
            own = Task.objects.add(user=_user(), title="A task of the first user", **due)
            other = Task.objects.add(
                user=_user(), title="A task of the second user", tags=["A tag of the second user"],
                remind_at=now, repeat={"rule": "FREQ=DAILY", "from": "due"}, **due,
            )  # fmt: skip
            trashed = Task.objects.add(
                user=other.user, title="In the trash of the second user", tags=["A trashed tag"],
                deleted_at=now, **due,
            )  # fmt: skip
            for task in (own, other):
                IdempotencyRecord.objects.create(
                    user=task.user, key="test", status=201, headers={}, body={}
                )
            secrets = [CalendarFeed.objects.renew(task.user_id)[1] for task in (own, other)]
            yield from try_statements(own, other, trashed)
            yield from try_operations(own.user, other, trashed, secrets)


def rules() -> Iterator[Check]:
    """Runs and yields the checks of the role and the tables, which need no test users."""
    with rolled_back():
        yield from check_rules()


def _user() -> User:
    """Creates a test user, as the first request of a user does. No real token has its id."""
    name = f"isolation-{uuid4()}"
    claims = Claims(name, f"{name}@todo.invalid", "Test user", 0, 0, 0)
    User.objects.first_contact(claims)
    return User.objects.get(pk=name)
