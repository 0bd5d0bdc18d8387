"""Health probes: what each of them checks. None requires a token."""

import time
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from rest_framework.test import APIClient

from accounts.tests.key_server import KeyServer
from accounts.tests.test_keys import until
from accounts.tokens import verifier
from todo_api.maintenance import access


@pytest.mark.parametrize("path", ["/health", "/api/health", "/health/", "/api/health/"])
def test_health_queries_the_database(
    anonymous: APIClient, db: None, path: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        response = anonymous.get(path)

    assert (response.status_code, response.json()) == (200, {"status": "healthy"})


def test_healthz_queries_nothing(anonymous: APIClient) -> None:
    # Without the `db` fixture any query would raise.
    response = anonymous.get("/healthz", HTTP_AUTHORIZATION="Bearer nonsense")

    assert (response.status_code, response.json()) == (200, {"status": "healthy"})


@pytest.mark.django_db
def test_readyz_checks_all_dependencies_of_a_request(anonymous: APIClient) -> None:
    response = anonymous.get("/readyz")

    checks = dict.fromkeys(("database", "migrations", "role", "key_set"), "ok")
    assert (response.status_code, response.json()) == (200, {"status": "ready", "checks": checks})


@pytest.mark.django_db
def test_readyz_fails_while_a_migration_is_missing(anonymous: APIClient) -> None:
    MigrationRecorder(connection).record_unapplied("sessions", "0001_initial")

    response = anonymous.get("/readyz")

    assert (response.status_code, response.json()["checks"]["migrations"]) == (503, "failing")
    assert response.headers["Retry-After"] == "2"


@pytest.mark.django_db
def test_readyz_fails_where_the_role_of_requests_is_missing(anonymous: APIClient) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER ROLE todo_user RENAME TO renamed")

    response = anonymous.get("/readyz")

    assert (response.status_code, response.json()["checks"]["role"]) == (503, "failing")


@pytest.mark.django_db
def test_readyz_fails_where_the_connection_is_in_another_schema(
    anonymous: APIClient, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "missing", list)
    settings.DATABASE_SCHEMA = "elsewhere"

    response = anonymous.get("/readyz")

    assert (response.status_code, response.json()["checks"]["role"]) == (503, "failing")


@pytest.mark.django_db
def test_readyz_fails_where_a_privilege_of_requests_is_missing(anonymous: APIClient) -> None:
    with connection.cursor() as cursor:
        cursor.execute("REVOKE INSERT ON tasks_task FROM todo_user")

    response = anonymous.get("/readyz")

    assert (response.status_code, response.json()["checks"]["role"]) == (503, "failing")


@pytest.mark.django_db
def test_an_older_release_is_ready_after_a_newer_one_has_changed_privileges(
    anonymous: APIClient,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("GRANT SELECT (password) ON accounts_user TO todo_user")
    before = anonymous.get("/readyz").status_code
    MigrationRecorder(connection).record_applied("tasks", "9999_of_a_newer_release")

    after = anonymous.get("/readyz").status_code

    assert (before, after) == (503, 200)


@pytest.mark.django_db
def test_readyz_fails_until_keys_are_fetched(anonymous: APIClient, better_auth: KeyServer) -> None:
    better_auth.response = (500, "text/plain", b"", {})
    before = anonymous.get("/readyz")
    better_auth.response = None

    assert (before.status_code, before.json()["checks"]["key_set"]) == (503, "failing")


@pytest.mark.django_db
def test_readyz_succeeds_after_keys_were_fetched_even_if_the_key_server_is_down(
    anonymous: APIClient, better_auth: KeyServer
) -> None:
    assert anonymous.get("/readyz").status_code == 200
    better_auth.go_down()
    assert anonymous.get("/readyz").status_code == 200
    better_auth.come_back()


@pytest.mark.django_db
def test_readyz_succeeds_while_a_source_has_keys(
    anonymous: APIClient, better_auth: KeyServer, other_source: KeyServer
) -> None:
    better_auth.response = (500, "text/plain", b"", {})

    one_down = anonymous.get("/readyz")
    verifier.cache_clear()
    other_source.response = better_auth.response
    both_down = anonymous.get("/readyz")

    assert (one_down.status_code, both_down.status_code) == (200, 503)
    assert both_down.json()["checks"]["key_set"] == "failing"


@pytest.mark.django_db
def test_readyz_fetches_the_keys_of_a_source_that_came_back(
    anonymous: APIClient, better_auth: KeyServer, other_source: KeyServer
) -> None:
    other_source.response = (500, "text/plain", b"", {})
    assert anonymous.get("/readyz").status_code == 200
    other_source.response = None
    _, key_set = verifier().key_sets
    assert until(lambda: key_set._fetch is None)
    key_set._refresh_at = 0  # ends the back-off

    assert anonymous.get("/readyz").status_code == 200
    assert until(lambda: bool(key_set.known()))


@pytest.mark.django_db
def test_readyz_waits_for_all_sources_at_once(
    anonymous: APIClient, better_auth: KeyServer, other_source: KeyServer
) -> None:
    better_auth.delay = other_source.delay = 1

    started_at = time.monotonic()
    status = anonymous.get("/readyz").status_code

    assert status == 200
    assert time.monotonic() - started_at < 1.9


@pytest.mark.django_db
def test_readyz_succeeds_without_keys_where_hs256_tokens_are_accepted(
    anonymous: APIClient, better_auth: KeyServer, settings: Any
) -> None:
    settings.BETTER_AUTH_TOKENS = ["jwks", "hs256"]
    better_auth.response, better_auth.delay = (500, "text/plain", b"", {}), 1

    started_at = time.monotonic()
    status = anonymous.get("/readyz").status_code

    assert status == 200
    assert time.monotonic() - started_at < 0.9
    assert until(lambda: better_auth.requests == 1)
