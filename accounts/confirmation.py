"""The page between an operator's choice and the act: how many people, who not, and why."""

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
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import personal_data
from accounts.acts import ACTS, ERASE, EXPORT, SUSPEND, Act, ActForm, belongings, exported
from accounts.models import User
from todo_api.web.admin import record

NAMED = 20


def confirmation(
    request: HttpRequest, act: Act, ids: list[str], back: str, form: ActForm | None = None
) -> HttpResponse:
    """Names the people whom the act will touch. The form brings back exactly these, so that the
    number that was confirmed is the number that is acted on.
    """
    users, left_alone = _sorted(act, ids, request.user)
    context = {
        **admin.site.each_context(request),
        "title": f"{act.name.capitalize()} {_counted(len(users))}",
        "opts": User._meta,
        "act": act,
        "people": users,
        "named": users[:NAMED],
        "unnamed": len(users[NAMED:]),
        "left_alone": dict(left_alone),
        "belongings": belongings(users) if act is ERASE else {},
        "form": form or ActForm(None, act, len(users)),
        "back": back,
    }
    return TemplateResponse(request, "admin/accounts/user/act.html", context)


def act_view(request: HttpRequest, name: str) -> HttpResponseBase:
    """GET asks, POST acts: on each `person` of the query or the form."""
    act = ACTS.get(name)
    if act is None:
        raise Http404("No such act")
    if not request.user.has_perm(act.permission):
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else request.GET
    ids = [id for id in sent.getlist("person")[: act.at_most] if "\0" not in id]
    back = sent.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = _page(ids)
    users, _ = _sorted(act, ids, request.user)
    form = ActForm(request.POST if request.method == "POST" else None, act, len(users))
    if not users or not form.is_valid():
        return confirmation(request, act, ids, back, form)
    if act is EXPORT:
        return _download(request, users, form.cleaned_data["reason"])
    number = _done(request, act, users, form.cleaned_data["reason"])
    messages.success(request, f"{act.done}: {_counted(number)}")
    return HttpResponseRedirect(back)


def _sorted(act: Act, ids: list[str], operator: Any) -> tuple[list[User], Counter[str]]:
    """Whom the act will touch, and how many it leaves alone for which reason. One query."""
    users, left_alone = [], Counter[str]()
    for user in User.objects.filter(pk__in=ids).order_by("-date_joined", "-pk"):
        if reason := act.why_not(user, operator):
            left_alone[reason] += 1
        else:
            users.append(user)
    return users, left_alone


def _done(request: HttpRequest, act: Act, users: list[User], reason: str) -> int:
    """Acts, and keeps who did it. Returns how many people it touched."""
    if act is ERASE:
        for user in users:
            # First: an erasure that is stopped in between must not be one that nobody ordered.
            record(request, [user], act.done, reason)
            personal_data.erase(user)
        return len(users)
    chosen = User.objects.filter(pk__in=[user.pk for user in users])
    with transaction.atomic():
        record(request, users, act.done, reason)
        return chosen.suspend() if act is SUSPEND else chosen.reactivate()


def _download(request: HttpRequest, users: list[User], reason: str) -> StreamingHttpResponse:
    record(request, users, EXPORT.done, reason)
    headers = {"Content-Disposition": 'attachment; filename="export.jsonl"'}
    return StreamingHttpResponse(exported(users), content_type="application/jsonl", headers=headers)


def _counted(number: int) -> str:
    return f"{number} {'person' if number == 1 else 'people'}"


def _page(ids: list[str]) -> str:
    """Where to go back to: the person's page, or the list."""
    if len(ids) == 1:
        return reverse("admin:accounts_user_change", args=[quote(ids[0])])
    return reverse("admin:accounts_user_changelist")
