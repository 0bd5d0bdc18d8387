from typing import Any

from rest_framework.routers import SimpleRouter

from tasks.views import TaskViewSet


def task_urls(prefix: str) -> list[Any]:
    """Returns the URL patterns of tasks under `prefix`. Each matches with and without a trailing
    slash, so that no request is redirected.
    """
    router = SimpleRouter()
    router.trailing_slash = "/?"
    router.register(f"{prefix}tasks", TaskViewSet, basename="task")
    return router.urls


urlpatterns = task_urls("")
