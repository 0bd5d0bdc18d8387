"""The template tag `{% user_tasks user %}`, for the user page of the admin.

It belongs to this app because accounts does not depend on tasks.
"""

from typing import Any

from django import template

from accounts.models import User
from tasks.models import Task
from todo_api.web.admin import row_count

NEWEST = 10
register = template.Library()


@register.inclusion_tag("admin/accounts/user/tasks.html", takes_context=True)
def user_tasks(context: Any, user: User) -> dict[str, Any]:
    """Returns the user's newest tasks outside the trash, and the numbers of tasks, of those in the
    trash, of those with tags, and of different tags, whose texts are hidden (ADR 14). Returns
    nothing if the operator may not see tasks. Five queries, each of which reads the tasks of one
    user.
    """
    if not context["request"].user.has_perm("tasks.view_task"):
        return {}
    of_user = Task.objects.owned_by(user)
    tasks = of_user.live()
    return {
        "owner": user,  # not "user", which is the operator in the admin
        "tasks": tasks.only("completed", "priority", "due_date", "created_at")[:NEWEST],
        "number": row_count(tasks),
        "in_trash": row_count(of_user.trashed()),
        "with_tags": row_count(tasks.exclude(tags=[])),
        "different_tags": row_count(tasks.different_tags()),
    }
