"""Checks the keys that tokens are verified with."""

import time

from django.conf import settings

from accounts.fetch import FetchError, fetch
from accounts.jwk import BadKey, Key, read_set
from todo_api.maintenance.doctor.finding import ERROR, OK, WARNING, Finding, Findings


def check_keys() -> Findings:
    if "hs256" in settings.BETTER_AUTH_TOKENS:
        yield Finding(OK, "secret", "HS256 tokens under BETTER_AUTH_SECRET are accepted")
    if "jwks" not in settings.BETTER_AUTH_TOKENS:
        return
    static: dict[str, Key] = {}
    if settings.BETTER_AUTH_JWKS:
        static, _ = read_set(settings.BETTER_AUTH_JWKS)
        yield Finding(OK, "static keys", f"BETTER_AUTH_JWKS holds {len(static)}")
    url, started_at = settings.BETTER_AUTH_JWKS_URL, time.monotonic()
    try:
        keys, refused = read_set(fetch(url))
    except (FetchError, BadKey) as exc:
        # With static keys the service works without the key server.
        level = WARNING if static else ERROR
        yield Finding(level, "key set", f"{url}: {exc}", key_set_hint(str(exc)))
        return
    algorithms = ", ".join(sorted({key.algorithm for key in keys.values()}))
    milliseconds = (time.monotonic() - started_at) * 1000
    text = f"{url}: keys: {len(keys)} ({algorithms}), fetched now in {milliseconds:.0f} ms"
    yield Finding(OK, "key set", text)
    for reason in refused:
        yield Finding(
            WARNING, "key set", f"a key is not used: {reason}", "tokens under it get a 401"
        )
    if withdrawn := sorted(set(static) - set(keys)):
        yield Finding(
            WARNING, "static keys", f"no longer published: {', '.join(map(ascii, withdrawn))}",
            "update BETTER_AUTH_JWKS",
        )  # fmt: skip


def key_set_hint(reason: str) -> str:
    if reason == "status 404":
        return "is the jwt() plugin on? for another base path or jwksPath set BETTER_AUTH_JWKS_URL"
    if reason.startswith("status 3"):
        return "redirects are not followed: set BETTER_AUTH_JWKS_URL to the final address"
    if reason == "status 429":
        return "the key server limits requests: wait, and run doctor less often"
    return "is the app up and reachable from here? check BETTER_AUTH_URL, BETTER_AUTH_JWKS_URL"
