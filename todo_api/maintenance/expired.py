"""What has outlived its use, by the clock alone."""

from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Attempts
from tasks.idempotency import REMEMBERED
from tasks.models import IdempotencyRecord


def expired() -> list[QuerySet[Any]]:
    """Answers kept for an Idempotency-Key, counters of attempts, sessions of the admin, figures of
    traffic. Each is found by an index.
    """
    now = timezone.now()
    # By name, because operations looks at us and we do not lean on it.
    traffic: Any = apps.get_model("operations", "Traffic")
    return [
        IdempotencyRecord.objects.filter(created_at__lte=now - REMEMBERED),
        Attempts.objects.filter(expires_at__lte=now),
        Session.objects.filter(expire_date__lte=now),
        traffic.objects.expired(),
    ]
