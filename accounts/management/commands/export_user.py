"""Exports all data of a user."""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.core.management.base import CommandError, CommandParser

from accounts import personal_data
from accounts.management.users import add_user_argument, find_user, log_action
from accounts.models import User
from todo_api.terminal import LongCommand


class Command(LongCommand):
    help = (
        "Writes all data of a user as JSON lines, each with its kind: first "
        '{"user": …}, then one line for each task and for each response stored for an '
        "Idempotency-Key, as in GET /api/me/export. Writes to standard output, or to a file that "
        "only you can read. Changes nothing. Not included: the password hash, group memberships, "
        "and the admin log."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_user_argument(parser)
        parser.add_argument("--reason", default="", help="The reason; it is logged")
        parser.add_argument("--output", type=Path, metavar="FILE", help="Write to this file")
        parser.add_argument("--overwrite", action="store_true", help="Replace an existing file")

    def handle(
        self, *args: Any, reason: str, output: Path | None, overwrite: bool, verbosity: int,
        **options: Any,
    ) -> None:  # fmt: skip
        user = find_user(options["id"])
        if output and output.exists() and not overwrite:
            raise CommandError(f"{output} exists; add --overwrite to replace it")
        log_action("Exporting", user, reason)
        if output is None:
            self.write(user, self.stdout, verbosity)  # type: ignore[arg-type]  # an OutputWrapper
            return
        try:
            lines = self.write_file(user, output, verbosity)
        except OSError as exc:
            raise CommandError(f"{output}: {exc.strerror}") from exc
        if verbosity:
            self.stdout.write(f"{lines} lines in {output}")

    def write_file(self, user: User, output: Path, verbosity: int) -> int:
        """Writes a temporary file and renames it at the end, so that no partial file remains.

        Returns the number of lines.
        """
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

        total = personal_data.count_exported(user)
        return self.run_steps(steps(), total, verbosity).total()
