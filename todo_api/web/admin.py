"""Shared by admin pages: lists of large tables, and forms that require a reason."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.views.main import ERROR_FLAG
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import DataError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property

from todo_api.web.admin_lists import FilteredList

MAX_COUNT = 10_000
NO_SUCH_PAGE = "This list has no such page or filter. All of it is shown."


def log_in(request: HttpRequest) -> HttpResponse:
    """The admin's sign-in, which always leads to a page of the admin: another `next` is ignored."""
    for name in ("GET", "POST"):
        if not getattr(request, name).get("next", "").startswith(reverse("admin:index")):
            values = getattr(request, name).copy()
            values.pop("next", None)
            setattr(request, name, values)
    return admin.site.login(request)


class RowCount(int):
    """A number of rows whose text is "1,204", or "more than 10,000" if there are more."""

    has_more = False

    def __str__(self) -> str:
        return f"more than {int(self):,}" if self.has_more else f"{int(self):,}"


def row_count(rows: QuerySet[Any]) -> RowCount:
    """Counts at most MAX_COUNT rows: an exact count would read the whole table. One query."""
    number = rows.order_by()[: MAX_COUNT + 1].count()
    count = RowCount(min(number, MAX_COUNT))
    count.has_more = number > MAX_COUNT
    return count


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # generic only in the stubs
    """Pages through at most MAX_COUNT rows. The templates of the admin show `count` as a text."""

    @cached_property
    def count(self) -> RowCount:
        rows: Any = self.object_list
        return row_count(rows)


class UtcDateFilter(admin.DateFieldListFilter):
    """Django's filter by days, with the time zone of the days in its title."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = f"{self.title} (UTC)"


class BoundedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic only in the stubs
    """An admin for tables with millions of rows, without full counts, adding and deleting.

    Do not set a date hierarchy: its first level reads the whole table, even with an index.
    """

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    # Fields by which a list cannot be filtered. Django would allow any field in its URL.
    hidden: tuple[str, ...] = ()

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allows simple lookups only. `field__startswith` could reveal a hidden value letter by
        letter, and an invalid `field__regex` is an error of the database.
        """
        field, _, kind = lookup.partition("__")
        plain = kind.rpartition("__")[2] in {"", "exact", "gt", "gte", "lt", "lte", "isnull", "id"}
        return field not in self.hidden and plain and super().lookup_allowed(lookup, value, request)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return FilteredList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Redirects to the list, as for any bad lookup, if a column cannot hold the value. Says
        that it shows the whole list then.
        """
        title = str(self.opts.verbose_name_plural).capitalize()
        try:
            page = super().changelist_view(request, {"title": title, **(extra_context or {})})
        except (DataError, ValueError):
            page = HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")
        if page.get("Location", "").endswith(f"?{ERROR_FLAG}=1"):
            self.message_user(request, NO_SUCH_PAGE, messages.WARNING)
        return page

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # --- History ----------------------------------------------------------------------------------

    has_history = True

    def may_read_history(self, request: HttpRequest) -> bool:
        return self.has_history and request.user.has_perm("admin.view_logentry")

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        if not self.may_read_history(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def get_paginator(self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any) -> Any:
        """Pages through a list, or through the history of an object: newest first."""
        if queryset.model is not self.model:
            queryset = queryset.order_by("-action_time", "-pk")
        return super().get_paginator(request, queryset, *args, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["without_history"] = not self.may_read_history(request)
        return super().render_change_form(request, context, *args, **kwargs)


def reason_field() -> forms.CharField:
    return forms.CharField(
        max_length=300,
        widget=AdminTextInputWidget,
        help_text="Kept in the log permanently. Enter a ticket number, not personal data.",
    )


class ReasonForm(forms.Form):
    reason = reason_field()

    def fieldsets(self) -> AdminForm:
        """Returns the fields for the admin's fieldset template."""
        this: Any = self  # typed for a ModelForm, but needs only a Form
        return AdminForm(this, [(None, {"fields": list(self.fields)})], {})


def record(request: HttpRequest, objects: Iterable[Model], action: str, reason: str) -> None:
    """Writes an entry with the operator, the action and the reason to the log of each object."""
    message = f"{action}. Reason: {reason}"
    LogEntry.objects.log_actions(request.user.pk, list(objects), CHANGE, message)  # type: ignore[arg-type]  # an operator is signed in
