from django.apps import AppConfig


class TodoApiConfig(AppConfig):
    name = "todo_api"
    verbose_name = "Todo API"

    def ready(self) -> None:
        import todo_api.checks  # noqa: F401  (checks register themselves)
