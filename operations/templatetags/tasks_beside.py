"""A person's tasks on the person's page. Accounts know nothing of tasks; this app knows both."""

from typing import Any

from django import template

from accounts.models import User
from tasks.models import Task

NEWEST = 10
COUNTED = 1_000
register = template.Library()


@register.inclusion_tag("admin/accounts/user/tasks.html", takes_context=True)
def tasks_beside(context: Any, person: User) -> dict[str, Any]:
    """The newest, and how many there are up to COUNTED; nothing for who may not see tasks.
    Two queries, each the beginning of one index range.
    """
    if not context["request"].user.has_perm("tasks.view_task"):
        return {}
    tasks = Task.objects.owned_by(person)
    return {
        "person": person,
        "tasks": tasks.only("completed", "priority", "due_date", "created_at")[:NEWEST],
        "number": tasks.order_by()[:COUNTED].count(),
        "most": COUNTED,
    }
