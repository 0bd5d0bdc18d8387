from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        import accounts.schema  # noqa: F401  (the schema generator finds it by being imported)
