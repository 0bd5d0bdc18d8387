"""AUTH_SOURCES: issuers of tokens beside that of BETTER_AUTH_URL."""

import json
from pathlib import Path
from typing import Any

import pytest

from accounts.sources import Source
from todo_api.addresses import key_set_url
from todo_api.tests.test_settings import PRODUCTION, load, problem

APP = "https://auth.todo.test"
NEON = "https://ep-cool-1.neonauth.eu-central-1.aws.neon.tech"
SECRET = PRODUCTION["SECRET_KEY"]


def sources(*entries: Any, **variables: str | None) -> list[Source]:
    found: list[Source] = load(AUTH_SOURCES=json.dumps(entries), **variables).AUTH_SOURCES
    return found


def problems(*entries: Any, **variables: str | None) -> list[str]:
    text = problem(AUTH_SOURCES=json.dumps(entries), **variables)
    return [line.strip() for line in text.splitlines()[1:]]


# --- Defaults -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("issuer", "jwks", "audience"),
    [
        (APP, f"{APP}/api/auth/jwks", APP),
        (f"{APP}/api/auth", f"{APP}/api/auth/jwks", APP),
        (f"{APP}/", f"{APP}/api/auth/jwks", APP),
        (f"{APP}/base/api/auth", f"{APP}/base/api/auth/jwks", APP),
        (f"{APP}:8443", f"{APP}:8443/api/auth/jwks", f"{APP}:8443"),
        ("http://localhost:3000", "http://localhost:3000/api/auth/jwks", "http://localhost:3000"),
    ],
)
def test_an_issuer_is_kept_as_it_is_and_the_rest_defaults_as_in_better_auth(
    issuer: str, jwks: str, audience: str
) -> None:
    found = sources({"issuer": issuer})

    assert found == [Source(issuer, jwks, (audience,), "AUTH_SOURCES[0]")]


def test_address_and_audiences_can_be_set() -> None:
    found = sources(
        {"issuer": APP, "jwks": "https://keys.todo.test/set?app=1", "audience": "tasks"},
        {"issuer": f"{APP}/api/auth", "audience": ["https://api.todo.test", "tasks"]},
    )

    assert found == [
        Source(APP, "https://keys.todo.test/set?app=1", ("tasks",), "AUTH_SOURCES[0]"),
        Source(
            f"{APP}/api/auth",
            f"{APP}/api/auth/jwks",
            ("https://api.todo.test", "tasks"),
            "AUTH_SOURCES[1]",
        ),
    ]


def test_the_address_of_neon_auth_stands_for_its_issuer() -> None:
    address, keys = f"{NEON}/neondb/auth", f"{NEON}/neondb/auth/.well-known/jwks.json"

    assert key_set_url(address) == keys
    assert sources({"issuer": address}) == [Source(NEON, keys, (NEON,), "AUTH_SOURCES[0]")]
    assert sources({"issuer": NEON, "jwks": keys})[0].jwks == keys
    lookalike = "https://app.neonauth.evil.test"
    assert sources({"issuer": lookalike})[0].jwks == f"{lookalike}/api/auth/jwks"


def test_private_hosts_may_use_plain_http() -> None:
    entry = {"issuer": APP, "jwks": "http://frontend:3000/api/auth/jwks"}

    assert sources(entry, PLAIN_HTTP_HOSTS="frontend")[0].jwks == entry["jwks"]
    (refused,) = problems(entry)
    assert refused.startswith("AUTH_SOURCES[0].jwks: expected https (plain http only on localhost")


def test_the_list_may_be_in_a_file_or_in_quotes(tmp_path: Path) -> None:
    text = json.dumps([{"issuer": APP}])
    file = tmp_path / "sources.json"
    file.write_text(text)

    spellings = [text, f"'{text}'", f"  {text}\n", str(file), f'"{file}"']

    assert all(
        sources({"issuer": APP}) == load(AUTH_SOURCES=each).AUTH_SOURCES for each in spellings
    )
    assert load().AUTH_SOURCES == load(AUTH_SOURCES="").AUTH_SOURCES == []


# --- Families -------------------------------------------------------------------------------------


def test_sources_are_accepted_without_better_auth_url() -> None:
    entries = json.dumps([{"issuer": APP}])

    alone = load(AUTH_SOURCES=entries, BETTER_AUTH_URL=None)
    beside = load(AUTH_SOURCES=entries, BETTER_AUTH_URL=None, BETTER_AUTH_SECRET=SECRET)
    both = load(
        AUTH_SOURCES=entries, BETTER_AUTH_URL=None, BETTER_AUTH_SECRET=SECRET,
        BETTER_AUTH_TOKENS="jwks,hs256",
    )  # fmt: skip

    assert alone.BETTER_AUTH_TOKENS == beside.BETTER_AUTH_TOKENS == ["jwks"]
    assert (alone.BETTER_AUTH_ISSUER, alone.BETTER_AUTH_JWKS_URL) == ("", "")
    assert not beside.LOCAL_ACCOUNTS
    assert both.BETTER_AUTH_TOKENS == ["jwks", "hs256"]
    assert both.LOCAL_ACCOUNTS


def test_sources_that_no_token_family_uses_are_a_problem() -> None:
    found = problems({"issuer": APP}, BETTER_AUTH_TOKENS="hs256", BETTER_AUTH_SECRET=SECRET)

    assert found == ["AUTH_SOURCES: is not used: BETTER_AUTH_TOKENS does not contain jwks"]


# --- Problems -------------------------------------------------------------------------------------

LIST = 'AUTH_SOURCES: expected a list of objects such as [{"issuer": "https://app.my-domain.com"}]'
TEXTS = {
    "an empty list": ("[]", LIST),
    "an object": ('{"issuer": "https://auth.todo.test"}', LIST),
    "cut short": ('[{"issuer": "https://auth.todo.test"}', LIST),
    "a member twice": (
        '[{"issuer": "https://a.todo.test", "issuer": "https://b.todo.test"}]',
        LIST,
    ),
    "nested deeply": ("[" * 100_000, LIST),
    "an address": (APP, "AUTH_SOURCES: expected JSON text, or the path of a file that holds it"),
    "a reference": ('[{"issuer": "${APP}"}]', "AUTH_SOURCES: contains a reference such as ${NAME}"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_is_no_list_of_sources_stops_the_start(name: str) -> None:
    text, expected = TEXTS[name]

    assert expected in problem(AUTH_SOURCES=text)


ADDRESS = "expected an address such as https://app.my-domain.com"
ENTRIES: dict[str, tuple[Any, str]] = {
    "a text": (APP, "AUTH_SOURCES[0]: expected an object with issuer, jwks, audience"),
    "null": (None, "AUTH_SOURCES[0]: expected an object with issuer, jwks, audience"),
    "without issuer": ({"jwks": f"{APP}/jwks"}, f"AUTH_SOURCES[0].issuer: {ADDRESS}"),
    "issuer null": ({"issuer": None}, f"AUTH_SOURCES[0].issuer: {ADDRESS}"),
    "issuer a list": ({"issuer": [APP]}, f"AUTH_SOURCES[0].issuer: {ADDRESS}"),
    "issuer empty": ({"issuer": ""}, f"AUTH_SOURCES[0].issuer: {ADDRESS}"),
    "issuer a host": (
        {"issuer": "auth.todo.test"},
        f"AUTH_SOURCES[0].issuer: {ADDRESS} (it is 'auth.todo.test')",
    ),
    "issuer with a blank": (
        {"issuer": f"{APP} "},
        f"AUTH_SOURCES[0].issuer: {ADDRESS} (it is '{APP} ')",
    ),
    "issuer over http": (
        {"issuer": "http://auth.todo.test"},
        "AUTH_SOURCES[0].issuer: expected https (plain http only on localhost and"
        " PLAIN_HTTP_HOSTS) (it is 'http://auth.todo.test')",
    ),
    "issuer with a query": (
        {"issuer": f"{APP}?x=1"},
        "AUTH_SOURCES[0].issuer: expected an address without ? and #",
    ),
    "issuer with a password": (
        {"issuer": "https://me:pass-word@auth.todo.test"},
        "AUTH_SOURCES[0].issuer: expected an address without user and password",
    ),
    "jwks null": ({"issuer": APP, "jwks": None}, f"AUTH_SOURCES[0].jwks: {ADDRESS}"),
    "jwks a key set": ({"issuer": APP, "jwks": {"keys": []}}, f"AUTH_SOURCES[0].jwks: {ADDRESS}"),
    "audience a number": (
        {"issuer": APP, "audience": 1},
        "AUTH_SOURCES[0].audience: expected a text or a list of texts",
    ),
    "audience empty": (
        {"issuer": APP, "audience": []},
        "AUTH_SOURCES[0].audience: expected a text or a list of texts",
    ),
    "audience with an empty text": (
        {"issuer": APP, "audience": ["tasks", ""]},
        "AUTH_SOURCES[0].audience: expected a text or a list of texts",
    ),
    "an unknown member": (
        {"issuer": APP, "audiences": ["tasks"]},
        "AUTH_SOURCES[0]: expected no members but issuer, jwks, audience (it is 'audiences')",
    ),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_that_cannot_be_used_stops_the_start_with_its_index(name: str) -> None:
    entry, expected = ENTRIES[name]

    assert problems(entry) == [expected]
    second = [line.replace("[0]", "[1]") for line in problems({"issuer": f"{APP}:1"}, entry)]
    assert second == [expected.replace("[0]", "[1]")]


def test_all_problems_of_all_entries_are_listed() -> None:
    found = problems({"issuer": "a"}, {"issuer": APP, "audience": 1, "jwks": "b"})

    assert [line.split(":")[0] for line in found] == [
        "AUTH_SOURCES[0].issuer", "AUTH_SOURCES[1].jwks", "AUTH_SOURCES[1].audience",
    ]  # fmt: skip


def test_an_issuer_is_listed_once() -> None:
    twice = problems({"issuer": APP}, {"issuer": APP, "audience": "tasks"})
    short = problems({"issuer": "https://app.todo.test"})
    neon = problems({"issuer": f"{NEON}/a/auth"}, {"issuer": f"{NEON}/b/auth"})

    assert twice == [
        "AUTH_SOURCES[1].issuer: is also that of AUTH_SOURCES[0]; list its audiences in one entry"
        f" (it is '{APP}')"
    ]
    assert short == [
        "AUTH_SOURCES[0].issuer: is also that of BETTER_AUTH_URL; list its audiences in one entry"
        " (it is 'https://app.todo.test')"
    ]
    assert neon[0].startswith("AUTH_SOURCES[1].issuer: is also that of AUTH_SOURCES[0];")
    assert len(sources({"issuer": "https://app.todo.test/api/auth"})) == 1


def test_there_are_at_most_16_entries() -> None:
    entries = [{"issuer": f"https://{number}.todo.test"} for number in range(17)]

    assert len(sources(*entries[:16])) == 16
    assert problems(*entries) == ["AUTH_SOURCES: expected at most 16 entries (it is '17')"]
