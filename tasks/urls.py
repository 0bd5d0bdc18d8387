from typing import Any

from django.urls import re_path
from rest_framework.routers import SimpleRouter

from tasks.batch import BatchViewSet
from tasks.sync import SyncViewSet
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
    return [
        re_path(rf"^{prefix}sync/?$", SyncViewSet.as_view({"get": "sync"})),
        re_path(rf"^{prefix}batch/?$", BatchViewSet.as_view({"post": "batch"})),
    ]


urlpatterns = task_urls("")
