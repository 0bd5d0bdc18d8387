"""The admin pages of the log of what operators did. They are read-only."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from todo_api.web.admin import BoundedAdmin, UtcDateFilter

MAX_OPERATORS = 100


class OperatorFilter(admin.SimpleListFilter):
    """Filters by a current operator. Django's own filter would read the whole log."""

    title, parameter_name = "operator", "user__id__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        operators = get_user_model().objects.filter(is_staff=True).order_by("email", "pk")
        return [(user.pk, user.get_username()) for user in operators[:MAX_OPERATORS]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
        return queryset.filter(user=self.value()) if self.value() else queryset


class KindFilter(admin.SimpleListFilter):
    """Filters by the kind of the object that was changed."""

    title = parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name.capitalize()) for name in ("user", "task", "group")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
        return queryset.filter(content_type__model=self.value()) if self.value() else queryset


@admin.register(LogEntry)
class LogAdmin(BoundedAdmin):
    """The log of the actions of operators, read-only."""

    list_display = ("action_time", "operator", "message", "about")
    list_display_links = ("action_time",)
    list_filter = (OperatorFilter, KindFilter, ("action_time", UtcDateFilter))
    search_fields = ("object_id",)  # shows the search box; get_search_results searches
    search_help_text = "The whole id of a user or task"
    list_select_related = ("user", "content_type")
    ordering = ("-id",)  # by time, with an index
    sortable_by = ()
    has_history = False
    fields = readonly_fields = (
        "action_time", "operator", "message", "content_type", "object_id", "about",
    )  # fmt: skip

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[LogEntry], search_term: str
    ) -> tuple[QuerySet[LogEntry], bool]:
        term = search_term.strip()
        return queryset.filter(object_id=term) if term else queryset, False

    @admin.display
    def operator(self, entry: LogEntry) -> str:
        return entry.user.get_username() or entry.user_id

    @admin.display
    def about(self, entry: LogEntry) -> str | SafeString:
        kind = entry.content_type.name.capitalize() if entry.content_type else ""
        name, url = f"{kind} {Truncator(entry.object_repr).chars(12)}", entry.get_admin_url()
        return format_html('<a href="{}">{}</a>', url, name) if url else name

    @admin.display
    def message(self, entry: LogEntry) -> str:
        return entry.get_change_message()
