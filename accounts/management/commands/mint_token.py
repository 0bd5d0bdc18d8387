"""A token for a person, for trying the API by hand and for scripts."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.sessions import mint


class Command(BaseCommand):
    help = (
        "Prints a token for a person, good for JWT_EXPIRATION_HOURS, and nothing else. Changes "
        "nothing. Only where HS256 tokens are accepted: elsewhere Better Auth alone signs tokens."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="The person's id, exactly (the admin lists it)")

    def handle(self, *args: Any, user: str, **options: Any) -> None:
        if "hs256" not in settings.BETTER_AUTH_TOKENS:
            raise CommandError(
                "This deployment accepts Better Auth's tokens only, and has no key to sign one. "
                f"Sign in at {settings.BETTER_AUTH_URL} and call authClient.token() there; or set "
                "BETTER_AUTH_SECRET and BETTER_AUTH_TOKENS=jwks,hs256"
            )
        person = User.objects.filter(pk=user).first()
        if person is None:
            raise CommandError(
                f"Nobody has the id {user!a}. People appear with their first request or sign-up; "
                "ids are compared exactly, and an e-mail is not one"
            )
        if not person.is_active:
            raise CommandError(
                f"{user!a} is suspended: a token would be refused. Reactivate the person first"
            )
        self.stdout.write(mint(person))
