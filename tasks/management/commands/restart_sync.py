"""Makes the clients of sync start again, after a backup was restored."""

from typing import Any

from django.core.management.base import BaseCommand

from tasks.models import SyncState


class Command(BaseCommand):
    help = (
        "For use after a backup was restored. Makes all checkpoints of sync invalid: each client "
        "gets a 410 once, and fetches all tasks again. Otherwise clients keep changes that the "
        "backup does not have. Tasks and users are not changed. It may be stopped and run again."
    )

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        users = SyncState.objects.restart()
        if verbosity:
            self.stdout.write(f"The clients of {users} users start again")
