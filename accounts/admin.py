"""Operators' view of people. Identity comes from tokens and is never edited here."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from accounts.acts import ACTS, Act
from accounts.confirmation import act_view, confirmation
from accounts.models import User
from accounts.rights import RightsForm, rights_of_person
from todo_api.web.admin import BoundedAdmin

NEWEST = 10


class StandingFilter(admin.SimpleListFilter):
    """As the list names it. The two rare ones have an index of their own."""

    title = parameter_name = "standing"

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
class PersonAdmin(BoundedAdmin):
    """Find, understand, act. People sign up elsewhere; operators come from createsuperuser.

    Not Django's UserAdmin: its page for setting passwords would give one to people whose identity
    comes from a token. Nobody is deleted: a token that is still good would make them anew, so they
    are erased, which leaves a tombstone.
    """

    form = RightsForm
    list_display = ("known_as", "name", "standing", "last_seen_at", "date_joined", "id")
    list_filter = (StandingFilter, "is_staff", "date_joined", "last_seen_at")
    # Not by last_seen_at: those never seen come first, and would be sorted in their mass.
    sortable_by = ("date_joined",)
    hidden = ("password",)
    search_fields = ("id",)  # for the box to be there; see get_search_results
    search_help_text = "A whole id, or the beginning of an e-mail"
    ordering = ("-date_joined", "-id")
    known = ("id", "email", "name", "standing", "signs_in", "date_joined", "last_seen_at")
    rights = ("is_staff", "is_superuser", "groups")
    readonly_fields = known
    filter_horizontal = ("groups",)

    @admin.display(description="person")
    def known_as(self, user: User) -> str:
        return user.email or user.pk

    @admin.display
    def standing(self, user: User) -> str:
        if user.erased_at:
            return "Erased"
        return "Active" if user.is_active else "Suspended"

    @admin.display
    def signs_in(self, user: User) -> str:
        if user.erased_at:
            return "no more"
        return "with a password" if user.has_usable_password() else "elsewhere, with a token"

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
        """Only what was changed: the person may be using the service at this moment."""
        obj.save(update_fields=set(form.changed_data) & {"is_staff", "is_superuser"})

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        return rights_of_person(form.cleaned_data)

    # --- Acts -------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        act = self.admin_site.admin_view(act_view)
        return [path("act/<str:name>/", act, name="accounts_user_act"), *super().get_urls()]

    def get_actions(self, request: HttpRequest) -> Any:
        """The acts this operator may do to the people selected."""
        if IS_POPUP_VAR in request.GET:
            return {}
        return {
            act.name: (choose(act), act.name, act.name.capitalize()) for act in allowed(request)
        }

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With the buttons of the acts that would do something, and what operators did last."""
        person: User = kwargs["obj"]
        about = ContentType.objects.get_for_model(User)
        done = LogEntry.objects.filter(content_type=about, object_id=person.pk).select_related(
            "user"
        )
        context["show_save_and_continue"] = False
        context["acts"] = [act for act in allowed(request) if not act.why_not(person, request.user)]
        context["log"] = done.order_by("-action_time")[:NEWEST]
        return super().render_change_form(request, context, *args, **kwargs)


def allowed(request: HttpRequest) -> list[Act]:
    return [act for act in ACTS.values() if request.user.has_perm(act.permission)]


def choose(act: Act) -> Any:
    """The list's action: it asks for confirmation. "Select all" may mean more than was counted."""

    def action(model_admin: PersonAdmin, request: HttpRequest, users: QuerySet[User]) -> Any:
        ids = list(users.values_list("pk", flat=True)[: act.at_most + 1])
        if len(ids) <= act.at_most:
            return confirmation(request, act, ids, back=request.get_full_path())
        text = f"{act.name.capitalize()}: at most {act.at_most} people at once. Nothing was done."
        model_admin.message_user(request, text, messages.ERROR)
        return None

    return action
