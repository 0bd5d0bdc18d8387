"""Operators' view of people. Identity comes from tokens and is never edited here."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from todo_api.pagination import BoundedPaginator


@admin.register(User)
class PersonAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Find, look, suspend. People sign up elsewhere; operators come from createsuperuser.

    Not Django's UserAdmin: its page for setting passwords would give one to people whose identity
    comes from a token.
    """

    list_display = ("id", "email", "name", "is_active", "is_staff", "date_joined", "last_seen_at")
    list_filter = ("is_active", "is_staff")
    search_fields = ("id__exact", "email__istartswith")
    search_help_text = "A whole id, or the beginning of an e-mail"
    ordering = ("-date_joined", "id")
    show_full_result_count = False
    paginator = BoundedPaginator
    readonly_fields = ("id", "email", "name", "date_joined", "last_seen_at")
    fieldsets = (
        (None, {"fields": ("id", "email", "name", "date_joined", "last_seen_at")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
    )
    filter_horizontal = ("groups",)
    actions = ("suspend", "reactivate")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description="Suspend: every request is refused from now on")
    def suspend(self, request: HttpRequest, people: QuerySet[User]) -> None:
        self.message_user(request, f"{people.update(is_active=False)} suspended")

    @admin.action(description="Reactivate")
    def reactivate(self, request: HttpRequest, people: QuerySet[User]) -> None:
        self.message_user(request, f"{people.update(is_active=True)} reactivated")
