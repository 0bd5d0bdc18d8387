"""The checks of `manage.py doctor`. A dependency that is down is a finding, not an exception.

To add a check, write a function that yields findings and list it in CHECKS, or in
database.DATABASE_CHECKS if it needs an open connection.
"""

from todo_api.maintenance.doctor.configuration import check_origins, check_redis, check_settings
from todo_api.maintenance.doctor.database import check_database
from todo_api.maintenance.doctor.finding import Check, Findings
from todo_api.maintenance.doctor.keys import check_keys

CHECKS: tuple[Check, ...] = (
    check_settings, check_origins, check_keys, check_database, check_redis,
)  # fmt: skip


def examine() -> Findings:
    """Runs all checks and yields their findings."""
    for check in CHECKS:
        yield from check()
