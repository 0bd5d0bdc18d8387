"""Who is there, for a look from the shell."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.models import User

COLUMNS = ("id", "email", "name", "state", "date_joined", "last_seen_at")


class Command(BaseCommand):
    help = (
        "Lists people, the newest first: id, e-mail, name, whether they are active, suspended or "
        "erased, when they joined and were last seen. Changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--suspended", action="store_true", help="Only suspended people")
        parser.add_argument("--email", metavar="PREFIX", help="Whose e-mail begins so, in any case")
        parser.add_argument("--limit", type=int, default=50, help="How many at most (50)")
        parser.add_argument("--json", action="store_true", help="A JSON object a line")

    def handle(
        self, *args: Any, suspended: bool, email: str | None, limit: int, json: bool, **options: Any
    ) -> None:
        users = User.objects.order_by("-date_joined", "-id")
        if suspended:
            users = users.suspended()
        if email:
            users = users.email_begins(email)
        shown = [described(user) for user in users[: max(limit, 0) + 1]]
        more = len(shown) > limit
        for line in in_json(shown[:limit]) if json else in_columns(shown[:limit]):
            self.stdout.write(line)
        if more:
            self.stderr.write(f"There are more than {limit}; --limit shows them")


def described(user: User) -> dict[str, str]:
    state = "erased" if user.erased_at else "active" if user.is_active else "suspended"
    moments = {
        name: moment.isoformat(timespec="seconds").replace("+00:00", "Z") if moment else ""
        for name, moment in (("date_joined", user.date_joined), ("last_seen_at", user.last_seen_at))
    }
    return {"id": user.pk, "email": user.email, "name": user.name, "state": state, **moments}


def in_json(users: list[dict[str, str]]) -> list[str]:
    return [json.dumps(user, ensure_ascii=False) for user in users]


def in_columns(users: list[dict[str, str]]) -> list[str]:
    rows = [COLUMNS, *([visible(user[name]) for name in COLUMNS] for user in users)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def visible(text: str) -> str:
    """Ids and names come from tokens: none may speak to the terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)
