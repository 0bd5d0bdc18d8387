"""Admin pages about the service itself. All of them are read-only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from operations.models import Traffic
from todo_api.web.admin import BoundedAdmin

# Django's index page with the dashboard above the list of models.
admin.site.index_template = "operations/index.html"


@admin.register(Traffic)
class TrafficAdmin(BoundedAdmin):
    """Lists traffic rows as worker processes wrote them: for each minute, one row for each process
    and kind of response.
    """

    list_display = ("minute", "method", "route", "status", "refusal", "count", "average", "slowest")
    ordering = ("-minute", "-id")
    sortable_by = ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="Average ms")
    def average(self, traffic: Traffic) -> str:
        return f"{traffic.total_ms / traffic.count:,.1f}"

    @admin.display(description="Slowest ms")
    def slowest(self, traffic: Traffic) -> str:
        return f"{traffic.slowest_ms:,.1f}"
