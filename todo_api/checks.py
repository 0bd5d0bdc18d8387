"""System checks on settings that are each right but wrong together, or unwise in production."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


@register(Tags.security, deploy=True)
def hosts_are_named(**kwargs: Any) -> list[CheckMessage]:
    if set(settings.ALLOWED_HOSTS) > LOOPBACK:
        return []
    hint = "Set ALLOWED_HOSTS to the host names of the service, such as api.my-domain.com."
    return [Warning("Every request from outside is a 400.", hint=hint, id="todo_api.W001")]
