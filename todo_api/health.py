"""Liveness and readiness endpoints. They need no token and reveal no details."""

import logging
from collections.abc import Callable

from django.db import DatabaseError, connection
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.identity import as_owner
from accounts.keys import fetch_first_keys
from accounts.tokens import verifier
from todo_api.maintenance import access
from todo_api.maintenance.migrations import is_of_newer_release, unapplied

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
    """A view for load balancers. It ignores tokens, and has no rate limit: a 429 would make a busy
    instance look dead.
    """

    http_method_names = ["get", "head"]  # the Allow header lists these
    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer,)  # the same in every API_CONTRACT
    throttle_classes = ()


class AliveView(ProbeView):
    @extend_schema(summary="Liveness: the process responds", responses=status)
    def get(self, request: Request) -> Response:
        """Uses no dependency, so that a sleeping database is not woken."""
        return Response({"status": "healthy"})


class HealthView(ProbeView):
    @extend_schema(
        summary="Health: the process and its database respond",
        responses={200: status, 503: status},
    )
    def get(self, request: Request) -> Response:
        if _passes("database", _database):
            return Response({"status": "healthy"})
        return Response({"status": "unhealthy"}, 503, headers=RETRY)


class ReadyView(ProbeView):
    @extend_schema(
        summary="Readiness: all dependencies of a request are available",
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
        # The text of the error may contain the address of the database.
        logger.warning("Health check %s failed: %s", name, type(exc).__name__)
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _migrations() -> bool:
    return not unapplied()


def _role() -> bool:
    """The connection can run as todo_user, with the privileges and policies of requests."""
    if access.other_schema() or not access.runs_as_todo_user():
        return False
    # During a deployment, the tables' privileges and policies may be those of a newer release.
    find = access.missing_before_migrating if is_of_newer_release() else access.missing
    return not find()


def _key_set() -> bool:
    """Some tokens can be verified: HS256 ones, or those of a source whose keys are known or can be
    fetched now. One key server that is down must not take the service from the users of others.
    """
    takes_hs256 = verifier().secret is not None
    return fetch_first_keys(verifier().key_sets, wait=not takes_hs256) or takes_hs256


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "migrations": _migrations,
    "role": _role,
    "key_set": _key_set,
}
