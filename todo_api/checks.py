"""System checks for settings that are valid but unwise in production."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS, DatabaseError

from todo_api.maintenance import access
from todo_api.maintenance.migrations import is_of_newer_release, unapplied

LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


@register(Tags.security, deploy=True)
def check_admin_path(**kwargs: Any) -> list[CheckMessage]:
    if settings.ADMIN_PATH != "admin":
        return []
    hint = "Set ADMIN_PATH to another word, so that scanners do not find the sign-in."
    return [Warning("The admin is at its well-known path /admin/.", hint=hint, id="todo_api.W002")]


@register(Tags.database)
def check_access(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """For `check --database default`."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    try:
        missing = [] if unapplied() or is_of_newer_release() else access.missing()
    except DatabaseError:  # such as tables of another owner
        missing = access.missing_before_migrating()
    hint = "Run manage.py migrate; manage.py doctor shows the details."
    return [
        Warning(f"API requests need: {statement}", hint=hint, id="todo_api.W003")
        for statement in missing
    ]


@register(Tags.security, deploy=True)
def check_allowed_hosts(**kwargs: Any) -> list[CheckMessage]:
    if set(settings.ALLOWED_HOSTS) > LOOPBACK:
        return []
    hint = "Set ALLOWED_HOSTS to the host names of the service, such as api.my-domain.com."
    return [Warning("Every request from outside gets a 400.", hint=hint, id="todo_api.W001")]
