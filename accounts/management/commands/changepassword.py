"""Replaces Django's command, which would also find users without a password."""

import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.core.management.base import BaseCommand, CommandParser

from accounts.models import User


class Command(BaseCommand):
    help = (
        "Asks for a new password of the account that signs in with this e-mail (an operator, or an "
        "account from own sign-up), and sets it. Its browser sessions end; its tokens stay valid "
        "until they expire. Users who sign in with external tokens have no password and get none. "
        "Nothing else about the account changes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            user = User.objects.get_by_natural_key(email)
        except User.DoesNotExist as exc:
            raise CommandError("No account with a password has this e-mail") from exc
        password = getpass.getpass("New password: ")
        if password != getpass.getpass("Again: "):
            raise CommandError("The passwords do not match; nothing was changed")
        try:
            validate_password(password, user)
        except ValidationError as exc:
            raise CommandError(" ".join(exc.messages)) from exc
        user.set_password(password)
        user.save(update_fields=["password"])
        self.stdout.write(f"Password of {user.pk} changed")
