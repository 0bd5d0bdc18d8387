from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "tasks"

    def ready(self) -> None:
        import tasks.schema  # noqa: F401  (the schema generator finds it by being imported)
