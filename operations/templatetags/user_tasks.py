"""The template tag `{% user_tasks user %}`, for the user page of the admin.

It belongs to this app because accounts does not depend on tasks.
"""

from typing import Any

from django import template

from accounts.models import User
from tasks.models import Task

NEWEST = 10
MAX_COUNT = 1_000
register = template.Library()


@register.inclusion_tag("admin/accounts/user/tasks.html", takes_context=True)
def user_tasks(context: Any, user: User) -> dict[str, Any]:
    """Returns the user's newest tasks and their number, counted up to MAX_COUNT, without the trash;
    nothing if the operator may not see tasks. Two queries, each of which reads the start of an
    index range.
    """
    if not context["request"].user.has_perm("tasks.view_task"):
        return {}
    tasks = Task.objects.owned_by(user).live()
    return {
        "owner": user,  # not "user", which is the operator in the admin
        "tasks": tasks.only("completed", "priority", "due_date", "created_at")[:NEWEST],
        "number": tasks.order_by()[:MAX_COUNT].count(),
        "max_count": MAX_COUNT,
    }
