"""Prints a token of a user, for manual API requests and scripts."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.own_tokens import mint
from accounts.sources import sign_in_addresses


class Command(BaseCommand):
    help = (
        "Prints a token for a user, valid for JWT_EXPIRATION_HOURS, and nothing else. Changes "
        "nothing. Works only if BETTER_AUTH_TOKENS contains hs256: otherwise only Better Auth "
        "signs tokens."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="The user's exact id (list_users and the admin show it)")

    def handle(self, *args: Any, user: str, **options: Any) -> None:
        if "hs256" not in settings.BETTER_AUTH_TOKENS:
            raise CommandError(
                "This deployment accepts only tokens of Better Auth, and has no key to sign one. "
                f"Sign in at {sign_in_addresses()} and call authClient.token() there; or set "
                "BETTER_AUTH_SECRET and BETTER_AUTH_TOKENS=jwks,hs256"
            )
        found = User.objects.filter(pk=user).first()
        if found is None:
            raise CommandError(
                f"No user has the id {user!a}. The first request or the sign-up creates a user; "
                "ids are compared exactly, and an e-mail is not an id"
            )
        if not found.is_active:
            raise CommandError(
                f"{user!a} is suspended: a token would be refused. Reactivate the user first"
            )
        self.stdout.write(mint(found))
