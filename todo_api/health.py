"""Liveness and readiness. They reveal nothing and need no token."""

import logging
from collections.abc import Callable

from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.identity import AS_PERSON, as_owner
from accounts.tokens import verifier

logger = logging.getLogger(__name__)

RETRY = {"Retry-After": "2"}
status = inline_serializer("Health", {"status": serializers.CharField()})
readiness = inline_serializer(
    "Readiness",
    {
        "status": serializers.CharField(),
        "checks": serializers.DictField(child=serializers.CharField()),
    },
)


class ProbeView(APIView):
    """For load balancers: no token is asked for, and one that is sent is not looked at. Nor are
    they limited: a machine that is out of breath would be taken for dead.
    """

    http_method_names = ["get", "head"]  # as Allow names them
    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer,)  # for machines: the same in every contract
    throttle_classes = ()


class AliveView(ProbeView):
    @extend_schema(summary="The process answers", tags=["health"], responses=status)
    def get(self, request: Request) -> Response:
        """Asks nobody else, so that a sleeping database stays asleep."""
        return Response({"status": "healthy"})


class HealthView(ProbeView):
    @extend_schema(
        summary="The process and its database answer",
        tags=["health"],
        responses={200: status, 503: status},
    )
    def get(self, request: Request) -> Response:
        if _passes("database", _database):
            return Response({"status": "healthy"})
        return Response({"status": "unhealthy"}, 503, headers=RETRY)


class ReadyView(ProbeView):
    @extend_schema(
        summary="Everything that a request needs is in place",
        tags=["health"],
        responses={200: readiness, 503: readiness},
    )
    def get(self, request: Request) -> Response:
        results = {name: _passes(name, check) for name, check in CHECKS.items()}
        checks = {name: "ok" if passed else "failing" for name, passed in results.items()}
        if all(results.values()):
            return Response({"status": "ready", "checks": checks})
        return Response({"status": "not ready", "checks": checks}, 503, headers=RETRY)


def _passes(name: str, check: Callable[[], bool]) -> bool:
    try:
        with as_owner("health"):
            return check()
    except DatabaseError as exc:
        # The error's text may hold the database's address: only its kind is logged.
        logger.warning("Health check %s failed: %s", name, type(exc).__name__)
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _role() -> bool:
    """The connection may become nobody, as requests become somebody. Undone at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(AS_PERSON, [""])
        transaction.set_rollback(True)
    return True


def _key_set() -> bool:
    """Keys are known; fetched now if none has been seen yet. Nothing to ask in HS256 mode."""
    key_set = verifier().key_set
    return key_set is None or bool(key_set.known()) or key_set.refresh()


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "migrations": _migrations,
    "role": _role,
    "key_set": _key_set,
}
