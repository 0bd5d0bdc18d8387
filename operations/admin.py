"""Admin pages about the service itself. All of them are read-only."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_datetime

from operations import admin_log  # noqa: F401  (registers the log)
from operations.models import Traffic
from todo_api.web.admin import MAX_COUNT, BoundedAdmin

# Django's index page, which shows the dashboard instead of the list of models.
admin.site.index_template = "operations/index.html"


def help_page(request: HttpRequest) -> HttpResponse:
    """Explains the numbers of the dashboard that have no list behind them."""
    context = {**admin.site.each_context(request), "title": "What the numbers mean"}
    context["trash_days"] = settings.TRASH_DAYS
    return TemplateResponse(request, "operations/help.html", context)


class StatusFilter(admin.SimpleListFilter):
    """Filters by the first digit of the status."""

    title = parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(f"{digit}xx", f"{digit}xx") for digit in (2, 3, 4, 5)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Traffic]) -> QuerySet[Traffic]:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        first = int(str(self.value())[0]) * 100
        return queryset.filter(status__gte=first, status__lt=first + 100)


class SinceFilter(admin.SimpleListFilter):
    """Shows since when traffic is listed, and a link to all of it. The dashboard links to the list
    with this filter.
    """

    title, parameter_name = "time", "minute__gt"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        value = self.value()
        at = parse_datetime(value) if value else None
        return [(str(value), f"After {at:%Y-%m-%d %H:%M} UTC")] if at and at.tzinfo else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Traffic]) -> QuerySet[Traffic]:
        return queryset.filter(minute__gt=self.value())


@admin.register(Traffic)
class TrafficAdmin(BoundedAdmin):
    """Lists traffic rows as worker processes wrote them: for each minute, one row for each process
    and kind of response.
    """

    list_display = (
        "minute", "request", "status", "refusal", "count", "average", "slowest", "longest_queue",
    )  # fmt: skip
    list_filter = (SinceFilter, StatusFilter)
    ordering = ("-minute", "-id")
    sortable_by = ()
    has_history = False
    fields = readonly_fields = (
        "minute", "method", "route", "status", "refusal", "count", "average", "slowest",
        "average_queue", "longest_queue",
    )  # fmt: skip

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["title"], context["subtitle"] = str(kwargs["obj"]), None
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Adds the number of responses, which the dashboard shows: a row has many of them."""
        page = super().changelist_view(request, extra_context)
        context: dict[str, Any] = getattr(page, "context_data", None) or {}
        if (changes := context.get("cl")) and changes.result_count:
            rows = changes.queryset.order_by()[:MAX_COUNT]
            number = rows.aggregate(number=Sum("count"))["number"]
            more = "More than " if changes.result_count.has_more else ""
            context["summary"] = (
                f"{more}{number:,} response{pluralize(number)} in {changes.result_count}"
                f" row{pluralize(changes.result_count)}"
            )
        return page

    @admin.display
    def request(self, traffic: Traffic) -> str:
        return f"{traffic.method} {traffic.route}"

    @admin.display(description="Average ms")
    def average(self, traffic: Traffic) -> str:
        return f"{traffic.total_ms / traffic.count:,.1f}"

    @admin.display(description="Slowest ms")
    def slowest(self, traffic: Traffic) -> str:
        return f"{traffic.slowest_ms:,.1f}"

    @admin.display(description="Average queue ms")
    def average_queue(self, traffic: Traffic) -> str:
        return f"{traffic.queue_ms / traffic.count:,.1f}"

    @admin.display(description="Longest queue ms")
    def longest_queue(self, traffic: Traffic) -> str:
        return f"{traffic.longest_queue_ms:,.1f}"
