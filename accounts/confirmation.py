"""The admin's confirmation page of an operator action: the affected users, and those skipped."""

from collections import defaultdict
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import personal_data
from accounts.actions import (
    ACTIONS,
    ERASE,
    EXPORT,
    SUSPEND,
    Action,
    ActionForm,
    owned_counts,
)
from accounts.downloads import DOWNLOAD, downloaded, exported_page
from accounts.models import User
from todo_api.web.admin import record

MAX_LISTED = 20


def confirmation(
    request: HttpRequest, action: Action, ids: list[str], back: str, form: ActionForm | None = None
) -> HttpResponse:
    """Returns the page that lists the users that the action will affect.

    The form submits exactly these ids: the action cannot affect more users than were confirmed.
    """
    users, skipped = _sorted(action, ids, request.user)
    owned = owned_counts(users) if action is ERASE else {}
    title = f"{action.name.capitalize()} {_named(users)}"
    context = {
        **admin.site.each_context(request),
        "title": title if users else f"No user to {action.name}",
        "button": title + _their_tasks(owned, len(users)),
        "explanation": action.explanation.format(
            users="this user" if len(users) == 1 else "these users"
        ),
        "is_dangerous": action is ERASE,
        "opts": User._meta,
        "action": action,
        "users": users,
        "listed": users[:MAX_LISTED],
        "unlisted": len(users[MAX_LISTED:]),
        "skipped": skipped,
        "owned": [f"{number:,} {kind}" for kind, number in owned.items()],
        "form": form or ActionForm(None, action, len(users)),
        "back": back,
    }
    return TemplateResponse(request, "admin/accounts/user/action.html", context)


def action_view(request: HttpRequest, name: str) -> HttpResponseBase:
    """Returns the confirmation page on GET; on POST, runs the action on each user whose id is a
    `person` value of the form.
    """
    action = ACTIONS.get(name)
    if action is None:
        raise Http404("No such action")
    if not request.user.has_perm(action.permission):
        raise PermissionDenied
    if action is EXPORT and DOWNLOAD in request.GET:
        return downloaded(request)
    values = request.POST if request.method == "POST" else request.GET
    ids = [id for id in values.getlist("person")[: action.max_users] if id]
    back = values.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = _page(ids)
    users, _ = _sorted(action, ids, request.user)
    form = ActionForm(request.POST if request.method == "POST" else None, action, len(users))
    if not users or not form.is_valid():
        return confirmation(request, action, ids, back, form)
    if action is EXPORT:
        record(request, users, action.done, form.cleaned_data["reason"])
        return exported_page(request, users, f"{action.done} {_named(users)}", back)
    number = _run(request, action, users, form.cleaned_data["reason"])
    messages.success(request, f"{action.done}: {_counted(number)}")
    return HttpResponseRedirect(back)


def _sorted(
    action: Action, ids: list[str], operator: Any
) -> tuple[list[User], dict[str, list[User]]]:
    """Returns the users that the action affects, and those that it skips by reason. One query, and
    a few for each erased user.
    """
    users: list[User] = []
    skipped: dict[str, list[User]] = defaultdict(list)
    for user in User.objects.filter(pk__in=ids).order_by("-date_joined", "-pk"):
        reason = action.skip_reason(user, operator)
        (skipped[reason] if reason else users).append(user)
    return users, dict(skipped)


def _run(request: HttpRequest, action: Action, users: list[User], reason: str) -> int:
    """Runs the action and records it in the admin log. Returns the number of users affected."""
    if action is ERASE:
        for user in users:
            # The log entry comes first: an interrupted erasure must have one.
            record(request, [user], action.done, reason)
            personal_data.erase(user)
        return len(users)
    chosen = User.objects.filter(pk__in=[user.pk for user in users])
    with transaction.atomic():
        record(request, users, action.done, reason)
        return chosen.suspend() if action is SUSPEND else chosen.reactivate()


def _counted(number: int) -> str:
    return f"{number} user{'' if number == 1 else 's'}"


def _named(users: list[User]) -> str:
    """Returns the name or e-mail of one user, else "3 users"."""
    named = users[0].name or users[0].email if len(users) == 1 else ""
    return named or _counted(len(users))


def _their_tasks(owned: dict[str, int], users: int) -> str:
    """Returns " and 12 tasks", of several users " and their 12 tasks", or nothing without tasks."""
    of_users = "" if users == 1 else "their "
    named = (
        f" and {of_users}{owned[kind]:,} {kind}" for kind in ("task", "tasks") if kind in owned
    )
    return next(named, "")


def _page(ids: list[str]) -> str:
    """Returns the URL of the user's page if there is one id, else of the list."""
    if len(ids) == 1:
        return reverse("admin:accounts_user_change", args=[quote(ids[0])])
    return reverse("admin:accounts_user_changelist")
