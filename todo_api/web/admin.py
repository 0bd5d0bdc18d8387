"""What every admin page of ours has: lists of large tables that stay cheap, acts with a reason,
and the log that keeps both the act and the reason.
"""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.widgets import AdminTextInputWidget
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.db import DataError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

MANY_OPERATORS = 100
COUNTED = 10_000

admin.site.site_header = admin.site.site_title = "Todo API"
admin.site.site_url = None  # there is no site to view


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than an operator would page. An exact count reads the whole table."""

    most = COUNTED

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: self.most].count())


class BoundedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """For tables of millions of rows: none is counted, and none added or deleted by hand.

    There is no date hierarchy: its first level reads the whole table, whatever index there is.
    """

    change_list_template = "admin/bounded_change_list.html"
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    # Fields that nobody may ask about: Django lets a list's address ask for any.
    hidden: tuple[str, ...] = ()

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Plain questions only. Letter by letter, `field__startswith` would tell what is hidden,
        and a broken `field__regex` is an error of the database.
        """
        field, _, how = lookup.partition("__")
        plain = how.rpartition("__")[2] in {"", "exact", "gt", "gte", "lt", "lte", "isnull", "id"}
        return field not in self.hidden and plain and super().lookup_allowed(lookup, value, request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """What no column can hold is answered as Django answers any bad address of a list."""
        try:
            return super().changelist_view(request, extra_context)
        except (DataError, ValueError):
            return HttpResponseRedirect(f"{request.path}?e=1")

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        return None if "\0" in object_id else super().get_object(request, object_id, from_field)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def reason_field() -> forms.CharField:
    return forms.CharField(
        max_length=300,
        widget=AdminTextInputWidget,
        help_text="Stays in the log for good: a ticket's number rather than anybody's words.",
    )


class ReasonForm(forms.Form):
    reason = reason_field()

    def fieldsets(self) -> AdminForm:
        """The fields as the admin's own templates draw them."""
        this: Any = self  # typed for a ModelForm, and asks for a Form only
        return AdminForm(this, [(None, {"fields": list(self.fields)})], {})


def record(request: HttpRequest, objects: Iterable[Model], what: str, reason: str) -> None:
    """Keeps in the log, for each of the objects, that this operator did it and why."""
    message = f"{what}. Reason: {reason}"
    LogEntry.objects.log_actions(request.user.pk, list(objects), CHANGE, message)  # type: ignore[arg-type]


class OperatorFilter(admin.SimpleListFilter):
    """By one of today's operators. Django's own would ask the whole log who is in it."""

    title, parameter_name = "operator", "user__id__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        operators = get_user_model().objects.filter(is_staff=True).order_by("email", "pk")
        return [(user.pk, user.get_username()) for user in operators[:MANY_OPERATORS]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
        return queryset.filter(user=self.value()) if self.value() else queryset


@admin.register(LogEntry)
class LogAdmin(BoundedAdmin):
    """Who did what, when and why. Read by operators, written by what they do."""

    list_display = ("action_time", "operator", "message", "about")
    list_display_links = ("action_time",)
    list_filter = (OperatorFilter,)
    list_select_related = ("user", "content_type")
    ordering = ("-id",)  # as by time, and there is an index
    sortable_by = ()
    fields = readonly_fields = (
        "action_time", "operator", "message", "content_type", "object_id", "about",
    )  # fmt: skip

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display
    def operator(self, entry: LogEntry) -> str:
        return entry.user.get_username() or entry.user_id

    @admin.display
    def about(self, entry: LogEntry) -> str | SafeString:
        name, url = Truncator(entry.object_repr).chars(12), entry.get_admin_url()
        return format_html('<a href="{}">{}</a>', url, name) if url else name

    @admin.display
    def message(self, entry: LogEntry) -> str:
        return entry.get_change_message()
