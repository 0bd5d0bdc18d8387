"""Several sources of tokens: the issuer selects the source, and each source has its own keys."""

import json
import logging
import subprocess
import sys
import threading
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import keys
from accounts.keys import BURST, KeysUnavailable
from accounts.sources import Source
from accounts.tests.key_server import KeyServer, SigningKey, encoded
from accounts.tests.test_keys import in_threads, until
from accounts.tests.token_helpers import Clock, outcome
from accounts.token_text import MAX_TOKEN_CHARACTERS
from accounts.tokens import SourcesVerifier, verifier
from conftest import Serve, token_for
from todo_api.tests.http import request, send

ROOT = Path(__file__).resolve().parents[2]


def result(token: str) -> str:
    """Returns the check that refuses the token, "accepted" or "unavailable"."""
    try:
        return outcome(verifier(), token)
    except KeysUnavailable:
        return "unavailable"


def client_with(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


# --- The key belongs to the issuer ----------------------------------------------------------------


@pytest.mark.django_db
def test_tokens_of_every_source_are_accepted(
    better_auth: KeyServer, other_source: KeyServer
) -> None:
    answers = [
        client_with(server.token(sub)).get("/api/me").json()
        for server, sub in ((better_auth, "alice"), (other_source, "bob"))
    ]

    assert [answer["id"] for answer in answers] == ["alice", "bob"]
    assert (better_auth.requests, other_source.requests) == (1, 1)


def test_a_key_of_one_source_verifies_no_token_of_another_with_the_same_key_id(
    better_auth: KeyServer, other_source: KeyServer
) -> None:
    (own,), (foreign,) = better_auth.keys, other_source.keys
    assert own.kid == foreign.kid
    assert {result(better_auth.token()), result(other_source.token())} == {"accepted"}

    forged = better_auth.token(key=foreign), other_source.token(key=own)

    assert [result(token) for token in forged] == ["signature", "signature"]
    answer = client_with(forged[0]).get("/api/tasks")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


def test_a_key_id_is_looked_up_only_in_the_key_set_of_the_issuer(
    better_auth: KeyServer, other_source: KeyServer
) -> None:
    other_source.keys = [SigningKey("theirs")]
    assert {result(better_auth.token()), result(other_source.token())} == {"accepted"}

    forged = better_auth.token(key=other_source.keys[0])

    assert result(forged) == "key"


def test_a_source_accepts_its_own_audiences_only(
    better_auth: KeyServer, other_source: KeyServer, settings: Any
) -> None:
    (entry,) = settings.AUTH_SOURCES
    settings.AUTH_SOURCES = [replace(entry, audiences=("https://api.todo.test", "tasks"))]

    audiences: tuple[Any, ...] = (
        "https://api.todo.test", "tasks", ["mail", "tasks"],
        other_source.origin, "task", [], None, ["https://api.todo.test tasks"], [["tasks"]],
    )  # fmt: skip
    results = [result(other_source.token(aud=audience)) for audience in audiences]

    assert results == ["accepted"] * 3 + ["audience"] * 6
    assert result(better_auth.token(aud="tasks")) == "audience"


@pytest.mark.django_db(transaction=True)  # a reading token makes its transaction read-only
def test_oauth_tokens_are_accepted_beside_session_tokens_of_the_same_app(
    better_auth: KeyServer, settings: Any
) -> None:
    issuer, api = f"{better_auth.origin}/api/auth", "https://api.todo.test"
    settings.AUTH_SOURCES = [Source(issuer, better_auth.url, (api,), "AUTH_SOURCES[0]")]
    session = client_with(better_auth.token("alice"))
    agent = client_with(
        better_auth.token("alice", iss=issuer, aud=[api], scope="openid tasks:read", azp="agent")
    )

    created = session.post("/api/tasks", {"title": "Water the plants"})
    read, written = agent.get("/api/tasks"), agent.post("/api/tasks", {"title": "Spam"})
    mixed = result(better_auth.token("alice", iss=issuer))  # the audience of the session token

    assert [created.status_code, read.status_code, written.status_code] == [201, 200, 403]
    assert [task["title"] for task in read.json()] == ["Water the plants"]
    assert written.json()["code"] == "insufficient_scope"
    assert mixed == "audience"
    # Both have the same address, so the key set was fetched once.
    (key_set,) = verifier().key_sets
    assert key_set.source == f"{better_auth.origin}, {issuer}"
    assert better_auth.requests == 1


# --- Unknown issuers ------------------------------------------------------------------------------

ISSUERS: dict[str, str] = {
    "another": '{"iss": "https://evil.todo.test"}',
    "missing": "{}",
    "null": '{"iss": null}',
    "a number": '{"iss": 1}',
    "a list with a known one": '{"iss": ["ORIGIN"]}',
    "an object": '{"iss": {"ORIGIN": 1}}',
    "empty": '{"iss": ""}',
    "with a slash": '{"iss": "ORIGIN/"}',
    "with a blank": '{"iss": " ORIGIN"}',
    "in another case": '{"iss": "HTTP://127.0.0.1"}',
    "twice": '{"iss": "https://evil.todo.test", "iss": "ORIGIN"}',
    "twice, once escaped": '{"\\u0069ss": "https://evil.todo.test", "iss": "ORIGIN"}',
    "a surrogate": '{"iss": "\\ud800"}',
    "of 5,000 characters": json.dumps({"iss": "https://" + "x" * 5_000}),
    "in a list": '[{"iss": "ORIGIN"}]',
    "not JSON": "iss=ORIGIN",
    "not UTF-8": '{"iss": "ORIGIN", "x": "\udcff"}',
}


def token_of(payload: str, origin: str = "") -> str:
    """Returns a token with this payload, and a signature that is not verified."""
    head = encoded(b'{"alg": "EdDSA", "kid": "first"}')
    body = encoded(payload.replace("ORIGIN", origin).encode(errors="surrogateescape"))
    return f"{head}.{body}.{encoded(b'0' * 64)}"


@pytest.mark.parametrize("name", ISSUERS)
def test_an_unknown_issuer_is_refused_without_a_fetch(
    better_auth: KeyServer, other_source: KeyServer, name: str
) -> None:
    token = token_of(ISSUERS[name], better_auth.origin)
    assert len(token) <= MAX_TOKEN_CHARACTERS

    assert result(token) == "source"
    assert (better_auth.requests, other_source.requests) == (0, 0)


def test_tokens_of_unknown_issuers_leave_nothing_in_memory(
    better_auth: KeyServer, other_source: KeyServer
) -> None:
    def refuse(count: int) -> None:
        for number in range(count):
            issuer = f"https://{number}.{'x' * 500}.todo.test"
            assert result(token_of(json.dumps({"iss": issuer}))) == "source"

    refuse(100)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        refuse(10_000)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert after - before < 100_000
    found = verifier()
    assert isinstance(found, SourcesVerifier)
    cached = [each._signed_claims.cache_info().currsize for each in found.sources.values()]
    assert cached == [0, 0]


def test_with_one_source_the_issuer_is_checked_after_the_signature(
    better_auth: KeyServer, settings: Any
) -> None:
    settings.BETTER_AUTH_URL = settings.BETTER_AUTH_ISSUER = settings.BETTER_AUTH_AUDIENCE = ""
    settings.AUTH_SOURCES = [Source(better_auth.origin, better_auth.url, ("tasks",), "entry")]

    assert result(better_auth.token(aud="tasks")) == "accepted"
    assert result(better_auth.token(aud="tasks", iss="https://evil.todo.test")) == "issuer"
    assert result(better_auth.token(iss="other", key=SigningKey("first"))) == "signature"


# --- HS256 tokens beside them ---------------------------------------------------------------------


def test_hs256_tokens_have_the_issuer_of_better_auth_url(
    better_auth: KeyServer, other_source: KeyServer, settings: Any
) -> None:
    app, other = better_auth.origin, other_source.origin
    only_keys = result(token_for("alice", iss=app, aud=app))
    settings.BETTER_AUTH_TOKENS = ["jwks", "hs256"]
    verifier.cache_clear()

    assert only_keys == "algorithm"
    assert result(token_for("alice", iss=app, aud=app)) == "accepted"
    assert result(token_for("alice", iss=other, aud=other)) == "issuer"
    assert (better_auth.requests, other_source.requests) == (0, 0)
    assert {result(better_auth.token()), result(other_source.token())} == {"accepted"}


def test_hs256_tokens_beside_a_single_entry_need_no_issuer(
    better_auth: KeyServer, settings: Any
) -> None:
    settings.BETTER_AUTH_URL = settings.BETTER_AUTH_ISSUER = settings.BETTER_AUTH_AUDIENCE = ""
    settings.BETTER_AUTH_TOKENS = ["jwks", "hs256"]
    settings.AUTH_SOURCES = [Source(better_auth.origin, better_auth.url, ("tasks",), "entry")]

    assert result(token_for("alice")) == "accepted"
    assert result(better_auth.token(aud="tasks")) == "accepted"
    assert result(better_auth.token(aud="tasks", iss="https://evil.todo.test")) == "issuer"


# --- Outages and floods ---------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_unreachable_source_is_a_503_for_its_own_tokens_only(
    better_auth: KeyServer, other_source: KeyServer
) -> None:
    other_source.response = (500, "text/plain", b"", {})

    statuses = [
        client_with(token).get("/api/tasks").status_code
        for token in (better_auth.token(), other_source.token(), better_auth.token())
    ]

    assert statuses == [200, 503, 200]


def test_known_keys_of_an_unreachable_source_stay_in_use(
    better_auth: KeyServer, other_source: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "time", clock := Clock())
    tokens = better_auth.token(), other_source.token()
    before = [result(token) for token in tokens]
    other_source.response = (500, "text/plain", b"", {})

    clock.ahead = 23 * 3_600
    stale = [result(token) for token in tokens]
    assert until(lambda: better_auth.requests == other_source.requests == 2)
    assert until(lambda: not any(key_set._fetch for key_set in verifier().key_sets))
    clock.ahead = 25 * 3_600
    too_old = [result(token) for token in tokens]

    assert before == stale == ["accepted", "accepted"]
    assert too_old == ["accepted", "unavailable"]


def test_one_source_rotates_its_key_under_load_while_another_is_down(
    better_auth: KeyServer, other_source: KeyServer
) -> None:
    assert result(better_auth.token()) == "accepted"
    other_source.response = (500, "text/plain", b"", {})
    stopped = threading.Event()
    stays = better_auth.keys[0]

    def work(number: int) -> set[tuple[str, str]]:
        if number == 0:
            for turn in range(4):  # fewer than BURST: each new key is fetched for its first token
                better_auth.keys = [*better_auth.keys, SigningKey(f"key-{turn}")]
                time.sleep(0.3)
            stopped.set()
        results = set()
        while not stopped.is_set():
            newest = better_auth.keys[-1]
            results.add(("healthy", result(better_auth.token(f"{number}", key=newest))))
            results.add(("healthy", result(better_auth.token(f"{number}", key=stays))))
            results.add(("down", result(other_source.token(f"{number}"))))
        return results

    results: set[tuple[str, str]] = set().union(*in_threads(8, work))  # type: ignore[arg-type]

    assert results == {("healthy", "accepted"), ("down", "unavailable")}


def test_a_flood_of_unknown_key_ids_for_one_source_leaves_the_fetches_of_the_others(
    better_auth: KeyServer, other_source: KeyServer
) -> None:
    assert {result(better_auth.token()), result(other_source.token())} == {"accepted"}
    unknown = SigningKey("unknown")
    flood = [better_auth.token(key=replace(unknown, kid=f"unknown-{n}")) for n in range(200)]

    assert {result(token) for token in flood} == {"key"}
    new = SigningKey("second")
    other_source.keys.append(new)

    assert result(other_source.token(key=new)) == "accepted"
    assert 1 + BURST <= better_auth.requests <= 1 + BURST + 2
    assert other_source.requests == 2


def test_log_lines_name_issuer_and_address_without_secrets(
    better_auth: KeyServer,
    other_source: KeyServer,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="accounts.keys")
    secret = f"{other_source.url}?key=s3cr3t"
    settings.AUTH_SOURCES = [replace(settings.AUTH_SOURCES[0], jwks=secret)]
    better_auth.response = (500, "text/plain", b"", {})

    results = [result(better_auth.token()), result(other_source.token())]

    assert results == ["unavailable", "accepted"]
    app, other = better_auth, other_source
    assert [record.getMessage() for record in caplog.records] == [
        "Key set out of reach and no key is known (status 500):"
        f" issuer {app.origin}, address {app.url}",
        f"Key set in reach (1 keys): issuer {other.origin}, address {other.url}",
    ]


# --- Processes ------------------------------------------------------------------------------------

FORK = """
import os, sys, time
from accounts.keys import KeySet
from accounts.tokens import SourcesVerifier, Verifier
moment, *arguments = sys.argv[1:]
tokens, urls, origins = arguments[0:2], arguments[2:4], arguments[4:6]
verifiers = [Verifier(None, KeySet(u), o, o) for u, o in zip(urls, origins)]
several = SourcesVerifier(None, verifiers)
first, second = several.key_sets
if moment == "one set is locked":
    several.verify(tokens[0])
    first._lock.acquire()
elif moment == "one set is fetched":
    several.verify(tokens[1])
    first._start_fetch()
    assert first._fetch
child = os.fork()
if child == 0:
    found = [several.verify(token).user_id for token in tokens]
    os._exit(0 if found == ["alice", "bob"] and first.find("unknown") is None else 1)
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.parametrize("moment", ["at rest", "one set is locked", "one set is fetched"])
def test_a_forked_child_verifies_the_tokens_of_every_source(
    better_auth: KeyServer, other_source: KeyServer, moment: str
) -> None:
    servers = better_auth, other_source
    better_auth.delay = 0.5

    done = subprocess.run(
        [
            sys.executable, "-W", "ignore", "-c", FORK, moment,
            better_auth.token("alice"), other_source.token("bob"),
            *(server.url for server in servers), *(server.origin for server in servers),
        ],
        cwd=ROOT, timeout=30, capture_output=True, text=True,
        env={"DJANGO_SETTINGS_MODULE": "todo_api.tests.settings"},
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_a_service_without_better_auth_url_accepts_the_tokens_of_its_sources(serve: Serve) -> None:
    with KeyServer() as first, KeyServer() as second:
        entries = [
            {"issuer": first.origin},
            {"issuer": f"{second.origin}/api/auth", "audience": ["web", "tasks"]},
        ]
        address = serve(
            "--workers", "2", AUTH_SOURCES=json.dumps(entries), BETTER_AUTH_URL="",
            BETTER_AUTH_SECRET="",
        )  # fmt: skip
        theirs: dict[str, Any] = {"iss": f"{second.origin}/api/auth", "aud": "tasks"}

        def status(token: str) -> int:
            signed_in: dict[str, Any] = {"authorization": f"Bearer {token}"}
            return send(address, request("GET", "/api/tasks", **signed_in)).status

        statuses = [
            status(token)
            for token in (
                first.token(), second.token(**theirs), second.token(),
                first.token(key=second.keys[0]), first.token(**theirs), token_for("alice"),
            )
        ]  # fmt: skip

    assert statuses == [200, 200, 401, 401, 401, 401]
