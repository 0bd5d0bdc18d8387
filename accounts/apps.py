from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Users"

    def ready(self) -> None:
        import accounts.schema  # noqa: F401  (drf-spectacular finds the class once it is imported)
