from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "tasks"

    def ready(self) -> None:
        import tasks.schema  # noqa: F401  (the import registers its drf-spectacular extensions)
