"""The admin's pages of users. Identity comes from tokens and cannot be edited here."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from accounts.actions import ACTIONS, Action
from accounts.confirmation import action_view, confirmation
from accounts.models import User
from accounts.rights import RightsForm, rights_message
from todo_api.web.admin import BoundedAdmin

LOG_ENTRIES = 10


class StatusFilter(admin.SimpleListFilter):
    """Filters by the statuses of the list. "suspended" and "erased" are rare: they use a partial
    index.
    """

    title = parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name.capitalize()) for name in ("active", "suspended", "erased")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        match self.value():
            case "active":
                return queryset.filter(is_active=True)
            case "suspended":
                return queryset.filter(is_active=False, erased_at=None)
            case "erased":
                return queryset.filter(is_active=False, erased_at__isnull=False)
        return queryset


@admin.register(User)
class UserAdmin(BoundedAdmin):
    """Finds and shows users, and offers the operator actions on them.

    Users are not added here: they sign up through the API or Better Auth; operators come from
    createsuperuser. Django's own UserAdmin is not used: its password page would give passwords to
    users who sign in with tokens. Users are erased, not deleted: after a deletion a valid token
    would create the user again, which the tombstone of an erasure prevents.
    """

    form = RightsForm
    list_display = ("email_or_id", "name", "status", "last_seen_at", "date_joined", "id")
    list_filter = (StatusFilter, "is_staff", "date_joined", "last_seen_at")
    # Not by last_seen_at: the many users with NULL would come first, and would all be sorted.
    sortable_by = ("date_joined",)
    hidden = ("password",)
    search_fields = ("id",)  # shows the search box; get_search_results does the search
    search_help_text = "An exact id, or the beginning of an e-mail address"
    ordering = ("-date_joined", "-id")
    known = ("id", "email", "name", "status", "sign_in_method", "date_joined", "last_seen_at")
    rights = ("is_staff", "is_superuser", "groups")
    readonly_fields = known
    filter_horizontal = ("groups",)

    @admin.display(description="user")
    def email_or_id(self, user: User) -> str:
        return user.email or user.pk

    @admin.display
    def status(self, user: User) -> str:
        if user.erased_at:
            return "Erased"
        return "Active" if user.is_active else "Suspended"

    @admin.display(description="sign-in method")
    def sign_in_method(self, user: User) -> str:
        if user.erased_at:
            return "None (erased)"
        return "Password" if user.has_usable_password() else "External token, no password"

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        term = search_term.strip()
        return queryset.matching(term) if term else queryset, False

    # --- Rights -----------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        erased = isinstance(obj, User) and obj.erased_at is not None
        return bool(request.user.is_superuser) and not erased

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        reason = ("reason",) if self.has_change_permission(request, obj) else ()
        return (
            (None, {"fields": self.known}),
            ("Rights in the admin", {"classes": ("collapse",), "fields": (*self.rights, *reason)}),
        )

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.own = obj is not None and obj.pk == request.user.pk
        return form

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Saves only the changed rights: a request may have changed other columns meanwhile."""
        obj.save(update_fields=set(form.changed_data) & {"is_staff", "is_superuser"})

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        return rights_message(form.cleaned_data)

    # --- Actions ----------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(action_view)
        return [path("act/<str:name>/", view, name="accounts_user_act"), *super().get_urls()]

    def get_actions(self, request: HttpRequest, action_location: Any = None) -> Any:
        """Returns the actions that the operator has permission for.

        The page of one user has buttons for them instead. action_location: new in Django 6.1.
        """
        if IS_POPUP_VAR in request.GET or getattr(action_location, "name", "") == "CHANGE_FORM":
            return {}
        return {
            action.name: (list_action(action), action.name, action.name.capitalize())
            for action in permitted(request)
        }

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Adds buttons for the actions that would have an effect, and the latest log entries."""
        user: User = kwargs["obj"]
        content_type = ContentType.objects.get_for_model(User)
        entries = LogEntry.objects.filter(content_type=content_type, object_id=user.pk)
        context["show_save_and_continue"] = False
        context["user_actions"] = [
            action for action in permitted(request) if not action.skip_reason(user, request.user)
        ]
        context["log"] = entries.select_related("user").order_by("-action_time")[:LOG_ENTRIES]
        return super().render_change_form(request, context, *args, **kwargs)


def permitted(request: HttpRequest) -> list[Action]:
    return [action for action in ACTIONS.values() if request.user.has_perm(action.permission)]


def list_action(action: Action) -> Any:
    """Returns the list's version of the action: it shows the confirmation page.

    It counts the users again: "Select all" may select more than the page showed.
    """

    def run(model_admin: UserAdmin, request: HttpRequest, users: QuerySet[User]) -> Any:
        ids = list(users.values_list("pk", flat=True)[: action.max_users + 1])
        if len(ids) <= action.max_users:
            return confirmation(request, action, ids, back=request.get_full_path())
        text = f"{action.name.capitalize()}: at most {action.max_users} users at once."
        model_admin.message_user(request, f"{text} Nothing was done.", messages.ERROR)
        return None

    return run
