"""The download of an export: a page that says what was exported starts it.

The page comes first because a response with a file leaves the form in the browser, as if nothing
had happened.
"""

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.actions import exported, file_name
from accounts.models import User

DOWNLOAD = "download"  # the parameter of the address of the file
SESSION_KEY = "exported_users"


def exported_page(request: HttpRequest, users: list[User], title: str, back: str) -> HttpResponse:
    """Returns a page that downloads the file, once. The export must have been recorded."""
    request.session[SESSION_KEY] = [user.pk for user in users]
    context = {
        **admin.site.each_context(request),
        "title": title,
        "opts": User._meta,
        "file": f"{request.path}?{DOWNLOAD}=1",
        "back": back,
    }
    return TemplateResponse(request, "admin/accounts/user/exported.html", context)


def downloaded(request: HttpRequest) -> StreamingHttpResponse:
    """Returns the file of the operator's last export, unless it was downloaded already."""
    ids = request.session.pop(SESSION_KEY, [])
    users = list(User.objects.filter(pk__in=ids).order_by("-date_joined", "-pk"))
    if not users:
        raise Http404("Nothing was exported")
    name = file_name(users, timezone.localdate())
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(exported(users), content_type="application/jsonl", headers=headers)
