"""The admin's confirmation page of an operator action: the affected users, and those skipped."""

from collections import Counter
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
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import personal_data
from accounts.actions import (
    ACTIONS,
    ERASE,
    EXPORT,
    SUSPEND,
    Action,
    ActionForm,
    exported,
    file_name,
    owned_counts,
)
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
    title = f"{action.name.capitalize()} {_counted(len(users))}"
    context = {
        **admin.site.each_context(request),
        "title": title,
        "button": title + _their_tasks(owned),
        "is_dangerous": action is ERASE,
        "opts": User._meta,
        "action": action,
        "users": users,
        "listed": users[:MAX_LISTED],
        "unlisted": len(users[MAX_LISTED:]),
        "skipped": dict(skipped),
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
        return _download(request, users, form.cleaned_data["reason"])
    number = _run(request, action, users, form.cleaned_data["reason"])
    messages.success(request, f"{action.done}: {_counted(number)}")
    return HttpResponseRedirect(back)


def _sorted(action: Action, ids: list[str], operator: Any) -> tuple[list[User], Counter[str]]:
    """Returns the users that the action affects, and counts those skipped by reason. One query."""
    users, skipped = [], Counter[str]()
    for user in User.objects.filter(pk__in=ids).order_by("-date_joined", "-pk"):
        if reason := action.skip_reason(user, operator):
            skipped[reason] += 1
        else:
            users.append(user)
    return users, skipped


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


def _download(request: HttpRequest, users: list[User], reason: str) -> StreamingHttpResponse:
    record(request, users, EXPORT.done, reason)
    name = file_name(users, timezone.localdate())
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(exported(users), content_type="application/jsonl", headers=headers)


def _counted(number: int) -> str:
    return f"{number} user{'' if number == 1 else 's'}"


def _their_tasks(owned: dict[str, int]) -> str:
    """Returns " and their 12 tasks", or nothing without tasks."""
    named = (f" and their {owned[kind]:,} {kind}" for kind in ("task", "tasks") if kind in owned)
    return next(named, "")


def _page(ids: list[str]) -> str:
    """Returns the URL of the user's page if there is one id, else of the list."""
    if len(ids) == 1:
        return reverse("admin:accounts_user_change", args=[quote(ids[0])])
    return reverse("admin:accounts_user_changelist")
