"""The admin's pages of users. Identity comes from tokens and cannot be edited here."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import SEARCH_VAR
from django.contrib.contenttypes.models import ContentType
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from accounts.actions import ACTIONS, ERASE, Action
from accounts.confirmation import action_view, confirmation
from accounts.models import User
from accounts.rights import CHECKBOXES, RightsForm, rights_message
from todo_api.web.admin import BoundedAdmin, UtcDateFilter

LOG_ENTRIES = 10
ID_LENGTH = 12  # in the list; most ids are longer than its other columns


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
    list_display = ("user", "status", "last_seen_at", "date_joined", "short_id")
    list_filter = (
        StatusFilter,
        "is_staff",
        ("date_joined", UtcDateFilter),
        ("last_seen_at", UtcDateFilter),
    )
    hidden = ("password",)
    search_fields = ("id",)  # shows the search box; get_search_results does the search
    search_help_text = (
        "Words of a name or their beginnings, or the beginning of an e-mail address or, from 8"
        " characters, of an id"
    )
    ordering = ("-date_joined", "-id")
    known = ("name", "email", "id", "status", "sign_in_method", "date_joined", "last_seen_at")
    rights = ("is_staff", "is_superuser", "groups")
    readonly_fields = (*known, "erased_at")
    formfield_overrides = CHECKBOXES

    @admin.display
    def user(self, user: User) -> str | SafeString:
        if user.name and user.email:
            return format_html('{} <span class="below">{}</span>', user.name, user.email)
        return user.label()

    @admin.display(description="id")
    def short_id(self, user: User) -> SafeString:
        short = Truncator(user.pk).chars(ID_LENGTH)
        return format_html('<span title="{}">{}</span>', user.pk, short)

    @admin.display
    def status(self, user: User) -> SafeString:
        name = "Active" if user.is_active else "Erased" if user.erased_at else "Suspended"
        return format_html('<span class="badge {}">{}</span>', name.lower(), name)

    @admin.display(description="sign-in method")
    def sign_in_method(self, user: User) -> str:
        if user.erased_at:
            return "None (erased)"
        return "Password" if user.has_usable_password() else "External token, no password"

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        """Returns the default order. In a search, it is by an expression, which has no index:
        PostgreSQL expects many users with any beginning of a name, and would look for them in the
        index of `date_joined`, which may read all users.
        """
        if self.is_search(request):
            return ((F("date_joined") + timedelta()).desc(), "-id")
        return tuple(super().get_ordering(request))

    def get_sortable_by(self, request: HttpRequest) -> tuple[str, ...]:
        # Not by last_seen_at: the many users with NULL would come first, and would all be sorted.
        return () if self.is_search(request) else ("date_joined",)

    @staticmethod
    def is_search(request: HttpRequest) -> bool:
        return bool(request.GET.get(SEARCH_VAR, "").strip())

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        term = search_term.strip().rstrip("…")  # of a shortened id
        return queryset.matching(term) if term else queryset, False

    # --- Rights -----------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        erased = isinstance(obj, User) and obj.erased_at is not None
        return bool(request.user.is_superuser) and not erased

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        reason = ("reason",) if self.has_change_permission(request, obj) else ()
        erased = ("erased_at",) if obj and obj.erased_at else ()
        return (
            (None, {"fields": (*self.known, *erased)}),
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

    def get_action_choices(
        self, request: HttpRequest, *args: Any, action_location: Any = None, **kwargs: Any
    ) -> list[Any]:
        """Returns the actions, with the erasure in a group of its own.

        action_location: new in Django 6.1, which passes it always.
        """
        if action_location is not None:
            kwargs["action_location"] = action_location
        choices: list[Any] = super().get_action_choices(request, *args, **kwargs)
        erasures = [choice for choice in choices if choice[0] == ERASE.name]
        others = [choice for choice in choices if choice not in erasures]
        return [*others, ("Cannot be undone", erasures)] if erasures else others

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        user = self.get_object(request, unquote(object_id))
        context: dict[str, Any] = {}
        if user:
            context = {"title": f"History: {user.heading()}", "name": user.heading()}
        return super().history_view(request, object_id, context | (extra_context or {}))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Adds the name, buttons for the actions that would have an effect, and the latest log
        entries.
        """
        user: User = kwargs["obj"]
        content_type = ContentType.objects.get_for_model(User)
        entries = LogEntry.objects.filter(content_type=content_type, object_id=user.pk)
        context["show_save_and_continue"] = False
        context["title"], context["subtitle"] = user.heading(), user.pk
        context["user_actions"] = [
            action for action in permitted(request) if not action.skip_reason(user, request.user)
        ]
        if self.may_read_history(request):
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
