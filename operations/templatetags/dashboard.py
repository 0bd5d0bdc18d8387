"""The template tag `{% dashboard %}`, which shows the operator's dashboard on an admin page."""

from typing import Any

from django import template

from operations.dashboard import dashboard

register = template.Library()


@register.inclusion_tag("operations/dashboard.html", takes_context=True, name="dashboard")
def show_dashboard(context: dict[str, Any]) -> dict[str, Any]:
    return dashboard(context["request"].user)
