"""Verifies on the running database that no user can access the data of another."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from todo_api.maintenance.isolation import checks


class Command(BaseCommand):
    help = (
        "Tries, as a test user and without an identity, to read, insert, move, change and delete "
        "rows of another test user: by SQL as todo_user and by every API operation. Checks the "
        "role, its grants and the policies of every table. Prints a table and exits with 1 on a "
        "hole. Safe in production: it runs in one transaction that is rolled back, and no "
        "statement changes or locks a row of a real user."
    )

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        done = holes = 0
        for check in checks():
            done, holes = done + 1, holes + (not check.holds)
            if verbosity or not check.holds:
                wanted = "" if check.holds else f" (expected {check.expected})"
                mark = "ok  " if check.holds else "HOLE"
                self.stdout.write(f"{mark}  {check.claim:<64}  {check.actual}{wanted}")
        if holes:
            raise CommandError(f"{holes} of {done} checks found a hole")
        self.stdout.write(f"{done} checks, no hole")
