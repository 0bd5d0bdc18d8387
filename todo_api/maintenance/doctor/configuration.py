"""Checks the settings, and what they name except for keys and database."""

from django.conf import settings
from django.core.checks import run_checks

from todo_api.addresses import origin_of
from todo_api.maintenance.doctor.finding import ERROR, OK, WARNING, Finding, Findings


def check_settings() -> Findings:
    mode = "on (development)" if settings.DEBUG else "off"
    accounts = "on" if settings.LOCAL_ACCOUNTS else "off"
    tokens = " and ".join(settings.BETTER_AUTH_TOKENS)
    yield Finding(OK, "settings", f"DEBUG {mode}, tokens: {tokens}, local accounts {accounts}")
    for message in run_checks(include_deployment_checks=not settings.DEBUG):
        if not message.is_silenced():
            level = ERROR if message.is_serious() else WARNING
            text = " ".join(f"{message.id}: {message.msg}".split())
            yield Finding(level, "settings", text, " ".join((message.hint or "").split()))


def check_origins() -> Findings:
    origins = [*settings.CORS_ALLOWED_ORIGINS, *settings.CORS_ALLOWED_ORIGIN_REGEXES]
    if not origins:
        yield Finding(
            WARNING, "origins", "no browser app may call", "set CORS_ORIGINS to your app's origin"
        )
        return
    yield Finding(OK, "origins", f"browsers may call from {', '.join(origins)}")
    app = origin_of(settings.BETTER_AUTH_URL)
    if app and app not in origins:
        yield Finding(
            WARNING, "origins", f"{app} (BETTER_AUTH_URL) may not call",
            "add it to CORS_ORIGINS if users open the app there",
        )  # fmt: skip


def check_redis() -> Findings:
    """Checks REDIS_URL. Without Redis the service works, and each process counts separately."""
    if not settings.REDIS_URL:
        return
    from redis import RedisError

    from todo_api.limits.shared_counter import SharedCounter

    try:
        SharedCounter(settings.REDIS_URL).ping()
    except RedisError as exc:
        yield Finding(
            WARNING, "redis", f"unreachable ({type(exc).__name__}): each process counts separately",
            "check Redis and REDIS_URL",
        )  # fmt: skip
    else:
        yield Finding(OK, "redis", "responds")
