"""Checks the keys that tokens are verified with."""

import time

from django.conf import settings

from accounts.fetch import FetchError, fetch
from accounts.jwk import BadKey, Key, read_set
from accounts.sources import configured, issuers_by_address
from todo_api.maintenance.doctor.finding import ERROR, OK, WARNING, Finding, Findings


def check_keys() -> Findings:
    if "hs256" in settings.BETTER_AUTH_TOKENS:
        yield Finding(OK, "secret", "HS256 tokens under BETTER_AUTH_SECRET are accepted")
    sources = configured()
    settings_of = {source.jwks: source.variable("jwks") for source in reversed(sources)}
    for address, issuers in issuers_by_address(sources).items():
        is_short = address == settings.BETTER_AUTH_JWKS_URL
        static = settings.BETTER_AUTH_JWKS if is_short else ""
        yield from check_key_set(f"{issuers}: {address}", address, settings_of[address], static)


def check_key_set(name: str, address: str, variable: str, static_text: str) -> Findings:
    """Fetches a key set now. `variable` is where its address can be changed."""
    static: dict[str, Key] = {}
    if static_text:
        static, _ = read_set(static_text)
        yield Finding(OK, "static keys", f"BETTER_AUTH_JWKS holds {len(static)}")
    started_at = time.monotonic()
    try:
        keys, refused = read_set(fetch(address))
    except (FetchError, BadKey) as exc:
        # With static keys the service works without the key server.
        level = WARNING if static else ERROR
        yield Finding(level, "key set", f"{name}: {exc}", key_set_hint(str(exc), variable))
        return
    algorithms = ", ".join(sorted({key.algorithm for key in keys.values()}))
    milliseconds = (time.monotonic() - started_at) * 1000
    text = f"{name}: keys: {len(keys)} ({algorithms}), fetched now in {milliseconds:.0f} ms"
    yield Finding(OK, "key set", text)
    for reason in refused:
        yield Finding(
            WARNING, "key set", f"{name}: a key is not used: {reason}",
            "tokens under it get a 401",
        )  # fmt: skip
    if withdrawn := sorted(set(static) - set(keys)):
        yield Finding(
            WARNING, "static keys", f"no longer published: {', '.join(map(ascii, withdrawn))}",
            "update BETTER_AUTH_JWKS",
        )  # fmt: skip


def key_set_hint(reason: str, variable: str) -> str:
    if reason == "status 404":
        return f"is the jwt() plugin on? for another base path or jwksPath set {variable}"
    if reason.startswith("status 3"):
        return f"redirects are not followed: set {variable} to the final address"
    if reason == "status 429":
        return "the key server limits requests: wait, and run doctor less often"
    checked = "BETTER_AUTH_URL, BETTER_AUTH_JWKS_URL"
    if variable != "BETTER_AUTH_JWKS_URL":
        checked = variable
    return f"is the app up and reachable from here? check {checked}"
