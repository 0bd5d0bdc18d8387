"""Operators' view of tasks: to look at, never to change. People's words are theirs."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from tasks.models import Task
from todo_api.pagination import BoundedPaginator


@admin.register(Task)
class TaskAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "user", "title", "completed", "priority", "due_date", "created_at")
    list_filter = ("completed", "priority")
    list_select_related = ("user",)
    search_fields = ("id__exact", "user__id__exact", "user__email__istartswith")
    search_help_text = "A whole task id, a whole person's id, or the beginning of an e-mail"
    show_full_result_count = False
    paginator = BoundedPaginator
    fields = readonly_fields = (
        "id", "user", "title", "description", "completed", "completed_at", "priority", "due_date",
        "created_at", "updated_at",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
