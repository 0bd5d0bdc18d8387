"""In place of Django's command, which would look among people who have no password as well."""

import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.core.management.base import BaseCommand, CommandParser

from accounts.models import User


class Command(BaseCommand):
    help = (
        "Asks for a new password of the account that signs in with this e-mail (an operator's, or "
        "one of own sign-up), and sets it. Signed-in browsers of theirs are signed out; tokens "
        "stay valid until they expire. People whose identity comes from a token have no password "
        "and get none. Everything else about the account is left as it is."
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
            raise CommandError("The two are not the same; nothing was changed")
        try:
            validate_password(password, user)
        except ValidationError as exc:
            raise CommandError(" ".join(exc.messages)) from exc
        user.set_password(password)
        user.save(update_fields=["password"])
        self.stdout.write(f"Password of {user.pk} changed")
