"""The URLs of the service. Every path works with and without its final slash; none redirects."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from accounts.urls import auth_urls
from operations.admin import help_page
from tasks.urls import change_urls, task_urls
from todo_api import errors, health
from todo_api.calendar_feed import CalendarFeedView, CalendarView
from todo_api.discovery import ROOT, WELL_KNOWN, ProtectedResourceView
from todo_api.export import ExportView
from todo_api.mcp.views import McpView
from todo_api.web.admin import log_in
from todo_api.web.openapi.views import DocsView, SchemaView

tasks = include("tasks.urls")
discovery = ProtectedResourceView.as_view()


def mounted(prefix: str) -> list[Any]:
    """Returns the URL patterns of accounts, the export, the calendar, sync and batch below a
    prefix.
    """
    of_me = [
        re_path(rf"^{prefix}{me}/{name}/?$", view.as_view())
        for me in ("me", "auth/me", "users/me")
        for name, view in (("export", ExportView), ("calendar", CalendarView))
    ]
    feed = re_path(rf"^{prefix}calendar/(?P<secret>[^/]+)\.ics/?$", CalendarFeedView.as_view())
    return [path(prefix, include("accounts.urls")), *of_me, feed, *change_urls(prefix)]


urlpatterns = [
    # First, because most requests are about tasks. Without include(), which would cost each of them
    # one more match.
    *task_urls("api/"),
    path(settings.ADMIN_PATH, RedirectView.as_view(pattern_name="admin:index")),
    path(f"{settings.ADMIN_PATH}/login/", log_in),
    path(f"{settings.ADMIN_PATH}/help/", admin.site.admin_view(help_page), name="admin_help"),
    path(f"{settings.ADMIN_PATH}/", admin.site.urls),
    re_path(r"^health/?$", health.HealthView.as_view()),
    re_path(r"^api/health/?$", health.HealthView.as_view()),
    re_path(r"^healthz/?$", health.AliveView.as_view()),
    re_path(r"^readyz/?$", health.ReadyView.as_view()),
    re_path(r"^api/schema/?$", SchemaView.as_view(), name="schema"),
    re_path(r"^api/docs/?$", DocsView.as_view(), name="docs"),
    *(re_path(rf"^{address[1:]}/?$", discovery) for address in (ROOT, WELL_KNOWN)),
    path("", include("operations.urls")),
    # Before the mounts whose first segment is a user id.
    re_path(r"^api/mcp/?$", McpView.as_view()),
    *mounted("api/"),
    *mounted("api/v1/"),
    path("api/v1/", tasks),
    path("api/users/<str:user_id>/", tasks),
    path("api/<str:user_id>/", tasks),
]
if settings.API_AUTH_PREFIX:
    urlpatterns.append(path(f"{settings.API_AUTH_PREFIX}/", include(auth_urls)))
urlpatterns.append(re_path(r"", errors.not_found))

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
