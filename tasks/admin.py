"""The read-only admin pages of tasks. Titles, descriptions and tags are hidden. An operator with
the permission can read them after giving a reason, which is logged (ADR 14).
"""

from contextlib import suppress
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.views.main import SEARCH_VAR
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tasks.admin_filters import CompletedFilter, TagsFilter, TrashFilter, UserFilter
from tasks.models import Task
from todo_api.web.admin import BoundedAdmin, ReasonForm, UtcDateFilter, record

MAX_USERS = 100
TOO_MANY_USERS = (
    "More than {} users match. Enter more of the name or e-mail, or choose one of"
    ' <a href="{}">these users</a>.'
)


def page_of(user: Any) -> str:
    return reverse(admin_urlname(user._meta, SafeString("change")), args=[quote(user.pk)])


def id_range(term: str) -> tuple[UUID, UUID] | None:
    """Returns the first and the last id that begin with the term, if it can be a task's id."""
    digits = term.replace("-", "")
    with suppress(ValueError):
        if 8 <= len(digits) <= 32:
            return UUID(f"{digits:0<32}"), UUID(f"{digits:f<32}")
    return None


@admin.register(Task)
class TaskAdmin(BoundedAdmin):
    list_display: tuple[str, ...] = (
        "short_id", "user_link", "status", "priority", "due_date", "tag_count", "created_at",
    )  # fmt: skip
    trash_display = (
        "short_id", "user_link", "status", "tag_count", "created_at", "in_trash_since",
    )  # fmt: skip
    list_filter = (
        UserFilter, TrashFilter, ("completed", CompletedFilter), "priority", TagsFilter,
        ("created_at", UtcDateFilter),
    )  # fmt: skip
    list_select_related = ("user",)
    hidden = ("title", "description", "tags", "folded")
    search_fields = ("id",)  # shows the search box; get_search_results searches
    search_help_text = (
        "The beginning of a task id, from 8 characters; or of its user: words of the name, the"
        " beginning of the e-mail, or of the id"
    )
    fields = readonly_fields = (
        "id", "user_link", "status", "completed_at", "in_trash_since", "priority", "due_date",
        "due_at", "time_zone", "remind_at", "repeat", "tag_count", "created_at", "updated_at",
    )  # fmt: skip

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Task]:
        # No index has both the trash and the other tasks of one user in this order. PostgreSQL must
        # sort them, and not search the index of all users for them (ADR 20).
        one_user = UserFilter.parameter_name in request.GET
        return Task.objects.all() if one_user else Task.objects.of_all_users()

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Returns the default order: newest first, in the trash the newest deletion, which has an
        index.
        """
        in_trash = request.GET.get(TrashFilter.parameter_name) == "yes"
        return ("-deleted_at", "-id") if in_trash else ("-created_at", "-id")

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        in_trash = request.GET.get(TrashFilter.parameter_name) == "yes"
        return self.trash_display if in_trash else self.list_display

    def get_sortable_by(self, request: HttpRequest) -> tuple[str, ...]:
        # The header of another column than the default order's would be marked in the trash.
        return () if self.get_list_display(request) == self.trash_display else ("created_at",)

    @admin.display
    def status(self, task: Task) -> SafeString:
        name = "In the trash" if task.deleted_at else "Completed" if task.completed else "Open"
        return format_html('<span class="badge {}">{}</span>', name.split()[-1].lower(), name)

    @admin.display(description="in the trash since")
    def in_trash_since(self, task: Task) -> str:
        return localize(task.deleted_at) or "-"

    @admin.display(description="tags")
    def tag_count(self, task: Task) -> int:
        """Returns the number of tags: their texts are hidden."""
        return len(task.tags)

    @admin.display(description="task")
    def short_id(self, task: Task) -> SafeString:
        return format_html('<span title="{}">{}</span>', task.pk, str(task.pk)[:8])

    @admin.display(description="user")
    def user_link(self, task: Task) -> SafeString:
        user: Any = task.user
        link = format_html('<a href="{}">{}</a>', page_of(user), user.label())
        if user.name and user.email:
            return format_html('{} <span class="below">{}</span>', link, user.email)
        return link

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Task], search_term: str
    ) -> tuple[QuerySet[Task], bool]:
        """Finds users first, then their tasks. Each of the two statements uses an index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        matching = get_user_model().objects.matching(term)
        users = list(matching.values_list("pk", flat=True)[: MAX_USERS + 1])
        if len(users) > MAX_USERS:
            return queryset.none(), False  # changelist_view says so
        matches = Q(user__in=users)
        if ids := id_range(term):
            matches |= Q(pk__range=ids)
        return queryset.filter(matches), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Says whose tasks are listed, or that the search matches too many users."""
        page = super().changelist_view(request, extra_context)
        context: dict[str, Any] = getattr(page, "context_data", None) or {}
        if "cl" not in context:
            return page
        if context["cl"].queryset.query.is_empty():
            users = reverse(admin_urlname(get_user_model()._meta, SafeString("changelist")))
            address = f"{users}?{urlencode({SEARCH_VAR: context['cl'].query})}"
            context["empty_note"] = format_html(TOO_MANY_USERS, MAX_USERS, address)
        filters = context["cl"].filter_specs
        for user in (spec.user for spec in filters if isinstance(spec, UserFilter)):
            if user:
                context["title"] = f"Tasks of {user.heading()}"
                link = '<a href="{}">Page of {}</a>'
                context["summary"] = format_html(link, page_of(user), user.label())
        return page

    def get_urls(self) -> list[URLPattern]:
        read = self.admin_site.admin_view(self.read_view)
        return [path("<path:object_id>/read/", read, name="tasks_task_read"), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["title"] = "Task"
        if request.user.has_perm("tasks.read_titles"):
            context["reason_form"] = ReasonForm()
        return super().render_change_form(request, context, *args, **kwargs)

    def read_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Shows title, description and tags, after logging the operator and the reason: for the
        task and for its user.
        """
        if not (self.has_view_permission(request) and request.user.has_perm("tasks.read_titles")):
            raise PermissionDenied
        task: Task | None = self.get_object(request, unquote(object_id))
        if task is None:
            raise Http404("Task not found")
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            action, reason = "Read title, description and tags", form.cleaned_data["reason"]
            record(request, [task], action, reason)
            record(request, [task.user], f"{action} of task {task.pk}", reason)
        context = {
            **self.admin_site.each_context(request),
            "title": "Title, description and tags",
            "opts": self.opts,
            "task_id": task.pk,
            "owner": task.user,
            "owner_page": page_of(task.user),
            "task": task if form.is_valid() else None,
            "reason_form": form,
        }
        return TemplateResponse(request, "admin/tasks/task/read.html", context)
