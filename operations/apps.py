from django.apps import AppConfig
from django.core.signals import request_finished


class OperationsConfig(AppConfig):
    name = "operations"

    def ready(self) -> None:
        from operations.traffic import figures

        # Sent by the server when the whole answer is on its way.
        request_finished.connect(figures.write_if_due)
