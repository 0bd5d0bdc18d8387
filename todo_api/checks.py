"""System checks on settings that are each right but wrong together, or unwise in production."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


@register(Tags.security, deploy=True)
def admin_is_not_where_everybody_looks(**kwargs: Any) -> list[CheckMessage]:
    if settings.ADMIN_PATH != "admin":
        return []
    hint = "Set ADMIN_PATH to a word of yours, so that scanners do not find the sign-in."
    return [Warning("The admin is open to the world at /admin/.", hint=hint, id="todo_api.W002")]


@register(Tags.security, deploy=True)
def hosts_are_named(**kwargs: Any) -> list[CheckMessage]:
    if set(settings.ALLOWED_HOSTS) > LOOPBACK:
        return []
    hint = "Set ALLOWED_HOSTS to the host names of the service, such as api.my-domain.com."
    return [Warning("Every request from outside is a 400.", hint=hint, id="todo_api.W001")]
