"""Everything that is kept of a person, for them to have."""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.core.management.base import CommandError, CommandParser

from accounts import personal_data
from accounts.management.users import add_user_argument, find_user, note
from accounts.models import User
from todo_api.terminal import LongCommand


class Command(LongCommand):
    help = (
        "Writes everything that is kept of a person as JSON lines, each with its kind: first "
        '{"user": …}, then one for each task and each answer kept for an Idempotency-Key, as '
        "GET /api/me/export shows them. To standard output, or to a file that only you may read. "
        "Changes nothing. Left out: the password's hash, memberships, and what operators did."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_user_argument(parser)
        parser.add_argument("--reason", default="", help="Why; it goes to the log")
        parser.add_argument("--output", type=Path, metavar="FILE", help="Write to this file")
        parser.add_argument("--overwrite", action="store_true", help="Even if there is one already")

    def handle(
        self, *args: Any, reason: str, output: Path | None, overwrite: bool, verbosity: int,
        **options: Any,
    ) -> None:  # fmt: skip
        user = find_user(options["id"])
        if output and output.exists() and not overwrite:
            raise CommandError(f"{output} is there already; add --overwrite to replace it")
        note("Exporting", user, reason)
        if output is None:
            self.write(user, self.stdout, verbosity)  # type: ignore[arg-type]
            return
        try:
            lines = self.write_file(user, output, verbosity)
        except OSError as exc:
            raise CommandError(f"{output}: {exc.strerror}") from exc
        if verbosity:
            self.stdout.write(f"{lines} lines in {output}")

    def write_file(self, user: User, output: Path, verbosity: int) -> int:
        """Whole or not at all: the file takes its name when it is finished."""
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=output.parent, prefix=f".{output.name}.", delete=False
        ) as file:
            try:
                lines = self.write(user, file, verbosity)
                file.flush()
                os.replace(file.name, output)
            except BaseException:
                os.unlink(file.name)
                raise
        return lines

    def write(self, user: User, file: IO[str], verbosity: int) -> int:
        def steps() -> Iterator[Counter[str]]:
            for line in personal_data.export(user):
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                yield Counter(line.keys())

        total = 1 + sum(personal_data.count(user).values())
        return self.counted(steps(), total, verbosity).total()
