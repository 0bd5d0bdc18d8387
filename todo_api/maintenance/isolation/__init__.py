"""Verifies the isolation of users: test users, with and without an identity, try to access rows of
another user.

Everything runs in one transaction that is rolled back. All statements address rows of the test
users, so that even with a hole no other row is changed or locked.
"""

from collections.abc import Iterator
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from accounts.tokens import Claims
from tasks.models import IdempotencyRecord, Task
from todo_api.maintenance.isolation.attempts import try_statements
from todo_api.maintenance.isolation.check import Check, rolled_back
from todo_api.maintenance.isolation.operations import try_operations
from todo_api.maintenance.isolation.rules import check_rules


def checks() -> Iterator[Check]:
    """Runs and yields all checks. Leaves no rows behind."""
    with rolled_back():
        if (yield from check_rules()):
            own = Task.objects.add(user=_user(), title="A task of the first user")
            other = Task.objects.add(user=_user(), title="A task of the second user")
            trashed = Task.objects.add(
                user=other.user, title="In the trash of the second user", deleted_at=timezone.now()
            )
            for task in (own, other):
                IdempotencyRecord.objects.create(
                    user=task.user, key="test", status=201, headers={}, body={}
                )
            yield from try_statements(own, other, trashed)
            yield from try_operations(own.user, other, trashed)


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
