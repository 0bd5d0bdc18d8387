from django.apps import AppConfig
from django.conf import settings
from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.db import reset_queries


class TodoApiConfig(AppConfig):
    name = "todo_api"
    verbose_name = "Todo API"

    def ready(self) -> None:
        import todo_api.checks  # noqa: F401  (checks register themselves)

        # Each request would pay for what nobody uses: there is no cache, and the list of queries
        # is for people who look at their own requests.
        request_finished.disconnect(close_caches)
        if not settings.DEBUG:
            request_started.disconnect(reset_queries)
