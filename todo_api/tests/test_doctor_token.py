"""`manage.py doctor --token -`: it explains why a token is accepted or refused, and never prints
the token.
"""

import io
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.sources import Source
from accounts.tests.key_server import KeyServer, SigningKey, encoded
from accounts.token_text import CHECKS
from conftest import token_for
from todo_api.tests.test_doctor import doctor_process


def doctor(token: str) -> list[str]:
    """Returns the printed lines, with the verdict last. Fails if they contain the token."""
    out = io.StringIO()
    try:
        call_command("doctor", token="-", stdin=io.BytesIO(token.encode()), stdout=out)
    except CommandError as verdict:
        out.write(f"failed: {verdict}\n")
    assert not [part for part in token.split(".") if len(part) > 20 and part in out.getvalue()]
    return out.getvalue().splitlines()


def refused_at(check: str) -> list[list[str]]:
    """Returns level and name of each line, for a token that this check refuses."""
    before = [["ok", *name.split()] for name in CHECKS[: CHECKS.index(check)]]
    return [*before, ["error", *check.split()], ["error", "refused"]]


REFUSED: dict[str, Callable[[KeyServer], str]] = {
    "length": lambda server: "a" * 9_000,
    "form": lambda server: "nLXFJ38OjZZsX3tlO8NUw8egORdithPl",
    "header": lambda server: server.keys[0].sign_segments(encoded(b"[]"), encoded(b"{}")),
    "critical": lambda server: server.keys[0].sign({}, crit=["exp"]),
    "type": lambda server: server.keys[0].sign({}, typ="logout+jwt"),
    "algorithm": lambda server: token_for("alice"),
    "source": lambda server: server.token(iss="https://other.todo.test"),
    "key id": lambda server: server.keys[0].sign({}, kid="with a blank"),
    "key": lambda server: server.token(key=SigningKey("unknown")),
    "signature": lambda server: server.token(key=SigningKey("first")),
    "payload": lambda server: server.keys[0].sign_bytes(b"[]"),
    "subject": lambda server: server.token(sub=" "),
    "issuer": lambda server: server.token(iss="https://other.todo.test"),
    "audience": lambda server: server.token(aud=["https://other.todo.test"]),
    "times": lambda server: server.token(exp="tomorrow"),
    "expiry": lambda server: server.token(exp=time.time() - 3_600),
    "not before": lambda server: server.token(nbf=time.time() + 3_600),
    "issued at": lambda server: server.token(iat=time.time() + 3_600),
}


def test_every_check_has_a_token_that_it_refuses() -> None:
    assert tuple(REFUSED) == CHECKS


@pytest.mark.parametrize("check", CHECKS)
def test_a_refused_token_passes_the_checks_before_the_one_that_fails(
    better_auth: KeyServer, check: str, settings: Any
) -> None:
    if check == "source":  # with one source, the issuer is checked after the signature
        settings.AUTH_SOURCES = [Source("https://a.todo.test", better_auth.url, ("a",), "entry")]
    *lines, verdict = doctor(REFUSED[check](better_auth))

    names = [line[:22].split() for line in lines]
    assert names == refused_at(check)
    assert lines[-2].split(maxsplit=1)[1].removeprefix(check).split()[0] == "expected"
    assert lines[-1].endswith("401 token_expired" if check == "expiry" else "401 token_invalid")
    assert verdict == "failed: 2 errors, 0 warnings"


def test_a_refusal_shows_the_expected_and_the_actual_value_and_a_hint(
    better_auth: KeyServer,
) -> None:
    *_, failing, _, _ = doctor(better_auth.token(iss="https://other.todo.test"))

    assert failing == (
        f"error    issuer       expected {better_auth.origin}, "
        "came 'https://other.todo.test' -> if https://other.todo.test is your app, set"
        " BETTER_AUTH_URL=https://other.todo.test"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("wrapped", ["{}", "{}\n", "Bearer {}", "Authorization: Bearer {}\r\n"])
def test_an_accepted_token_passes_every_check(better_auth: KeyServer, wrapped: str) -> None:
    lines = doctor(wrapped.format(better_auth.token("someone")))

    assert [line[:22].split() for line in lines[:-2]] == [["ok", *name.split()] for name in CHECKS]
    facts = {line[9:22].strip(): line[22:] for line in lines[:-2] if line[22:]}
    assert facts == {
        "algorithm": "EdDSA",
        "source": f"{better_auth.origin} (BETTER_AUTH_URL)",
        "key id": "'first'",
        "issuer": better_auth.origin,
        "audience": better_auth.origin,
    }
    assert lines[-2] == "ok       accepted     'someone' is created with the first request"
    assert lines[-1] == "0 errors, 0 warnings"
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_token_of_another_source_is_explained_with_its_issuer(
    better_auth: KeyServer, other_source: KeyServer
) -> None:
    lines = doctor(other_source.token("someone"))

    assert f"ok       source       {other_source.origin} (AUTH_SOURCES[0])" in lines
    assert f"ok       issuer       {other_source.origin}" in lines
    assert f"ok       audience     {other_source.origin}" in lines
    assert lines[-2].startswith("ok       accepted     'someone'")


def test_a_token_of_no_source_is_explained_with_the_entry_to_add(
    better_auth: KeyServer, other_source: KeyServer
) -> None:
    *_, failing, refused, _ = doctor(better_auth.token(iss="https://new.todo.test/api/auth"))

    assert failing == (
        f"error    source       expected an iss of {better_auth.origin}, {other_source.origin},"
        " came 'https://new.todo.test/api/auth' -> if the token is of your app, add"
        ' {"issuer": "https://new.todo.test/api/auth"} to AUTH_SOURCES'
    )
    assert refused == "error    refused      401 token_invalid"


def test_an_unreachable_source_is_named_by_its_entry(
    better_auth: KeyServer, other_source: KeyServer
) -> None:
    other_source.response = (500, "text/plain", b"", {})

    *_, failing, _, _ = doctor(other_source.token())

    assert failing.endswith("manage.py doctor shows the reason; check jwks of AUTH_SOURCES[0]")


def test_it_says_when_issuer_and_audience_are_not_checked(alice: User) -> None:
    lines = doctor(token_for(alice.pk))

    assert "ok       algorithm    HS256" in lines
    assert "ok       source       BETTER_AUTH_SECRET" in lines
    assert "ok       issuer       not checked: BETTER_AUTH_ISSUER is empty" in lines
    assert "ok       audience     not checked: BETTER_AUTH_AUDIENCE is empty" in lines
    assert f"ok       accepted     {alice.pk!r} exists" in lines


def test_a_valid_token_of_a_suspended_user_is_an_error(alice: User) -> None:
    User.objects.update(is_active=False)

    lines = doctor(token_for(alice.pk))

    assert lines[-2:] == [
        f"error    accepted     but {alice.pk!r} is suspended: 403 account_suspended",
        "failed: 1 errors, 0 warnings",
    ]


def test_without_a_key_server_the_check_of_the_key_fails(better_auth: KeyServer) -> None:
    better_auth.response = (500, "text/plain", b"", {})

    lines = doctor(better_auth.token())

    shown = [line for line in lines if not line.startswith("ok ")]
    assert shown == [
        "error    key          no key is known: the key server is unreachable -> "
        "manage.py doctor shows the reason; check BETTER_AUTH_JWKS_URL",
        "error    refused      503 unavailable",
        "failed: 2 errors, 0 warnings",
    ]


def test_empty_standard_input_fails_the_check_of_the_form() -> None:
    assert doctor("")[1] == "error    form         " + (
        "expected three base64url parts with dots between -> "
        "Better Auth's session token is no JWT: send what authClient.token() returns"
    )


def test_a_token_in_the_command_line_is_refused_and_not_printed() -> None:
    token = token_for("alice")

    with pytest.raises(CommandError, match="shell's history") as refused:
        call_command("doctor", token=token)

    assert token not in str(refused.value)


def test_a_token_is_explained_while_the_database_is_down() -> None:
    done = doctor_process("postgresql://127.0.0.1:1/todo", "--token", "-", stdin=token_for("alice"))

    assert "warning  accepted     'alice'; the database did not respond\n" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.django_db
def test_it_shows_the_scopes_of_a_token_that_was_issued_to_a_client() -> None:
    lines = doctor(token_for("someone", scope="openid tasks:write tasks:read"))

    issued = "issued to a client (scope, azp or client_id); its scopes: tasks:read, tasks:write"
    assert f"ok       scopes       {issued}" in lines
    assert lines[-1] == "0 errors, 0 warnings"


def test_a_token_of_a_client_without_scopes_is_an_error() -> None:
    *_, failing, verdict = doctor(token_for("someone", azp="an-agent"))

    assert "no known scope: 403 everywhere -> the scopes are account, tasks:read" in failing
    assert verdict == "failed: 1 errors, 0 warnings"
