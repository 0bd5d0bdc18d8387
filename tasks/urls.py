from typing import Any

from rest_framework.routers import SimpleRouter

from tasks.views import TaskViewSet


def under(prefix: str) -> list[Any]:
    """The addresses of tasks. Patterns: each answers with and without its slash, and none
    redirects.
    """
    router = SimpleRouter()
    router.trailing_slash = "/?"
    router.register(f"{prefix}tasks", TaskViewSet, basename="task")
    return router.urls


urlpatterns = under("")
