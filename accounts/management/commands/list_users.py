"""Lists users on the command line."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.models import User

COLUMNS = ("id", "email", "name", "state", "date_joined", "last_seen_at")


class Command(BaseCommand):
    help = (
        "Lists users, the newest first: id, e-mail, name, state (active, suspended or erased), and "
        "when they joined and were last seen. Changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--suspended", action="store_true", help="Only suspended users")
        parser.add_argument(
            "--email",
            metavar="PREFIX",
            help="Only users whose e-mail begins with PREFIX, in any case",
        )
        parser.add_argument(
            "--limit", type=int, default=50, help="The maximum number of users (50)"
        )
        parser.add_argument("--json", action="store_true", help="Print one JSON object per line")

    def handle(
        self, *args: Any, suspended: bool, email: str | None, limit: int, json: bool, **options: Any
    ) -> None:
        users = User.objects.order_by("-date_joined", "-id")
        if suspended:
            users = users.suspended()
        if email:
            users = users.email_begins(email)
        shown = [as_row(user) for user in users[: max(limit, 0) + 1]]
        more = len(shown) > limit
        for line in in_json(shown[:limit]) if json else in_columns(shown[:limit]):
            self.stdout.write(line)
        if more:
            self.stderr.write(f"There are more than {limit} users; --limit shows more")


def as_row(user: User) -> dict[str, str]:
    state = "erased" if user.erased_at else "active" if user.is_active else "suspended"
    times = {
        name: time.isoformat(timespec="seconds").replace("+00:00", "Z") if time else ""
        for name, time in (("date_joined", user.date_joined), ("last_seen_at", user.last_seen_at))
    }
    return {"id": user.pk, "email": user.email, "name": user.name, "state": state, **times}


def in_json(users: list[dict[str, str]]) -> list[str]:
    return [json.dumps(user, ensure_ascii=False) for user in users]


def in_columns(users: list[dict[str, str]]) -> list[str]:
    rows = [COLUMNS, *([printable(user[name]) for name in COLUMNS] for user in users)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def printable(text: str) -> str:
    """Returns the text with "?" for each control character: ids and names come from tokens, and
    could contain terminal escape sequences.
    """
    return "".join(character if character.isprintable() else "?" for character in text)
