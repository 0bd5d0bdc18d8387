"""The filters of the list of tasks in the admin."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest

from tasks.models import Task


class UserFilter(admin.SimpleListFilter):
    """Shows the user whose tasks are listed, and a link to the tasks of all users. Other pages link
    to the list with this filter.
    """

    title, parameter_name = "user", "user__id__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        value = self.value()
        self.user = get_user_model().objects.filter(pk=value).first() if value else None
        return [(value, self.user.label() if self.user else value)] if value else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Task]) -> QuerySet[Task]:
        return queryset.filter(user=self.value())


class TrashFilter(admin.SimpleListFilter):
    """Shows the tasks that are not in the trash, or those in the trash. Without it, both."""

    title, parameter_name = "trash", "trash"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "Not in the trash"), ("yes", "In the trash")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Task]) -> QuerySet[Task]:
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(deleted_at__isnull=self.value() == "no")


class TagsFilter(admin.SimpleListFilter):
    """Shows the tasks of one user with any tags, or without: the tags are hidden. For all users it
    would read the whole table, which has no index for it.
    """

    title, parameter_name = "tags", "tagged"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        one_user = UserFilter.parameter_name in request.GET
        return [("yes", "With tags"), ("no", "Without tags")] if one_user else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Task]) -> QuerySet[Task]:
        match self.value():
            case "yes":
                return queryset.exclude(tags=[])
            case "no":
                return queryset.filter(tags=[])
        return queryset


class CompletedFilter(admin.BooleanFieldListFilter):
    """Django's filter by yes or no, in the words of the list."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "status"

    def choices(self, changelist: Any) -> Iterator[Any]:
        names = {"Yes": "Completed", "No": "Open"}
        for choice in super().choices(changelist):
            yield {**choice, "display": names.get(str(choice["display"]), choice["display"])}
