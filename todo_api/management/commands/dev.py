"""Runs the service for development, with a database, a demo user and an operator."""

import os
import secrets
import signal
import socket
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts.models import User
from accounts.own_tokens import mint
from accounts.sources import sign_in_addresses
from tasks.models import Priority, Task
from todo_api import embedded

DEMO_ID = "demo"
OPERATOR_EMAIL = "operator@todo.test"
DEMO_TASKS: tuple[tuple[Any, ...], ...] = (
    # title, priority, due in days, at this time (UTC), completed, tags, recurrence rule
    ("Read the API docs", Priority.HIGH, 0, None, True, ["api"], ""),
    ("Copy the curl line and run it", Priority.URGENT, 0, None, True, ["api"], ""),
    ("Create a task of my own", Priority.HIGH, 1, None, False, ["api"], ""),
    ("Point the frontend at this address", Priority.HIGH, 2, time(9), False, ["frontend"], ""),
    ("Filter by priority=high", Priority.MEDIUM, 3, None, False, ["api"], ""),
    ("Search for a word", Priority.MEDIUM, 3, None, False, ["api", "frontend"], ""),
    ("Complete a task, then flip it back", Priority.MEDIUM, None, None, False, [], ""),
    ("Sort by due date", Priority.LOW, 5, None, False, ["api"], ""),
    ("Look at users and tasks in the admin", Priority.MEDIUM, 5, None, False, ["admin"], ""),
    ("Suspend the demo user and try again", Priority.LOW, None, None, False, ["admin"], ""),
    ("Water the plants", Priority.MEDIUM, 1, time(8, 30), False, ["home"], "FREQ=WEEKLY"),
    ("Pay the rent", Priority.HIGH, 7, None, False, ["home"], "FREQ=MONTHLY;BYMONTHDAY=-1"),
)


class Command(BaseCommand):
    help = (
        "Migrates, creates a demo user with twelve tasks and an operator for the admin, prints "
        "how to use them, and serves with reload. Needs DEBUG=on. Without DATABASE_URL it starts "
        "its own PostgreSQL with its data in .data/. The operator gets a new password at each "
        "start; everything else is created once and not changed afterwards."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=os.environ.get("PORT") or "8000")

    def handle(self, *args: Any, port: int, verbosity: int, **options: Any) -> None:
        # Background jobs of a shell ignore SIGINT: restore it, so that it stops the servers.
        # A closed terminal stops everything, too.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup sets it
            signal.signal(signal.SIGHUP, signal.default_int_handler)
        if not settings.DEBUG:
            raise CommandError(
                "dev creates accounts with known passwords: it runs with DEBUG=on only"
            )
        # The reloader runs this command again in a child process, which only serves.
        if os.environ.get("RUN_MAIN") != "true":
            require_free_port(port, "PORT", "make run")
            if settings.EMBEDDED:
                # The child uses the PostgreSQL of this process, which stops with this process.
                os.environ["DATABASE_URL"] = embedded.start(settings.DATA_DIR / "postgres")
            call_command("migrate", verbosity=0)
            self.print_usage(port)
        call_command("runserver", f"127.0.0.1:{port}", verbosity=0, skip_checks=True)

    def print_usage(self, port: int) -> None:
        address = f"http://localhost:{port}"
        user = demo_user()
        lines = [f"Todo API  {address}/api/tasks", f"Docs      {address}/api/docs"]
        admin = f"{address}/{settings.ADMIN_PATH}/"
        lines.append(f"Admin     {admin}  {OPERATOR_EMAIL}  {operator_password()}")
        if settings.LOCAL_ACCOUNTS or "hs256" in settings.BETTER_AUTH_TOKENS:
            token = mint(user)
            lines += ["", f"Token of {user.name}:", token, "", "Try it:"]
            lines.append(f'curl {address}/api/tasks -H "Authorization: Bearer {token}"')
        else:
            lines += ["", f"Tokens come from {sign_in_addresses()}: sign in there."]
        self.stdout.write("\n".join(["", *lines, "", "Ctrl-C stops everything.", ""]))


def require_free_port(port: int, variable: str, command: str) -> None:
    """Raises CommandError if the port cannot be listened on. The message proposes the next port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OverflowError as exc:
            message = f"{variable} {port}: expected a number from 1 to 65535"
            raise CommandError(message) from exc
        except OSError as exc:
            hint = f"choose another: {variable}={port + 1} {command}"
            raise CommandError(
                f"Port {port} is taken: something else listens there; {hint}"
            ) from exc


def demo_user() -> User:
    user, new = User.objects.get_or_create(
        pk=DEMO_ID, defaults={"name": "Demo user", "email": "demo@todo.test", "password": "!"}
    )
    if new:
        today = timezone.localdate()
        for title, priority, days, clock, completed, tags, rule in reversed(DEMO_TASKS):
            due_date = None if days is None else today + timedelta(days=days)
            due: dict[str, Any] = {"due_date": due_date}
            if due_date and clock:
                due |= {"due_at": datetime.combine(due_date, clock, UTC), "time_zone": "UTC"}
            repeat = {"rule": rule, "from": "due"} if rule else None
            fields = {"title": title, "priority": priority, "tags": tags, "repeat": repeat, **due}
            Task.objects.add(user=user, completed=completed, **fields)
    return user


def operator_password() -> str:
    """Sets a new password for the development operator and returns it."""
    password = secrets.token_urlsafe(9)
    operator = User.objects.with_password().filter(email=OPERATOR_EMAIL).first()
    if operator is None:
        User.objects.create_superuser(OPERATOR_EMAIL, password)
    else:
        operator.set_password(password)
        operator.save(update_fields=["password"])
    return password
