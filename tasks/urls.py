from typing import Any

from django.urls import re_path
from rest_framework.routers import SimpleRouter

from tasks.batch import BatchViewSet
from tasks.imports import ImportView
from tasks.preview import PreviewView
from tasks.sync import SyncViewSet
from tasks.tags import TagViewSet
from tasks.views import TaskViewSet


def task_urls(prefix: str) -> list[Any]:
    """Returns the URL patterns of tasks under `prefix`. Each matches with and without a trailing
    slash, so that no request is redirected.
    """
    router = SimpleRouter()
    router.trailing_slash = "/?"
    router.register(f"{prefix}tasks", TaskViewSet, basename="task")
    return router.urls


def change_urls(prefix: str) -> list[Any]:
    """Returns the URL patterns under `prefix` of requests for many tasks."""
    tag: Any = {"patch": "rename", "delete": "remove"}
    return [
        re_path(rf"^{prefix}sync/?$", SyncViewSet.as_view({"get": "sync"})),
        re_path(rf"^{prefix}batch/?$", BatchViewSet.as_view({"post": "batch"})),
        re_path(rf"^{prefix}tags/?$", TagViewSet.as_view({"get": "tags"})),
        re_path(rf"^{prefix}import/?$", ImportView.as_view({"post": "import_tasks"})),
        # A tag may contain a slash.
        re_path(rf"^{prefix}tags/(?P<name>(?s:.+))$", TagViewSet.as_view(tag)),
        re_path(rf"^{prefix}repeat/preview/?$", PreviewView.as_view()),
    ]


urlpatterns = task_urls("")
