from django.apps import AppConfig


class TodoApiConfig(AppConfig):
    name = "todo_api"
    verbose_name = "Todo API"
