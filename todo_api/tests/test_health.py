"""Probes: what they look at, and that they ask for no token."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from rest_framework.test import APIClient

from accounts.tests.key_server import KeyServer


@pytest.mark.parametrize("path", ["/health", "/api/health", "/health/", "/api/health/"])
def test_health_asks_the_database(
    nobody: APIClient, db: None, path: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        response = nobody.get(path)

    assert (response.status_code, response.json()) == (200, {"status": "healthy"})


def test_healthz_asks_nobody(nobody: APIClient) -> None:
    # Without the `db` fixture any query would raise.
    response = nobody.get("/healthz", HTTP_AUTHORIZATION="Bearer nonsense")

    assert (response.status_code, response.json()) == (200, {"status": "healthy"})


@pytest.mark.django_db
def test_readyz_looks_at_everything_a_request_needs(nobody: APIClient) -> None:
    response = nobody.get("/readyz")

    checks = dict.fromkeys(("database", "migrations", "role", "key_set"), "ok")
    assert (response.status_code, response.json()) == (200, {"status": "ready", "checks": checks})


@pytest.mark.django_db
def test_readyz_fails_while_a_migration_is_missing(nobody: APIClient) -> None:
    MigrationRecorder(connection).record_unapplied("sessions", "0001_initial")

    response = nobody.get("/readyz")

    assert (response.status_code, response.json()["checks"]["migrations"]) == (503, "failing")
    assert response.headers["Retry-After"] == "2"


@pytest.mark.django_db
def test_readyz_fails_where_requests_cannot_become_their_role(nobody: APIClient) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER ROLE todo_user RENAME TO somebody_else")

    response = nobody.get("/readyz")

    assert (response.status_code, response.json()["checks"]["role"]) == (503, "failing")


@pytest.mark.django_db
def test_readyz_fails_while_no_key_was_ever_seen(nobody: APIClient, better_auth: KeyServer) -> None:
    better_auth.answer = (500, "text/plain", b"", {})
    before = nobody.get("/readyz")
    better_auth.answer = None

    assert (before.status_code, before.json()["checks"]["key_set"]) == (503, "failing")


@pytest.mark.django_db
def test_readyz_passes_once_keys_were_fetched(nobody: APIClient, better_auth: KeyServer) -> None:
    assert nobody.get("/readyz").status_code == 200
    better_auth.go_down()
    assert nobody.get("/readyz").status_code == 200
    better_auth.come_back()
