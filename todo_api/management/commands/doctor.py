"""Checks a deployment, or explains why a token is accepted or refused."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError

from accounts.keys import KeysUnavailable
from accounts.models import User
from accounts.token_hints import hint_for, source_of
from accounts.token_text import CHECKS, MAX_TOKEN_CHARACTERS, Refused, header_of, read_header
from accounts.tokens import verifier
from todo_api.maintenance.doctor import examine
from todo_api.maintenance.doctor.finding import ERROR, OK, WARNING, Finding, Findings
from todo_api.web.scopes import SCOPES


class Command(BaseCommand):
    help = (
        "Checks settings, browser origins, key sets, database and migrations. Prints a line for "
        "each with ok, warning or error, and a hint. With --token it explains one token instead. "
        "Changes nothing and shows no secret. The exit status is 1 if there is an error."
    )
    requires_system_checks = ()  # doctor runs them itself
    stealth_options = ("stdin",)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--token", metavar="-", help="Explain the token on standard input")

    def handle(self, *args: Any, token: str | None, **options: Any) -> None:
        if token not in {None, "-"}:
            raise CommandError(
                "A token in a command line stays in the shell's history. Change it to --token - "
                "and give the token on standard input"
            )
        stdin = options.get("stdin", sys.stdin.buffer)
        findings = explain(token_in(stdin.read(2 * MAX_TOKEN_CHARACTERS))) if token else examine()
        levels = []
        for finding in findings:
            levels.append(finding.level)
            hint = f" -> {finding.hint}" if finding.hint else ""
            self.stdout.write(f"{finding.level:<9}{finding.about:<13}{finding.text}{hint}".rstrip())
            self.stdout.flush()
        summary = f"{levels.count(ERROR)} errors, {levels.count(WARNING)} warnings"
        if ERROR in levels:
            raise CommandError(summary)
        self.stdout.write(summary)


def token_in(header: bytes) -> str:
    """Returns the token of an Authorization header, or of the token alone."""
    words = header.decode("latin-1").split()
    return words[-1] if words else ""


def explain(token: str) -> Findings:
    """Yields a finding per check of accounts.tokens.CHECKS, up to the first failure."""
    try:
        claims = verifier().verify(token)
    except Refused as exc:
        yield from passed(token, CHECKS[: CHECKS.index(exc.check)])
        came = f", came {exc.came}" if exc.came else ""
        yield Finding(ERROR, exc.check, f"expected {exc.expected}{came}", hint_for(exc, token))
        yield Finding(ERROR, "refused", f"401 {exc.code}")
    except KeysUnavailable:
        yield from passed(token, CHECKS[: CHECKS.index("key")])
        source = source_of(token)
        address = source.variable("jwks") if source else ""
        hint = f"manage.py doctor shows the reason; check {address}"
        yield Finding(ERROR, "key", "no key is known: the key server is unreachable", hint)
        yield Finding(ERROR, "refused", "503 unavailable")
    else:
        yield from passed(token, CHECKS)
        if claims.scopes is not None:
            text = "issued to a client (scope, azp or client_id); "
            if claims.scopes:
                text += f"its scopes: {', '.join(sorted(claims.scopes))}"
                yield Finding(OK, "scopes", text)
                yield user_finding(claims.user_id)
            else:
                hint = f"the scopes are {', '.join(sorted(SCOPES))}"
                yield Finding(ERROR, "scopes", f"{text}no known scope: 403 everywhere", hint)
        else:
            yield user_finding(claims.user_id)


def passed(token: str, checks: tuple[str, ...]) -> Findings:
    source = source_of(token)
    issuer, audience = settings.BETTER_AUTH_ISSUER, settings.BETTER_AUTH_AUDIENCE
    values = {"source": "BETTER_AUTH_SECRET"}
    if source:
        issuer, audience = source.issuer, " or ".join(source.audiences)
        values["source"] = f"{issuer} ({source.entry or 'BETTER_AUTH_URL'})"
    values["issuer"] = issuer or "not checked: BETTER_AUTH_ISSUER is empty"
    values["audience"] = audience or "not checked: BETTER_AUTH_AUDIENCE is empty"
    if "algorithm" in checks:
        values["algorithm"], kid = read_header(header_of(token))
        # The key id of an HS256 token is not used.
        values["key id"] = "" if values["algorithm"] == "HS256" else f"{kid!a}"
    for check in checks:
        yield Finding(OK, check, values.get(check, ""))


def user_finding(user_id: str) -> Finding:
    """Returns the status of the user of a valid token."""
    try:
        found = User.objects.filter(pk=user_id).first()
    except (DatabaseError, InterfaceError):
        return Finding(WARNING, "accepted", f"{user_id!a}; the database did not respond")
    if found is None:
        return Finding(OK, "accepted", f"{user_id!a} is created with the first request")
    if not found.is_active:
        return Finding(ERROR, "accepted", f"but {user_id!a} is suspended: 403 account_suspended")
    return Finding(OK, "accepted", f"{user_id!a} exists")
