from django.apps import AppConfig
from django.conf import settings
from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries


class TodoApiConfig(AppConfig):
    name = "todo_api"
    verbose_name = "Todo API"

    def ready(self) -> None:
        import todo_api.checks  # noqa: F401  (checks register themselves)

        # These signal handlers cost time in every request and have no effect here: there is no
        # cache and one URLconf, and todo_api.middleware closes old connections. The list of queries
        # is only kept in DEBUG.
        for unused in close_caches, reset_urlconf, close_old_connections:
            request_finished.disconnect(unused)
        request_started.disconnect(close_old_connections)
        if not settings.DEBUG:
            request_started.disconnect(reset_queries)
